import type { MemoryRange } from './messages.ts';

/** A numbered range of the shared memory that one task at a time writes to. */
export type TaskRange = { readonly number: number; readonly range: MemoryRange };

/** The task ranges that are free; who finds none waits for its turn. */
export class TaskRanges {
  readonly #free: TaskRange[];
  readonly #waiting: ((range: TaskRange) => void)[] = [];

  constructor(ranges: readonly TaskRange[]) {
    this.#free = [...ranges];
  }

  /** A free range, the one that was given back last: its thread, which is the one that is free now, may go on where it was. */
  take(): Promise<TaskRange> {
    const range = this.#free.pop();
    if (range !== undefined) return Promise.resolve(range);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Nothing may write to the range any more. */
  giveBack(range: TaskRange): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(range);
    else next(range);
  }
}
