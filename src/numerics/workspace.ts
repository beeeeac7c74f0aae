import { Kernels } from './kernels/load.ts';
import type { SharedArena } from './memory.ts';

/** What one thread computes with: the kernels on the shared memory and a range of it that is the thread's own. */
export class Workspace {
  readonly kernels: Kernels;
  readonly arena: SharedArena;

  constructor(arena: SharedArena) {
    this.kernels = new Kernels(arena.memory);
    this.arena = arena;
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
