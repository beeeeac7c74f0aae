import { type Configuration, DEFAULTS } from '../../src/experiment/configuration.ts';
import {
  type DailyLosses,
  EVAL_SPLITS,
  type ExperimentResult,
  FEATURE_SETS,
  type FeatureSet,
  type ModelResult,
  modelKey,
  SIDES,
  type Side,
  type SplitId,
  type SplitMetrics,
} from '../../src/experiment/results.ts';
import { verdictOf } from '../../src/experiment/verdict.ts';
import type {
  ConfigurationRecord,
  DataRecord,
  DatasetDays,
  DatasetRecord,
  OutcomeRecord,
  RunEnd,
  RunId,
  RunStart,
} from '../../src/store/records.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import { canonicalConfiguration, configurationId } from '../../src/sweep/configuration-id.ts';
import { randomFrom } from '../support/random.ts';

/**
 * Made-up sweeps for tests and measurements. Numbers are drawn around smooth functions of the parameters, from a seed:
 * losses have a valley along alpha and epsilon, state features help a little, later splits are harder. About a tenth of
 * the verdicts pass. Nothing here was fitted to anything.
 */

export const SYNTHETIC_DATA: DataRecord = {
  baselineRunId: 'btc-2m',
  dataRoot: 'data',
  hash: 'da7a'.repeat(16),
  files: [{ path: 'label/entry_labels.parquet', sizeBytes: 1234, sha256: 'e'.repeat(64) }],
  reading: { barGaps: 'keep' },
};

export const SYNTHETIC_RUN: RunStart & { readonly shard: null } = {
  sweepName: 'synthetic',
  replaces: false,
  configurations: [],
  data: SYNTHETIC_DATA,
  shard: null,
  code: { hash: 'c0de'.repeat(16), version: '0.2.0' },
  gitCommit: '0123456789abcdef0123456789abcdef01234567',
  gitDirty: false,
  nodeVersion: 'v24.0.0',
  packages: { 'ml-matrix': '6.15.1' },
  cpuModel: 'a CPU',
  platform: 'linux x64',
  host: 'a host',
  user: 'somebody',
  definition: { name: 'synthetic' },
  options: { threads: 2 },
  startedAt: '2026-01-02T03:04:05.000Z',
};

/** Two days of tune, LONG alone, with numbers that decimals have to carry whole. */
export const SYNTHETIC_DAYS: DatasetDays = {
  bars: {
    tune: [
      [19_875, 1152],
      [19_876, 1440],
    ],
    validation_locked: [],
    latest_stress: [],
  },
  parts: [
    {
      side: 'LONG',
      split: 'tune',
      days: [19_875, 19_876],
      rows: [3, 2],
      positives: [1, 2],
      constantAbsoluteErrors: [0.1 + 0.2, 1e-300],
      constantSquaredErrors: [1 + 2 ** -52, 5e-324],
      pairCells: [0, 1],
      sets: {
        market_only: {
          squaredErrors: [1 / 3, 2 / 3],
          doubledPairs: [
            [2, 0],
            [3, 1],
          ],
          calibration: [
            { rows: 3, positives: 1, meanPredicted: 1 / 3 },
            { rows: 2, positives: 2, meanPredicted: 0.1 + 0.2 },
          ],
        },
        market_plus_state: { squaredErrors: [0.5, 0.25], doubledPairs: null, calibration: [] },
      },
    },
  ],
};

export const AGES_SETS: readonly (readonly number[])[] = [
  [3, 5, 10, 15, 30],
  [5, 15],
  [30, 60],
];

const CLIPS = [0, 60];

export function syntheticDataset(
  agesMinutes: readonly number[] = AGES_SETS[0]!,
): DatasetRecord & { contentHash: string } {
  return {
    agesMinutes,
    maxRowsPerSplit: 0,
    baselineRunId: SYNTHETIC_DATA.baselineRunId,
    dataRoot: SYNTHETIC_DATA.dataRoot,
    dataHash: SYNTHETIC_DATA.hash,
    contentHash: agesMinutes
      .map((age) => age.toString(16).padStart(8, '0'))
      .join('')
      .padEnd(64, 'd')
      .slice(0, 64),
    rowCount: 141_864,
  };
}

/**
 * As many different configurations as asked for, in the order of a grid: by ages set, clip, kind (a quarter is ridge),
 * epsilon, alpha; ever finer in epsilon and alpha.
 */
export function syntheticConfigurations(count: number): ConfigurationRecord[] {
  const perClip = Math.ceil(count / AGES_SETS.length / CLIPS.length);
  return AGES_SETS.flatMap((agesMinutes) =>
    CLIPS.flatMap((regressionTargetClipBps) =>
      regressorGrid(perClip).map((regressor) => ({
        agesMinutes,
        regressor,
        regressionTargetClipBps,
        maxRowsPerSplit: 0,
      })),
    ),
  )
    .slice(0, count)
    .map(recordOf);
}

