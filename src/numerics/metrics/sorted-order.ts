import type { Workspace } from '../workspace.ts';

/** Bytes of the kernel's counts: six digits of eleven bits. */
const COUNTS_BYTES = 4 * 6 * 2048;

/**
 * (n) the order that sorts `values` ascending, equal ones as they stand, −0 and 0 being equal; in a fraction of the time that
 * comparing takes (`kernels/assembly/sort.ts`).
 *
 * @param values (n) no NaN
 */
export function sortedOrder(workspace: Workspace, values: ArrayLike<number>): Int32Array<ArrayBuffer> {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const n = values.length;
    const keys = arena.float64(n, 'dirty');
    keys.set(values);
    const order = arena.int32(n, 'dirty');
    kernels.run.sortedOrder(kernels.at(keys), n, kernels.at(order), arena.reserve(12 * n + COUNTS_BYTES));
    return new Int32Array(order);
  });
}

/** Bytes of shared memory that sorting n numbers takes for a while. */
export function sortSizeBytes(n: number): number {
  return 24 * n + COUNTS_BYTES + 4 * 64;
}
