/**
 * One point of the grid: everything that one run of the state-continue experiment can be told, apart from
 * where its baseline run lies. Defaults are the seed's.
 */
export type Configuration = {
  /** Position ages in minutes: positive integers, ascending, no duplicates. */
  readonly agesMinutes: readonly number[];
  readonly regressor: RegressorSettings;
  /** Regression targets and predictions are clipped to ±this many bps; 0 means no clip. */
  readonly regressionTargetClipBps: number;
  /** Only the last rows by event time of each split are kept; 0 means all. */
  readonly maxRowsPerSplit: number;
};

export type RegressorSettings =
  | { readonly kind: 'huber'; readonly alpha: number; readonly epsilon: number; readonly maxIter: number }
  // The seed reports huber_max_iter as a ridge model's `regressor_max_iter` too; it changes nothing in the fit.
  | { readonly kind: 'ridge'; readonly alpha: number; readonly maxIter: number };

export type RegressorKind = RegressorSettings['kind'];

export const REGRESSOR_KINDS = ['huber', 'ridge'] as const satisfies readonly RegressorKind[];

export const DEFAULTS = {
  agesMinutes: [3, 5, 10, 15, 30],
  regressorKind: 'huber',
  ridgeAlpha: 10,
  huberAlpha: 0.001,
  huberEpsilon: 1.35,
  huberMaxIter: 1000,
  regressionTargetClipBps: 0,
  maxRowsPerSplit: 0,
} as const;
