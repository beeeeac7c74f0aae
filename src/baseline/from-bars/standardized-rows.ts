import type { FrameRow } from './symbol-frame.ts';

/** Rows of standardised features with a last column of ones for the intercept. */
export type StandardizedRows = {
  readonly nRows: number;
  /** Features + 1. */
  readonly nColumns: number;
  /** (nRows × nColumns), row-major. */
  readonly x: Float64Array;
  readonly moments: Moments;
};

/** (nFeatures) mean and population standard deviation; a column that does not vary has scale 1. */
export type Moments = { readonly mean: Float64Array; readonly scale: Float64Array };

/** @param moments of other rows; left out, of these */
export function standardizedRows(rows: readonly FrameRow[], moments: Moments = momentsOf(rows)): StandardizedRows {
  const nFeatures = moments.mean.length;
  const nColumns = nFeatures + 1;
  const x = new Float64Array(rows.length * nColumns);
  for (const [i, { frame, bar }] of rows.entries()) {
    for (let j = 0; j < nFeatures; j += 1) {
      x[i * nColumns + j] = (frame.features[j]![bar]! - moments.mean[j]!) / moments.scale[j]!;
    }
    x[i * nColumns + nFeatures] = 1;
  }
  return { nRows: rows.length, nColumns, x, moments };
}

function momentsOf(rows: readonly FrameRow[]): Moments {
  const nFeatures = rows[0]?.frame.features.length ?? 0;
  const mean = new Float64Array(nFeatures);
  const scale = new Float64Array(nFeatures);
  for (let j = 0; j < nFeatures; j += 1) {
    let sum = 0;
    for (const { frame, bar } of rows) sum += frame.features[j]![bar]!;
    mean[j] = sum / rows.length;
    let squares = 0;
    for (const { frame, bar } of rows) {
      const distance = frame.features[j]![bar]! - mean[j]!;
      squares += distance * distance;
    }
    const std = Math.sqrt(squares / rows.length);
    // The mean of equal values may differ from them in the last bit; that is no variation.
    scale[j] = std > 1e-12 * Math.abs(mean[j]!) ? std : 1;
  }
  return { mean, scale };
}
