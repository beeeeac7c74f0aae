import { FITS_PER_PASS, sideBySide } from '../certificates/certify.ts';
import type { ModelRows } from '../rows/model-rows.ts';
import { passScratchLength, rowArguments } from '../rows/products.ts';
import { wholeFours } from '../whole-fours.ts';
import type { Workspace } from '../workspace.ts';

/** A model to be judged: predictions X·w + c, clipped to ±clip. */
export type Predictor = { readonly coef: Float64Array; readonly clip: number };

/**
 * Sums of absolute errors of models on a split, by day: out[c][d] = Σ_{i on day d} |yᵢ − clip(xᵢ·w_c, ±clip_c)|, y unclipped.
 * FITS_PER_PASS models share a pass over the rows.
 *
 * @returns one array (nDays) for each predictor; independent of the company it was computed in
 */
export function dailyAbsErrorSums(
  workspace: Workspace,
  model: ModelRows,
  nDays: number,
  predictors: readonly Predictor[],
): Float64Array[] {
  const out: Float64Array[] = [];
  for (let from = 0; from < predictors.length; from += FITS_PER_PASS) {
    workspace.throwIfCancelled();
    out.push(...onePass(workspace, model, nDays, predictors.slice(from, from + FITS_PER_PASS)));
  }
  return out;
}

function onePass(
  workspace: Workspace,
  model: ModelRows,
  nDays: number,
  predictors: readonly Predictor[],
): Float64Array[] {
  return workspace.temporary((arena) => {
    const { kernels } = workspace;
    const k = wholeFours(predictors.length);
    const coef = sideBySide(model, predictors, k, arena.float64(model.packedLength * k));
    const clip = arena.float64(k);
    clip.set(predictors.map((predictor) => predictor.clip));
    const losses = arena.float64(nDays * k);
    kernels.run.evaluateGroups(
      ...rowArguments(workspace, model),
      kernels.at(model.rows.target),
      kernels.at(model.rows.day),
      coef.byteOffset,
      k,
      clip.byteOffset,
      losses.byteOffset,
      arena.float64(passScratchLength(model, k), 'dirty').byteOffset,
    );
    return predictors.map((_, c) => Float64Array.from({ length: nDays }, (_value, day) => losses[day * k + c]!));
  });
}
