import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { Workspace } from '../../src/numerics/workspace.ts';
import type { Random } from './random.ts';

/** A workspace on a memory of its own. */
export function testWorkspace(megabytes = 8): Workspace {
  return new Workspace(new SharedArena(createSharedMemory(megabytes * 2 ** 20)));
}

/** Standard normal features, rounded to float32 as a design matrix would hold them. */
export function normalRows(random: Random, nSamples: number, nFeatures: number): number[][] {
  return Array.from({ length: nSamples }, () => Array.from({ length: nFeatures }, () => Math.fround(random.normal())));
}

export function normalVector(random: Random, length: number): number[] {
  return Array.from({ length }, () => random.normal());
}

/** A copy of `values` in the workspace's memory. */
export function float64In(workspace: Workspace, values: ArrayLike<number>): Float64Array<SharedArrayBuffer> {
  const view = workspace.arena.float64(values.length);
  view.set(values);
  return view;
}
