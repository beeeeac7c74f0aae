import { ALL_SPLITS, FIT_SPLIT, SIDES, type SplitId } from '../baseline/splits.ts';
import { sha256Json } from '../canonical-json.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { STATE_FEATURES } from '../dataset/state-features.ts';
import { FITS_PER_PASS } from '../numerics/certify.ts';
import type { LossEvaluator } from '../numerics/loss-evaluator.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { RegressionFit, RegressionFitter } from '../numerics/regression-fitter.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { Configuration } from './configuration.ts';
import { seedSettings } from './parameters.ts';
import { lossEvaluatorOf, regressorsOf, spanOf } from './regressors.ts';
import {
  type DailyLosses,
  type ExperimentResult,
  FEATURE_SETS,
  type FeatureSet,
  type ModelKey,
  type ModelResult,
  modelKey,
  type SplitMetrics,
} from './results.ts';
import type { SideContext } from './side-context.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** Sums of absolute errors of one model on one split, by day or all together. */
type SplitLosses = { readonly split: SplitId; readonly sums: Float64Array };

/** One configuration's outcome: four models judged on every split, and what the rule says of them. */
export type Judgement = {
  readonly result: ExperimentResult;
  readonly verdict: Verdict;
  /** four models × three evaluation splits, those that have rows */
  readonly dailyLosses: DailyLosses[];
  /** the regressors themselves, by model */
  readonly regressors: Readonly<Record<ModelKey, RegressionFit>>;
};

/** Configurations judged in one go: their fits share each pass over the data. */
export const CONFIGURATIONS_PER_PASS = FITS_PER_PASS;

type Model = {
  key: ModelKey;
  side: number;
  featureSet: FeatureSet;
  fitter: RegressionFitter;
  /** by split, in the order of ALL_SPLITS; null where the split has no rows */
  evaluators: readonly (LossEvaluator | null)[];
  featureNames: readonly string[];
  featureHash: string;
};

/**
 * Runs the experiment's regressor part for configurations of one dataset: for LONG and SHORT, on market features with
 * and without the position's state, fit, certify, evaluate, and give the verdict. What does not depend on the regressor
 * comes from the side contexts.
 */
export class ConfigurationJudge {
  readonly #dataset: Dataset;
  readonly #contexts: readonly SideContext[];
  readonly #models: readonly Model[];

