/**
 * How a fit ended. `converged`: the KKT residual, computed from the data, is below the stated tolerance. `stalled`: no
 * step improves the objective any more and the residual is above it. `max-iterations`: the limit came first.
 */
export type FitStatus = 'converged' | 'stalled' | 'max-iterations';

/** A linear model and what certifies it. */
export type LinearFit = {
  readonly status: FitStatus;
  /** (nCoef) intercept first */
  readonly coef: Float64Array;
  readonly objective: number;
  readonly iterations: number;
  /** max |gradient| of the objective over all free variables, computed from the data */
  readonly kktResidual: number;
  readonly kktTolerance: number;
};

/**
 * Share of the gradient's natural size (the sum of the absolute values it adds up) below which a residual counts as
 * zero. Rounding leaves about 1e-15 of it and a solved active set about 1e-13; L-BFGS stops near 1e-4.
 */
export const RELATIVE_KKT_TOLERANCE = 1e-9;
