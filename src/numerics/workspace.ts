import { Kernels } from './kernels/load.ts';
import type { SharedArena } from './memory.ts';

/** What one thread computes with: the kernels on the shared memory and a range of it that is the thread's own. */
export class Workspace {
  readonly kernels: Kernels;
  readonly arena: SharedArena;

  readonly #cancelFlag: Int32Array | undefined;

  /** @param cancelFlag one shared number that is not 0 once the work is no longer wanted */
  constructor(arena: SharedArena, cancelFlag?: Int32Array) {
    this.kernels = kernelsOn(arena.memory);
    this.arena = arena;
    this.#cancelFlag = cancelFlag;
  }

  /** Long fits call this once an iteration. @throws Cancelled when the work is no longer wanted */
  throwIfCancelled(): void {
    if (this.#cancelFlag !== undefined && Atomics.load(this.#cancelFlag, 0) !== 0) throw new Cancelled('cancelled');
  }

  /** Runs `work` with temporary arrays from the arena, which are free again when it ends, however it ends. */
  temporary<T>(work: (arena: SharedArena) => T): T {
    const mark = this.arena.mark();
    try {
      return work(this.arena);
    } finally {
      this.arena.release(mark);
    }
  }
}

/** The work was no longer wanted; nothing is wrong with it. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';
}

const instances = new WeakMap<WebAssembly.Memory, Kernels>();

/** The kernels on a memory. A thread has one memory for its whole life, and instantiating the module costs more than a small fit. */
export function kernelsOn(memory: WebAssembly.Memory): Kernels {
  const known = instances.get(memory);
  if (known !== undefined) return known;
  const kernels = new Kernels(memory);
  instances.set(memory, kernels);
  return kernels;
}
