import {
  type Configuration,
  DEFAULTS,
  REGRESSOR_KINDS,
  type RegressorKind,
  type RegressorSettings,
} from './configuration.ts';

/**
 * The parameters of a configuration, each once: what has it, how it is read, what it may be, and its names. Axes of a
 * definition, options, fields and columns of reports, exports, manifests and canonical forms are readers of this table.
 */
export type Parameter<T extends ParameterValue = ParameterValue> = {
  /** The kinds of regressor that have it. */
  readonly kinds: readonly RegressorKind[];
  /** Null where a configuration is of another kind. */
  readonly read: (configuration: Configuration) => T | null;
  readonly byDefault: T;
  /** What a number may be. */
  readonly bounds: Bounds | null;
  /** Its column in every table and export, and its name in filters. Parameters of different kinds may share one. */
  readonly column: string;
  /** In the seed's files. */
  readonly seedKey: string;
  /** In the settings of a regressor; null where it is none of these. */
  readonly setting: 'alpha' | 'epsilon' | 'maxIter' | null;
};

export type ParameterValue = number | string | readonly number[];

export type Bounds = { readonly whole: boolean; readonly min: number; readonly max: number | null };

/** Beyond 1e100 nothing is left of the coefficients, and squares may overflow. */
const PENALTY: Bounds = { whole: false, min: 0, max: 1e100 };
/** A million scales: no row is an outlier any more, and the square of a much larger one would overflow. */
const THRESHOLD: Bounds = { whole: false, min: 1, max: 1e6 };
const ALL_KINDS: readonly RegressorKind[] = REGRESSOR_KINDS;

/** In the order in which definitions list their axes and tables their columns. */
export const PARAMETERS = {
  agesMinutes: {
    kinds: ALL_KINDS,
    read: ({ agesMinutes }) => agesMinutes,
    byDefault: DEFAULTS.agesMinutes,
    bounds: null,
    column: 'ages',
    seedKey: 'ages_minutes',
    setting: null,
  } satisfies Parameter<readonly number[]>,
  regressorKind: {
    kinds: ALL_KINDS,
    read: ({ regressor }) => regressor.kind,
    byDefault: DEFAULTS.regressorKind,
    bounds: null,
    column: 'kind',
    seedKey: 'regressor_kind',
    setting: null,
  } satisfies Parameter<RegressorKind>,
  huberAlpha: {
    kinds: ['huber'],
    read: ({ regressor }) => (regressor.kind === 'huber' ? regressor.alpha : null),
    byDefault: DEFAULTS.huberAlpha,
    bounds: PENALTY,
    column: 'alpha',
    seedKey: 'huber_alpha',
    setting: 'alpha',
  } satisfies Parameter<number>,
  huberEpsilon: {
    kinds: ['huber'],
    read: ({ regressor }) => (regressor.kind === 'huber' ? regressor.epsilon : null),
    byDefault: DEFAULTS.huberEpsilon,
    bounds: THRESHOLD,
    column: 'epsilon',
    seedKey: 'huber_epsilon',
    setting: 'epsilon',
  } satisfies Parameter<number>,
  huberMaxIter: {
    kinds: ['huber'],
    read: ({ regressor }) => (regressor.kind === 'huber' ? regressor.maxIter : null),
    byDefault: DEFAULTS.huberMaxIter,
    bounds: { whole: true, min: 1, max: null },
    column: 'max_iter',
    seedKey: 'huber_max_iter',
    setting: 'maxIter',
  } satisfies Parameter<number>,
  ridgeAlpha: {
    kinds: ['ridge'],
    read: ({ regressor }) => (regressor.kind === 'ridge' ? regressor.alpha : null),
    byDefault: DEFAULTS.ridgeAlpha,
    bounds: PENALTY,
    column: 'alpha',
    seedKey: 'ridge_alpha',
    setting: 'alpha',
  } satisfies Parameter<number>,
  regressionTargetClipBps: {
    kinds: ALL_KINDS,
    read: ({ regressionTargetClipBps }) => regressionTargetClipBps,
    byDefault: DEFAULTS.regressionTargetClipBps,
    bounds: { whole: false, min: 0, max: null },
    column: 'clip',
    seedKey: 'regression_target_clip_bps',
    setting: null,
  } satisfies Parameter<number>,
  maxRowsPerSplit: {
    kinds: ALL_KINDS,
    read: ({ maxRowsPerSplit }) => maxRowsPerSplit,
    byDefault: DEFAULTS.maxRowsPerSplit,
    bounds: { whole: true, min: 0, max: null },
    column: 'cap',
    seedKey: 'max_rows_per_split',
    setting: null,
  } satisfies Parameter<number>,
};

export type ParameterName = keyof typeof PARAMETERS;

/** Those that are numbers, and so may be swept by a rule such as `logspace`. */
export type NumericParameterName = Exclude<ParameterName, 'agesMinutes' | 'regressorKind'>;

// The keys of a literal object are the union of its names; Object.keys only knows them as strings.
export const PARAMETER_NAMES = Object.keys(PARAMETERS) as readonly ParameterName[];

/** A value for every parameter, also for those of the kind that is not taken. */
export type ParameterValues = {
  readonly [name in ParameterName]: NonNullable<ReturnType<(typeof PARAMETERS)[name]['read']>>;
};

export function parameterOf(name: ParameterName): Parameter {
  return PARAMETERS[name];
}

export function configurationFrom(values: ParameterValues): Configuration {
  const { agesMinutes, regressionTargetClipBps, maxRowsPerSplit } = values;
  return { agesMinutes, regressor: regressorFrom(values), regressionTargetClipBps, maxRowsPerSplit };
}

/** What the seed's files say of a configuration's regressor, under their names; null where it says nothing. */
export function seedSettings(configuration: Configuration) {
  const clip = configuration.regressionTargetClipBps;
  return {
    regressor_kind: configuration.regressor.kind,
    ridge_alpha: PARAMETERS.ridgeAlpha.read(configuration),
    huber_alpha: PARAMETERS.huberAlpha.read(configuration),
    huber_epsilon: PARAMETERS.huberEpsilon.read(configuration),
    huber_max_iter: PARAMETERS.huberMaxIter.read(configuration),
    regression_target_clip_bps: clip > 0 ? clip : null,
  };
}

function regressorFrom(values: ParameterValues): RegressorSettings {
  const { regressorKind: kind, huberAlpha, huberEpsilon: epsilon, huberMaxIter: maxIter, ridgeAlpha } = values;
  return kind === 'huber' ? { kind, alpha: huberAlpha, epsilon, maxIter } : { kind, alpha: ridgeAlpha, maxIter };
}
