import type { Dataset } from '../dataset/dataset.ts';
import type { SharedArena } from '../numerics/memory.ts';
import type { RegressionFit } from '../numerics/regressions.ts';
import type { Workspace } from '../numerics/workspace.ts';
import type { Configuration } from './configuration.ts';
import { MODELS, ModelJudge, type ModelJudgement } from './model-judge.ts';
import type { DailyLosses, ExperimentResult, ModelKey } from './results.ts';
import type { JudgingContext } from './side-context.ts';
import { type Verdict, verdictOf } from './verdict.ts';

/** One configuration's outcome: four models judged on every split, and what the rule says of them. */
export type Judgement = {
  readonly result: ExperimentResult;
  readonly verdict: Verdict;
  /** four models × three evaluation splits, those that have rows */
  readonly dailyLosses: DailyLosses[];
  /** the regressors themselves, by model */
  readonly regressors: Readonly<Record<ModelKey, RegressionFit>>;
};

/** A configuration's result and verdict, from the judgements of its four models. */
export function judgementOf(
  modelOf: (key: ModelKey) => Omit<ModelJudgement, 'regressor'>,
): Omit<Judgement, 'regressors'> {
  const result = mapModels((key) => modelOf(key).result);
  return { result, verdict: verdictOf(result), dailyLosses: MODELS.flatMap(({ key }) => modelOf(key).dailyLosses) };
}

/** Judges whole configurations of one dataset: their four models, one after the other, and the verdict. */
export class ConfigurationJudge {
  readonly #models: readonly ModelJudge[];

  /**
   * @param arena where regressions keep their state for as long as the judge lives
   * @param contexts of both sides
   * @param featureOrder market features in model order, for the feature hashes
   */
  constructor(
    workspace: Workspace,
    arena: SharedArena,
    dataset: Dataset,
    contexts: readonly JudgingContext[],
    featureOrder: readonly string[],
  ) {
    this.#models = MODELS.map(
      (model) => new ModelJudge(workspace, arena, dataset, contexts[model.side]!, model, featureOrder),
    );
  }

  /** Judges any number of configurations, all of this dataset's ages and cap. */
  judge(configurations: readonly Configuration[]): Judgement[] {
    const byModel = new Map(this.#models.map((judge) => [judge.model.key, judge.judge(configurations)]));
    return configurations.map((_, c) => {
      const modelOf = (key: ModelKey): ModelJudgement => byModel.get(key)![c]!;
      return { ...judgementOf(modelOf), regressors: mapModels((key) => modelOf(key).regressor) };
    });
  }
}

function mapModels<T>(make: (key: ModelKey) => T): Record<ModelKey, T> {
  return {
    long_market_only: make('long_market_only'),
    long_market_plus_state: make('long_market_plus_state'),
    short_market_only: make('short_market_only'),
    short_market_plus_state: make('short_market_plus_state'),
  };
}
