import { exp } from './elementary/exp.ts';
import type { Workspace } from './workspace.ts';

/** 1/(1 + e^−z), without overflow for any z, and as exact for small probabilities as for large ones. */
export function probability(z: number): number {
  const e = exp(-Math.abs(z));
  const inverse = 1 / (1 + e);
  return z >= 0 ? inverse : e * inverse;
}

/**
 * In place: z ← 1/(1 + e^−z), to the bits of `probability`.
 *
 * @param z on the workspace's memory; its length is even, since the kernel takes two at a time
 */
export function toProbabilities({ kernels }: Workspace, z: Float64Array<SharedArrayBuffer>): void {
  if (z.length % 2 !== 0) throw new RangeError(`probabilities: expected an even count, got ${z.length}`);
  kernels.run.logisticProbabilities(kernels.at(z), z.length, kernels.at(z));
}
