import { type DesignMatrix, strideFor } from '../../src/numerics/design-matrix.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { Workspace } from '../../src/numerics/workspace.ts';
import type { Random } from './random.ts';

/** A workspace on a memory of its own. */
export function testWorkspace(megabytes = 8): Workspace {
  return new Workspace(new SharedArena(createSharedMemory(megabytes * 2 ** 20)));
}

/**
 * Rows of features as a design matrix: a 1 before them, zeros behind them.
 *
 * @param behind what stands behind a row's features instead of zeros; a model on fewer features has others there
 */
export function designMatrix(workspace: Workspace, rows: readonly (readonly number[])[], behind = 0): DesignMatrix {
  const nFeatures = rows[0]?.length ?? 0;
  const stride = strideFor(nFeatures);
  const x = workspace.arena.float32(rows.length * stride);
  rows.forEach((row, i) => {
    x.fill(behind, i * stride, (i + 1) * stride);
    x[i * stride] = 1;
    x.set(row, i * stride + 1);
  });
  return { x, stride, nSamples: rows.length };
}

/** A design matrix's first `nColumns` columns as plain rows of numbers, the leading 1 included. */
export function plainRows({ x, stride, nSamples }: DesignMatrix, nColumns: number): number[][] {
  return Array.from({ length: nSamples }, (_, i) => Array.from(x.subarray(i * stride, i * stride + nColumns)));
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

export function float32In(workspace: Workspace, values: ArrayLike<number>): Float32Array<SharedArrayBuffer> {
  const view = workspace.arena.float32(values.length);
  view.set(values);
  return view;
}

export function int32In(workspace: Workspace, values: ArrayLike<number>): Int32Array<SharedArrayBuffer> {
  const view = workspace.arena.int32(values.length);
  view.set(values);
  return view;
}
