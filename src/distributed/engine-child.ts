import { openHost } from '../execution/host.ts';
import type { HostEngine } from '../execution/host-engine.ts';
import type { SweepObserver } from '../execution/observer.ts';
import type { OpenSlice, OutcomeSink, SliceRows } from '../execution/slice-engine.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import {
  type FromChild,
  type OpenedSlice,
  type SentRows,
  type SliceCall,
  sentError,
  type ToChild,
} from './engine-messages.ts';

/** The child's end of its channel. */
export type ParentChannel = {
  readonly send: (message: FromChild) => void;
  readonly onMessage: (listener: (message: ToChild) => void) => void;
};

/**
 * Judges for a worker, in a process of its own: it reads data, has the threads and the memory, and may block, run out of
 * memory or be killed. What is known, what is to be judged and what becomes of outcomes is the parent's to say. It goes on
 * until the parent is gone.
 */
export function runEngineChild(channel: ParentChannel): void {
  const child = new EngineChild(channel);
  channel.onMessage((message) => child.receive(message));
}

class EngineChild implements OutcomeSink {
  readonly knowsNothing = false;
  readonly #channel: ParentChannel;
  /** Of the slice that was asked for; undefined while none is. */
  #wanted: ((slice: PlannedDataset | null) => void) | undefined;
  #stop = new AbortController();
  #nextCall = 1;
  readonly #calls = new Map<number, (opened: OpenedSlice | null) => void>();
  readonly #parts = new WeakMap<PlannedDataset, number>();

  constructor(channel: ParentChannel) {
    this.#channel = channel;
  }

  receive(message: ToChild): void {
    switch (message.kind) {
      case 'open':
        this.#judgeAll(message).catch((error: unknown) => this.#send({ kind: 'threw', error: sentError(error) }));
        return;
      case 'slice':
        this.#parts.set(message.slice, message.part);
        this.#give(message.slice);
        return;
      case 'answer':
        this.#calls.get(message.call)?.(message.opened);
        this.#calls.delete(message.call);
        return;
      case 'stop':
        this.#stop.abort();
        this.#give(null);
    }
  }

  async #judgeAll({ work, options }: Extract<ToChild, { kind: 'open' }>): Promise<never> {
    const observer: SweepObserver = {
      phase: ({ phase }) => this.#send({ kind: 'phase', phase }),
      cacheProblem: (message) => this.#send({ kind: 'cache-problem', message }),
      batchLost: (event) => this.#send({ kind: 'batch-lost', ...event }),
    };
    await using host = await openHost(work, options, observer);
    using engine = await host.start();
    this.#send({ kind: 'ready', evaluations: host.evaluations, memoryBytes: host.memoryPlan.totalBytes });
    for (;;) await this.#judgeUntilStopped(engine);
  }

  async #judgeUntilStopped(engine: HostEngine): Promise<void> {
    await engine.run({ [Symbol.asyncIterator]: () => ({ next: () => this.#next() }) }, this, this.#stop.signal);
    this.#stop = new AbortController();
    this.#send({ kind: 'stopped' });
  }

  async #next(): Promise<IteratorResult<PlannedDataset, undefined>> {
    if (this.#stop.signal.aborted) return { done: true, value: undefined };
    const slice = await new Promise<PlannedDataset | null>((resolve) => {
      this.#wanted = resolve;
      this.#send({ kind: 'wants-slice' });
    });
    return slice === null ? { done: true, value: undefined } : { done: false, value: slice };
  }

  #give(slice: PlannedDataset | null): void {
    this.#wanted?.(slice);
    this.#wanted = undefined;
  }

  async open(slice: PlannedDataset, rows: SliceRows): Promise<OpenSlice> {
    const part = this.#parts.get(slice)!;
    const sent: SentRows = rows.kind === 'built' ? rows : { kind: 'unbuilt', error: sentError(rows.error) };
    const { remaining, wantsDays } = (await this.#call(part, { asks: 'open', rows: sent }))!;
    const wanted = new Set(remaining);
    return {
      remaining: slice.configurations.filter(({ id }) => wanted.has(id)),
      wantsDays,
      tellDays: async (days) => {
        await this.#call(part, { asks: 'days', days });
      },
      begin: () => this.#send({ kind: 'tell', part, says: 'begin' }),
      settle: (outcome) => this.#send({ kind: 'tell', part, says: 'settle', outcome }),
      fail: (error) => this.#send({ kind: 'tell', part, says: 'fail', error: sentError(error) }),
      stored: async () => {
        await this.#call(part, { asks: 'stored' });
      },
      [Symbol.asyncDispose]: async () => {
        await this.#call(part, { asks: 'close' });
      },
    };
  }

  #call(part: number, asked: SliceCall): Promise<OpenedSlice | null> {
    const call = this.#nextCall++;
    return new Promise((resolve) => {
      this.#calls.set(call, resolve);
      this.#send({ kind: 'call', call, part, ...asked });
    });
  }

  #send(message: FromChild): void {
    this.#channel.send(message);
  }
}
