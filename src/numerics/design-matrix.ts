/**
 * Rows of a design matrix in shared memory: float32, row-major, `stride` values apart. Column 0 is the constant 1 (the
 * intercept's column), then the standardized features in model order; columns behind the last one are zero. A model on
 * fewer features reads a prefix of each row.
 */
export type DesignMatrix = {
  readonly x: Float32Array<SharedArrayBuffer>;
  readonly stride: number;
  readonly nSamples: number;
};

/** The columns a model reads: `nCoef` = 1 + its number of features, `dims` that rounded up to what a kernel takes. */
export type ModelColumns = { readonly nCoef: number; readonly dims: number };

/** Kernels take columns four at a time; coefficients behind nCoef are zero and so add nothing. */
export function modelColumns(nFeatures: number): ModelColumns {
  const nCoef = nFeatures + 1;
  return { nCoef, dims: (nCoef + 3) & ~3 };
}

/** Row length for `nFeatures` and the intercept: whole SIMD registers. Fewer bytes pay more than whole cache lines do. */
export function strideFor(nFeatures: number): number {
  return modelColumns(nFeatures).dims;
}
