import type { Moments, StandardizedRows } from './standardized-rows.ts';

/** Scores of raw features, x · weights + bias: the features’ moments are folded in, so that a reader needs no other file. */
export type LinearHead = {
  readonly nOutputs: number;
  /** (nFeatures × nOutputs), row-major. */
  readonly weights: Float32Array;
  /** (nOutputs) */
  readonly bias: Float32Array;
};

/**
 * (coef, intercept) over standardised features, turned to raw ones: wⱼ / scaleⱼ and c − Σ wⱼ·meanⱼ / scaleⱼ.
 *
 * @param coef (nOutputs × (nFeatures + 1)), row-major, each output's intercept last
 */
export function foldMoments(coef: Float64Array, nOutputs: number, { mean, scale }: Moments): LinearHead {
  const nFeatures = mean.length;
  const weights = new Float32Array(nFeatures * nOutputs);
  const bias = new Float32Array(nOutputs);
  for (let output = 0; output < nOutputs; output += 1) {
    const own = coef.subarray(output * (nFeatures + 1), (output + 1) * (nFeatures + 1));
    let intercept = own[nFeatures]!;
    for (let j = 0; j < nFeatures; j += 1) {
      weights[j * nOutputs + output] = own[j]! / scale[j]!;
      intercept -= (own[j]! * mean[j]!) / scale[j]!;
    }
    bias[output] = intercept;
  }
  return { nOutputs, weights, bias };
}

/** One output's scores of standardised rows, (nRows). */
export function scores({ nRows, nColumns, x }: StandardizedRows, coef: Float64Array): Float64Array {
  const out = new Float64Array(nRows);
  for (let i = 0; i < nRows; i += 1) {
    let score = 0;
    for (let j = 0; j < nColumns; j += 1) score += coef[j]! * x[i * nColumns + j]!;
    out[i] = score;
  }
  return out;
}
