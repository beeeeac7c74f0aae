import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../user-error.ts';

/** How long a server that does not answer is waited for: longer than most take to be mended. */
export const PATIENCE_MS = 24 * 3600 * 1000;

/** Returns after so long, or at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

export type WaitOptions = {
  /** Whether what has kept it from being opened may pass by itself. */
  readonly mayWait: (error: UserError) => boolean;
  /** For so long at the most. */
  readonly waitMs: number;
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
};

/**
 * Opens what may not be there yet, again and again, and says once what it waits for.
 *
 * @returns null when told to stop
 * @throws what `open` throws, where that is not to be waited for, or not any longer
 */
export async function whenThere<T>(
  open: () => Promise<T>,
  { mayWait, waitMs, pollMs, signal, notice }: WaitOptions,
): Promise<T | null> {
  const until = performance.now() + waitMs;
  for (let hasSaid = false; !signal.aborted; hasSaid = true) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof UserError && mayWait(error)) || performance.now() >= until) throw error;
      if (!hasSaid) notice(`waiting: ${error.message}`);
    }
    await pause(pollMs, signal);
  }
  return null;
}
