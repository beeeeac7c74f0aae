import type { Workspace } from '../workspace.ts';
import { type ModelRows, unpackCoefficients } from './model-rows.ts';
import { transposedVector } from './products.ts';

/**
 * The targets of a split's rows under one clip. Solvers work on targets less `shift`, so that targets far from zero cost no
 * digits, and add it to the intercept at the end. All clips of a split share one shift, the middle target: a clip then moves
 * no target but those beyond it.
 */
export type Targets = {
  /** targets are clipped to ±clip; ∞: not at all */
  readonly clip: number;
  readonly shift: number;
  /** mean of the clipped targets t */
  readonly mean: number;
  /** Σ(t − shift)² over the rows */
  readonly squares: number;
  /** root mean square of t about their mean: the targets' size */
  readonly size: number;
};

/** A clip in bps as the kernels take it: 0 means no clip. */
export function clipBound(clipBps: number): number {
  return clipBps > 0 ? clipBps : Infinity;
}

export function clipTo(value: number, bound: number): number {
  return Math.max(-bound, Math.min(value, bound));
}

/** The middle of the groups' targets, each group once. */
export function middleTarget({ rows }: ModelRows): number {
  const sorted = rows.target.slice().sort();
  return sorted[sorted.length >> 1] ?? 0;
}

/** The targets under one clip. */
export function targetsFor({ rows }: ModelRows, clip: number, shift: number): Targets {
  const { target, first, nGroups, nRows } = rows;
  let sum = 0;
  let squares = 0;
  for (let g = 0; g < nGroups; g += 1) {
    const count = first[g + 1]! - first[g]!;
    const t = clipTo(target[g]!, clip) - shift;
    sum += count * t;
    squares += count * t * t;
  }
  const mean = shift + sum / nRows;
  let centred = 0;
  for (let g = 0; g < nGroups; g += 1) {
    const t = clipTo(target[g]!, clip) - mean;
    centred += (first[g + 1]! - first[g]!) * t * t;
  }
  return { clip, shift, mean, squares, size: Math.sqrt(centred / nRows) };
}

/** (nCoef) Xᵀ(t − shift). */
export function targetProducts(
  workspace: Workspace,
  model: ModelRows,
  { clip, shift }: Pick<Targets, 'clip' | 'shift'>,
): Float64Array {
  return workspace.temporary((arena) => {
    const v = arena.float64(model.nEntries, 'dirty');
    eachEntry(model, (entry, group) => {
      v[entry] = clipTo(model.rows.target[group]!, clip) - shift;
    });
    const packed = arena.float64(model.packedLength);
    transposedVector(workspace, model, v, packed);
    return unpackCoefficients(model, packed);
  });
}

/** Calls back for every entry of a model, ascending, with its group. */
export function eachEntry({ rows, readsState }: ModelRows, visit: (entry: number, group: number) => void): void {
  for (let g = 0; g < rows.nGroups; g += 1) {
    if (!readsState) visit(g, g);
    else for (let i = rows.first[g]!; i < rows.first[g + 1]!; i += 1) visit(i, g);
  }
}