  /**
   * @param arena where fitters keep their state for as long as the judge lives
   * @param featureOrder market features in model order, for the feature hashes
   */
  constructor(
    workspace: Workspace,
    arena: SharedArena,
    dataset: Dataset,
    contexts: readonly SideContext[],
    featureOrder: readonly string[],
  ) {
    this.#dataset = dataset;
    this.#contexts = contexts;
    this.#models = contexts.flatMap((context) =>
      FEATURE_SETS.map((featureSet) => {
        const span = spanOf(workspace, arena, dataset, context, featureSet);
        const featureNames = featureSet === 'market_only' ? featureOrder : [...featureOrder, ...STATE_FEATURES];
        return {
          key: modelKey(SIDES[context.side]!, featureSet),
          side: context.side,
          featureSet,
          fitter: regressorsOf(workspace, arena, dataset, context, span),
          evaluators: ALL_SPLITS.map((_, split) =>
            lossEvaluatorOf(workspace, arena, dataset, context.side, span, split),
          ),
          featureNames,
          featureHash: sha256Json(featureNames),
        };
      }),
    );
  }

  /** Judges up to CONFIGURATIONS_PER_PASS configurations, all of this dataset's ages and cap. */
  judge(configurations: readonly Configuration[]): Judgement[] {
    const results = configurations.map((): Partial<ExperimentResult> => ({}));
    const regressors = configurations.map((): Partial<Record<ModelKey, RegressionFit>> => ({}));
    const losses = configurations.map((): DailyLosses[] => []);
    for (const model of this.#models) {
      const { fits, evaluated } = this.#fitAndEvaluate(model, configurations);
      configurations.forEach((configuration, c) => {
        results[c]![model.key] = this.#modelResult(model, configuration, fits[c]!, evaluated[c]!);
        regressors[c]![model.key] = fits[c]!;
        losses[c]!.push(...this.#dailyLosses(model, evaluated[c]!));
      });
    }
    return configurations.map((_, c) => {
      const result = complete(results[c]!);
      return { result, verdict: verdictOf(result), dailyLosses: losses[c]!, regressors: complete(regressors[c]!) };
    });
  }

  /** Fits, and the losses of each on every split that has rows. */
  #fitAndEvaluate(model: Model, configurations: readonly Configuration[]) {
    const requests = configurations.map(({ regressor, regressionTargetClipBps }) => ({
      regressor,
      clipBps: regressionTargetClipBps,
    }));
    const evaluated = configurations.map((): SplitLosses[] => []);
    const far: number[] = [];
    const fits = model.fitter.fit(requests, (fit, c) => {
      if (fit.reference === null) far.push(c);
      else evaluated[c] = this.#evaluate(model, [fit])[0]!;
    });
    // Fits that have no near reference share passes over the rows.
    const farLosses = this.#evaluate(
      model,
      far.map((c) => fits[c]!),
    );
    far.forEach((c, i) => {
      evaluated[c] = farLosses[i]!;
    });
    return { fits, evaluated };
  }

  /** Losses of each fit on every split that has rows. */
  #evaluate(model: Model, fits: readonly RegressionFit[]): SplitLosses[][] {
    const out = fits.map((): SplitLosses[] => []);
    ALL_SPLITS.forEach((split, s) => {
      const evaluator = model.evaluators[s];
      if (!evaluator) return;
      // A certificate that took a pass over the fit rows has their losses as well.
      const open = split === FIT_SPLIT ? fits.filter((fit) => fit.certificate.absErrorSum === null) : fits;
      const sums = open.length === 0 ? [] : evaluator.dailyAbsErrorSums(open);
      let next = 0;
      fits.forEach((fit, c) => {
        const known = split === FIT_SPLIT ? fit.certificate.absErrorSum : null;
        out[c]!.push({ split, sums: known === null ? sums[next++]! : Float64Array.of(known) });
      });
    });
    return out;
  }

  #dailyLosses({ key, side }: Model, losses: readonly SplitLosses[]): DailyLosses[] {
    return losses.flatMap(({ split, sums }) => {
      if (split === FIT_SPLIT) return [];
      const { days, dayRowCounts } = this.#dataset.parts[side]![ALL_SPLITS.indexOf(split)]!;
      return [{ modelKey: key, split, days, rowCounts: dayRowCounts, absErrorSums: sums }];
    });
  }

  #modelResult(
    model: Model,
    configuration: Configuration,
    fit: RegressionFit,
    losses: readonly SplitLosses[],
  ): ModelResult {
    const { regressor } = configuration;
    const settings = seedSettings(configuration);
    const context = this.#contexts.find(({ side }) => side === model.side)!;
    const classifier = context.classifiers[model.featureSet];
    const bySplit: { [split in (typeof ALL_SPLITS)[number]]?: SplitMetrics } = {};
    ALL_SPLITS.forEach((split, s) => {
      const absErrorSum = losses.find((of) => of.split === split)?.sums.reduce(add, 0);
      const metrics = splitMetrics(context, s, model.featureSet, absErrorSum);
      if (metrics !== null) bySplit[split] = metrics;
    });
    return {
      ...bySplit,
      row_count: this.#dataset.parts[model.side]!.reduce((sum, part) => sum + part.rowCount, 0),
      feature_count: model.featureNames.length,
      feature_hash: model.featureHash,
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
      classifier_status: classifier.status,
      classifier_iterations: classifier.iterations,
      classifier_objective: classifier.objective,
      classifier_kkt_residual: classifier.kktResidual,
      classifier_kkt_tolerance: classifier.kktTolerance,
    };
  }
}

function splitMetrics(
  context: SideContext,
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

function complete<T>(models: Partial<Record<ModelKey, T>>): Record<ModelKey, T> {
  const { long_market_only, long_market_plus_state, short_market_only, short_market_plus_state } = models;
  if (!long_market_only || !long_market_plus_state || !short_market_only || !short_market_plus_state) {
    throw new Error(`models are missing: ${Object.keys(models).join(', ')}`);
  }
  return { long_market_only, long_market_plus_state, short_market_only, short_market_plus_state };
}

function add(a: number, b: number): number {
  return a + b;
}
