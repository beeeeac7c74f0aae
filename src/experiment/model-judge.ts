import { ALL_SPLITS, EVAL_SPLITS, FIT_SPLIT, SIDES } from '../baseline/splits.ts';
import { sha256Json } from '../canonical-json.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { STATE_FEATURES } from '../dataset/state-features.ts';
import { FITS_PER_PASS } from '../numerics/certificates/certify.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { RegressionFit, Regressions } from '../numerics/regressions.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { Configuration } from './configuration.ts';
import { seedSettings } from './parameters.ts';
import { regressionsOf } from './regressors.ts';
import {
  type DailyLosses,
  FEATURE_SETS,
  type FeatureSet,
  type ModelKey,
  type ModelResult,
  modelKey,
  type SplitMetrics,
} from './results.ts';
import type { JudgingContext } from './side-context.ts';

/** One of the four models of a configuration. */
export type Model = {
  readonly key: ModelKey;
  /** 0 LONG, 1 SHORT */
  readonly side: number;
  readonly featureSet: FeatureSet;
};

/** In the order in which the seed trains them. */
export const MODELS: readonly Model[] = SIDES.flatMap((name, side) =>
  FEATURE_SETS.map((featureSet) => ({ key: modelKey(name, featureSet), side, featureSet })),
);

/** What a configuration's model is on every split, and what it is made of. */
export type ModelJudgement = {
  readonly result: ModelResult;
  /** of the three evaluation splits, those that have rows */
  readonly dailyLosses: readonly DailyLosses[];
  readonly regressor: RegressionFit;
};

/**
 * Configurations judged in one go: enough for their fits to fill the passes over the data that they share; what is told and
 * stored of a batch comes in steps of so many.
 */
export const CONFIGURATIONS_PER_PASS = 16 * FITS_PER_PASS;

/**
 * Judges one model of configurations of one dataset: fits, certifies, evaluates. What does not depend on the regressor
 * comes from the side's context.
 */
export class ModelJudge {
  readonly model: Model;
  readonly #dataset: Dataset;
  readonly #context: JudgingContext;
  readonly #regressions: Regressions;
  readonly #featureNames: readonly string[];
  readonly #featureHash: string;

  /**
   * @param arena where its regressions keep their state for as long as the judge lives
   * @param context of the model's side
   * @param featureOrder market features in model order, for the feature hash
   */
  constructor(
    workspace: Workspace,
    arena: SharedArena,
    dataset: Dataset,
    context: JudgingContext,
    model: Model,
    featureOrder: readonly string[],
  ) {
    this.model = model;
    this.#dataset = dataset;
    this.#context = context;
    this.#regressions = regressionsOf(workspace, arena, dataset, context, model.featureSet);
    this.#featureNames = model.featureSet === 'market_only' ? featureOrder : [...featureOrder, ...STATE_FEATURES];
    this.#featureHash = sha256Json(this.#featureNames);
  }

  /** Judges any number of configurations, all of this dataset's ages and cap: the more, the better their fits share. */
  judge(configurations: readonly Configuration[]): ModelJudgement[] {
    const requests = configurations.map(({ regressor, regressionTargetClipBps }) => ({
      regressor,
      clipBps: regressionTargetClipBps,
    }));
    return this.#regressions.fit(requests).map((fit, c) => ({
      result: this.#modelResult(configurations[c]!, fit),
      dailyLosses: this.#dailyLosses(fit),
      regressor: fit,
    }));
  }

  #dailyLosses({ dailyAbsErrorSums }: RegressionFit): DailyLosses[] {
    const { key, side } = this.model;
    return EVAL_SPLITS.flatMap((split, s) => {
      const sums = dailyAbsErrorSums[s];
      if (!sums) return [];
      const { days, dayRowCounts } = this.#dataset.parts[side]![ALL_SPLITS.indexOf(split)]!;
      return [{ modelKey: key, split, days, rowCounts: dayRowCounts, absErrorSums: sums }];
    });
  }

  #modelResult(configuration: Configuration, fit: RegressionFit): ModelResult {
    const { regressor } = configuration;
    const settings = seedSettings(configuration);
    const { featureSet, side } = this.model;
    const classifier = this.#context.classifiers[featureSet];
    const bySplit: { [split in (typeof ALL_SPLITS)[number]]?: SplitMetrics } = {};
    ALL_SPLITS.forEach((split, s) => {
      const absErrorSum =
        split === FIT_SPLIT ? fit.certificate.absErrorSum : fit.dailyAbsErrorSums[s - 1]?.reduce(add, 0);
      const metrics = splitMetrics(this.#context, s, featureSet, absErrorSum);
      if (metrics !== null) bySplit[split] = metrics;
    });
    return {
      ...bySplit,
      row_count: this.#dataset.parts[side]!.reduce((sum, part) => sum + part.rowCount, 0),
      feature_count: this.#featureNames.length,
      feature_hash: this.#featureHash,
      regressor_kind: settings.regressor_kind,
      ridge_alpha: settings.ridge_alpha,
      huber_alpha: settings.huber_alpha,
      huber_epsilon: settings.huber_epsilon,
      regressor_iterations: fit.iterations,
      regressor_max_iter: regressor.maxIter,
      regressor_converged: fit.status === 'converged',
      regression_target_clip_bps: settings.regression_target_clip_bps,
      regressor_status: fit.status,
      regressor_objective: fit.certificate.objective,
      regressor_kkt_residual: fit.certificate.kktResidual,
      regressor_kkt_tolerance: fit.certificate.kktTolerance,
      regressor_scale: fit.scale,
      regressor_outliers: regressor.kind === 'huber' ? fit.certificate.outliers : null,
      regressor_scale_at_bound: regressor.kind === 'huber' ? fit.scaleAtBound : null,
      regressor_undetermined: fit.undetermined,
      classifier_status: classifier.status,
      classifier_iterations: classifier.iterations,
      classifier_objective: classifier.objective,
      classifier_kkt_residual: classifier.kktResidual,
      classifier_kkt_tolerance: classifier.kktTolerance,
    };
  }
}

function splitMetrics(
  context: JudgingContext,
  split: number,
  featureSet: FeatureSet,
  absErrorSum: number | undefined,
): SplitMetrics | null {
  const fixed = context.metrics[split];
  if (fixed === null || fixed === undefined || absErrorSum === undefined) return null;
  const brier = fixed.brier[featureSet];
  const auc = fixed.auc[featureSet];
  const edgeMae = absErrorSum / fixed.rowCount;
  return {
    row_count: fixed.rowCount,
    positive_rate: fixed.positiveRate,
    brier,
    constant_brier: fixed.constantBrier,
    edge_mae: edgeMae,
    edge_constant_mae: fixed.edgeConstantMae,
    ...(auc === null ? {} : { continue_auc: auc }),
    brier_vs_constant_ratio: fixed.constantBrier > 0 ? brier / fixed.constantBrier : null,
    edge_mae_vs_constant_ratio: fixed.edgeConstantMae > 0 ? edgeMae / fixed.edgeConstantMae : null,
  };
}

function add(a: number, b: number): number {
  return a + b;
}
