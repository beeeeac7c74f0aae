/** The words that a baseline run's files use for sides and time-ordered splits. */

export const SIDES = ['LONG', 'SHORT'] as const;
export type Side = (typeof SIDES)[number];

export const FIT_SPLIT = 'fit_inner';
export const TUNE_SPLIT = 'tune';
export const VALIDATION_LOCKED_SPLIT = 'validation_locked';
export const LATEST_STRESS_SPLIT = 'latest_stress';
export const ALL_SPLITS = [FIT_SPLIT, TUNE_SPLIT, VALIDATION_LOCKED_SPLIT, LATEST_STRESS_SPLIT] as const;
export const EVAL_SPLITS = [TUNE_SPLIT, VALIDATION_LOCKED_SPLIT, LATEST_STRESS_SPLIT] as const;
/** The splits whose metrics decide the verdict. Selecting on them spends them. */
export const GATE_SPLITS = [VALIDATION_LOCKED_SPLIT, LATEST_STRESS_SPLIT] as const;
export type SplitId = (typeof ALL_SPLITS)[number];
export type EvalSplitId = (typeof EVAL_SPLITS)[number];
export type GateSplitId = (typeof GATE_SPLITS)[number];
