import { RESIDUAL_ROUNDING } from '../objectives/regression-objectives.ts';
import { type ModelRows, unpackCoefficients, weightOf } from '../rows/model-rows.ts';
import { dots, transposedVector } from '../rows/products.ts';
import { clipTo, eachEntry } from '../rows/targets.ts';
import type { Workspace } from '../workspace.ts';

/** What the rows say of an answer with sigma at its bound. */
export type BoundConditions = {
  /** (nCoef) Xᵀz */
  readonly products: Float64Array;
  /** n − Σz²: not below 0 where sigma belongs at its bound */
  readonly scaleGradient: number;
  /** rows that are not met */
  readonly outliers: number;
  /** the most by which a pull is not what its row allows, times the rows */
  readonly excess: number;
};

/**
 * The optimum's conditions where sigma stands at its bound and rows are met exactly. There r/σ is rounding over next to
 * nothing, so that what a row pulls with cannot be seen in its residual: the answer says it (z), and the rows are asked
 * whether it may be so. A row that is met, to rounding, pulls with at most ε, any other one with ε·sign(r). All of it in
 * float64 from the rows.
 *
 * @param coef (nCoef) for targets as they are
 * @param pulls (nEntries) z
 */
export function boundConditions(
  workspace: Workspace,
  model: ModelRows,
  { coef, clip, epsilon }: { readonly coef: Float64Array; readonly clip: number; readonly epsilon: number },
  pulls: Float64Array,
): BoundConditions {
  const { rows, nEntries, nSamples } = model;
  return workspace.temporary((arena) => {
    const r = arena.float64(nEntries, 'dirty');
    dots(workspace, model, coef, r);
    const largest = rows.target.reduce((most, target) => Math.max(most, Math.abs(clipTo(target, clip))), 0);
    const band = RESIDUAL_ROUNDING * largest;
    let squares = 0;
    let outliers = 0;
    let excess = 0;
    eachEntry(model, (entry, group) => {
      const residual = clipTo(rows.target[group]!, clip) - r[entry]!;
      const count = weightOf(model, entry);
      const z = pulls[entry]!;
      const isMet = Math.abs(residual) <= band;
      const wrong = isMet ? Math.max(Math.abs(z) - epsilon, 0) : Math.abs(z - epsilon * Math.sign(residual));
      // Written so that NaN wins.
      if (!(wrong <= excess)) excess = wrong;
      if (!isMet) outliers += count;
      squares += count * z * z;
    });
    const z = arena.float64(nEntries, 'dirty');
    z.set(pulls);
    const packed = arena.float64(model.packedLength);
    transposedVector(workspace, model, z, packed);
    const products = unpackCoefficients(model, packed);
    return { products, scaleGradient: nSamples - squares, outliers, excess: excess * nSamples };
  });
}