export function recordOf(configuration: Configuration): ConfigurationRecord {
  return {
    id: configurationId(configuration),
    configuration,
    canonical: canonicalConfiguration(configuration),
  };
}

export function configurationWith(changes: Partial<Configuration> = {}): Configuration {
  return {
    agesMinutes: DEFAULTS.agesMinutes,
    regressor: {
      kind: 'huber',
      alpha: DEFAULTS.huberAlpha,
      epsilon: DEFAULTS.huberEpsilon,
      maxIter: DEFAULTS.huberMaxIter,
    },
    regressionTargetClipBps: 0,
    maxRowsPerSplit: 0,
    ...changes,
  };
}

export function syntheticOutcome(
  { id, configuration }: ConfigurationRecord,
  seed = 1,
): OutcomeRecord & { kind: 'completed' } {
  const random = randomFrom(seed ^ Number.parseInt(id.slice(0, 8), 16)).uniform;
  const result = syntheticResult(configuration, random);
  return {
    configurationId: id,
    durationMs: 20 + 30 * random(),
    kind: 'completed',
    datasetHash: syntheticDataset(configuration.agesMinutes).contentHash,
    result,
    verdict: verdictOf(result),
    dailyLosses: syntheticDailyLosses(random),
  };
}

export function failedOutcome(
  { id, configuration }: ConfigurationRecord,
  message = 'fit_inner has labels of one class only',
): OutcomeRecord & { kind: 'failed' } {
  return {
    configurationId: id,
    durationMs: 3,
    kind: 'failed',
    datasetHash: syntheticDataset(configuration.agesMinutes).contentHash,
    error: { name: 'UserError', message },
    attempts: 2,
  };
}

export function syntheticResult(configuration: Configuration, random: () => number): ExperimentResult {
  const model = (side: Side, featureSet: FeatureSet) => syntheticModel(configuration, side, featureSet, random);
  return {
    [modelKey('LONG', 'market_only')]: model('LONG', 'market_only'),
    [modelKey('LONG', 'market_plus_state')]: model('LONG', 'market_plus_state'),
    [modelKey('SHORT', 'market_only')]: model('SHORT', 'market_only'),
    [modelKey('SHORT', 'market_plus_state')]: model('SHORT', 'market_plus_state'),
    // Computed keys lose their literal types.
  } as ExperimentResult;
}

function regressorGrid(count: number): Configuration['regressor'][] {
  const ridgeCount = Math.floor(count / 4);
  const huberCount = count - ridgeCount;
  const side = Math.ceil(Math.sqrt(huberCount));
  const huber = Array.from({ length: huberCount }, (_, i) => ({
    kind: 'huber' as const,
    alpha: round(10 ** ((4 * (i % side)) / side - 4)),
    epsilon: round(1.1 + (0.9 * Math.floor(i / side)) / side),
    maxIter: 1000,
  }));
  const ridge = Array.from({ length: ridgeCount }, (_, i) => ({
    kind: 'ridge' as const,
    alpha: round(10 ** ((4 * i) / ridgeCount - 1)),
    maxIter: 1000,
  }));
  return [...huber, ...ridge];
}

function round(value: number): number {
  return Number(value.toPrecision(8));
}

