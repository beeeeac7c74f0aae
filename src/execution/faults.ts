import { exit, kill, pid } from 'node:process';
import type { PlannedConfiguration } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import type { FaultInjection } from './messages.ts';

const KINDS = ['throw', 'exit', 'heap', 'hang', 'kill'] as const;
const MOMENTS = ['first', 'always', 'preparing', 'preparing-first'] as const;

/** `exit:always:3fa9`, `throw:first:` (any configuration), `hang:preparing:`. @throws UserError when it is written otherwise */
export function parseFault(text: string): FaultInjection {
  const [kindText, when, configuration] = text.split(':');
  const kind = KINDS.find((known) => known === kindText);
  if (kind === undefined || !isMoment(when) || configuration === undefined) {
    throw new UserError(`fault: expected KIND:${MOMENTS.join('|')}:ID with KIND ${KINDS.join(', ')}, got ${text}`);
  }
  return { kind, when, configuration };
}

function isMoment(text: string | undefined): text is FaultInjection['when'] {
  return MOMENTS.some((moment) => moment === text);
}

/** Breaks this thread, for real, or its whole process, when the fault is meant for a side's preparation. */
export function injectPreparationFault(fault: FaultInjection | null, attempt: number): void {
  if (fault?.when === 'preparing' || (fault?.when === 'preparing-first' && attempt === 1)) breakThread(fault.kind);
}

/** Breaks this thread, for real, when the fault is meant for one of these configurations. */
export function injectFault(
  fault: FaultInjection | null,
  pass: readonly PlannedConfiguration[],
  attempt: number,
): void {
  if (fault?.when !== 'always' && !(fault?.when === 'first' && attempt === 1)) return;
  if (pass.some(({ id }) => id.startsWith(fault.configuration))) breakThread(fault.kind);
}

function breakThread(kind: FaultInjection['kind']): void {
  switch (kind) {
    case 'throw':
      throw new Error('injected fault: thrown');
    case 'exit':
      // In a worker thread this ends the thread alone.
      exit(3);
      return;
    case 'kill':
      // The process, its other threads and what coordinates them, as a system that is out of memory does it.
      kill(pid, 'SIGKILL');
      for (;;);
    case 'heap':
      exhaustHeap();
      return;
    case 'hang':
      // It never comes back to hear anyone, and leaves the core to those who wait for it.
      for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
  }
}

/** Step by step, as a leak does: in one large step the engine may find no place to stop the thread, and ends the process. */
function exhaustHeap(): void {
  let kept: { readonly before: unknown; readonly at: number } | null = null;
  for (let at = 0; ; at += 1) kept = { before: kept, at };
}
