import type { SharedArena } from '../numerics/memory.ts';

/**
 * Words that coordinator and workers share, each an Int32 of its own cache line.
 * `cancel`: drop everything at once.
 * `progress[slot]`: configurations of the slot's batch that are done, those of the pass behind it being in flight; NOT_BEGUN
 * until its worker has it.
 * `keeper[slot]`: the thread whose judge the slot's range still holds from its last batch, 0 for none.
 */
export type Control = {
  readonly cancel: Int32Array<SharedArrayBuffer>;
  readonly progress: readonly Int32Array<SharedArrayBuffer>[];
  readonly keeper: readonly Int32Array<SharedArrayBuffer>[];
};

export const NOT_BEGUN = -1;

export function allocateControl(arena: SharedArena, slots: number): Control {
  return {
    cancel: arena.int32(1),
    progress: Array.from({ length: slots }, () => arena.int32(1)),
    keeper: Array.from({ length: slots }, () => arena.int32(1)),
  };
}

/** Bytes that `allocateControl` takes. */
export function controlSizeBytes(slots: number): number {
  return (2 * slots + 1) * 64;
}