function syntheticModel(
  { regressor, regressionTargetClipBps, agesMinutes }: Configuration,
  side: Side,
  featureSet: FeatureSet,
  random: () => number,
): ModelResult {
  const isState = featureSet === FEATURE_SETS[1];
  const isHuber = regressor.kind === 'huber';
  const valley = isHuber
    ? (Math.log10(regressor.alpha + 1e-9) + 2) ** 2 / 400 + (regressor.epsilon - 1.4) ** 2 / 20
    : (Math.log10(regressor.alpha + 1e-9) - 1) ** 2 / 400 + 0.01;
  const skill =
    (isState ? 0.05 : 0.03) +
    agesMinutes.length / 400 -
    (side === 'SHORT' ? 0.008 : 0) +
    (regressionTargetClipBps > 0 ? 0.004 : 0);
  const metrics = (split: SplitId, loss: number): SplitMetrics => {
    const positiveRate = 0.37 + 0.02 * random();
    const constantBrier = positiveRate * (1 - positiveRate);
    const brierRatio = 0.97 - skill / 2 + 0.01 * random();
    const maeRatio = 1.005 - skill + valley + loss + 0.01 * random();
    const constantMae = 14 + random();
    return {
      row_count: split === 'fit_inner' ? 85_757 : 19_505,
      positive_rate: positiveRate,
      brier: constantBrier * brierRatio,
      constant_brier: constantBrier,
      edge_mae: constantMae * maeRatio,
      edge_constant_mae: constantMae,
      continue_auc: 0.567 + skill - loss / 2 + 0.01 * random(),
      brier_vs_constant_ratio: brierRatio,
      edge_mae_vs_constant_ratio: maeRatio,
    };
  };
  return {
    fit_inner: metrics('fit_inner', 0),
    tune: metrics('tune', 0.004),
    validation_locked: metrics('validation_locked', 0.008),
    latest_stress: metrics('latest_stress', 0.012),
    row_count: 141_864,
    feature_count: isState ? 76 : 54,
    feature_hash: (isState ? 'b' : 'a').repeat(64),
    regressor_kind: regressor.kind,
    ridge_alpha: isHuber ? null : regressor.alpha,
    huber_alpha: isHuber ? regressor.alpha : null,
    huber_epsilon: isHuber ? regressor.epsilon : null,
    regressor_iterations: isHuber ? 5 : 1,
    regressor_max_iter: regressor.maxIter,
    regressor_converged: true,
    regression_target_clip_bps: regressionTargetClipBps > 0 ? regressionTargetClipBps : null,
    regressor_status: 'converged',
    regressor_objective: 1.2e6 * (1 + random()),
    regressor_kkt_residual: 1e-9 * random(),
    regressor_kkt_tolerance: 1e-6,
    regressor_scale: isHuber ? 12 + random() : null,
    regressor_outliers: isHuber ? Math.floor(9000 * random()) : null,
    regressor_scale_at_bound: isHuber ? random() < 0.1 : null,
    regressor_undetermined: random() < 0.1 ? 2 : 0,
    classifier_status: 'converged',
    classifier_iterations: 6,
    classifier_objective: 5e4 * (1 + random()),
    classifier_kkt_residual: 1e-10 * random(),
    classifier_kkt_tolerance: 1e-6,
  };
}

/** Nine days a split. */
function syntheticDailyLosses(random: () => number): DailyLosses[] {
  return SIDES.flatMap((side, s) =>
    FEATURE_SETS.flatMap((featureSet) =>
      EVAL_SPLITS.map((split, i) => {
        const { days, rowCounts } = syntheticSplit(s, i);
        return {
          modelKey: modelKey(side, featureSet),
          split,
          days,
          rowCounts,
          absErrorSums: Float64Array.from(rowCounts, (count) => count * (13 + random())),
        };
      }),
    ),
  );
}

/** From 20,000 days after 1970 on. SHORT has other rows than LONG. */
function syntheticSplit(side: number, split: number) {
  const days = Int32Array.from({ length: 9 }, (_, day) => 20_000 + 10 * split + day);
  return { days, rowCounts: days.map((day) => 2000 + (day % 7) * 31 + 5 * side) };
}

/** The days that the losses of synthetic verdicts are on: a constant that loses more than most, a classifier that knows a little. */
export function syntheticDatasetDays(): DatasetDays {
  const bars = (split: number) => Array.from(syntheticSplit(0, split).days, (day) => [day, 1440] as const);
  return {
    bars: { tune: bars(0), validation_locked: bars(1), latest_stress: bars(2) },
    parts: SIDES.flatMap((side, s) =>
      EVAL_SPLITS.map((split, i) => {
        const { days, rowCounts } = syntheticSplit(s, i);
        const positives = Array.from(rowCounts, (count, day) => Math.round(count * (0.35 + 0.01 * day)));
        const set = (auc: number) => ({
          squaredErrors: Array.from(rowCounts, (count) => 0.23 * count),
          doubledPairs: positives.map((ones, d) =>
            Array.from(rowCounts, (count, e) =>
              Math.round(2 * ones * (count - positives[e]!) * (auc + 0.004 * ((3 * d + e) % 5))),
            ),
          ),
        });
        return {
          side,
          split,
          days: [...days],
          rows: [...rowCounts],
          positives,
          constantAbsoluteErrors: Array.from(rowCounts, (count, day) => count * (13.6 + 0.05 * (day % 5))),
          constantSquaredErrors: Array.from(rowCounts, (count) => 0.24 * count),
          sets: { market_only: set(0.58), market_plus_state: set(0.62) },
        };
      }),
    ),
  };
}

export const SYNTHETIC_END: RunEnd = {
  outcome: 'finished',
  reason: 'everything is judged',
  finishedAt: '2026-01-02T04:00:00.000Z',
};

/** Begins a run over these configurations, each ages set of which holds what `syntheticDataset` says. */
export async function beginSyntheticRun(
  store: VerdictStore,
  configurations: readonly ConfigurationRecord[],
  changes: Partial<RunStart> = {},
): Promise<RunId> {
  const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations, ...changes });
  for (const agesMinutes of AGES_SETS) {
    if (!configurations.some(({ configuration }) => String(configuration.agesMinutes) === String(agesMinutes)))
      continue;
    const { contentHash, rowCount } = syntheticDataset(agesMinutes);
    await store.datasetBuilt(runId, { agesMinutes, maxRowsPerSplit: 0 }, { contentHash, rowCount });
  }
  return runId;
}
