import { EVAL_SPLITS, FEATURE_SETS, modelKey, SIDES } from '../../src/experiment/results.ts';
import { verdictOf } from '../../src/experiment/verdict.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { DatasetDays, OutcomeRecord, RunStart } from '../../src/store/records.ts';
import { type DatasetLosses, type SweepLosses, sumsOf, TRUST_SIDES } from '../../src/trust/losses.ts';
import {
  configurationWith,
  failedOutcome,
  recordOf,
  SYNTHETIC_END,
  SYNTHETIC_RUN,
  syntheticResult,
} from '../store/synthetic.ts';
import { randomFrom } from './random.ts';

/**
 * Writes a sweep's losses into a store as a run would: a configuration each, whose MAE ratios, AUCs and verdict are those
 * of its losses. Their parameters are made up, their ids those of their canonical forms.
 *
 * @param unconverged numbers of configurations with a market_only fit that did not converge
 * @param failures so many more configurations that could not be judged
 * @param seals whether gates are sealed
 * @param evaluations what its locked splits are of
 */
export async function writeStoreOfLosses(
  path: string,
  losses: SweepLosses,
  {
    sweepName = losses.sweep,
    withDays = true,
    failures = 0,
    unconverged = [],
    seals = false,
    evaluations = {},
  }: {
    sweepName?: string;
    withDays?: boolean;
    failures?: number;
    unconverged?: readonly number[];
    seals?: boolean;
    evaluations?: RunStart['evaluations'];
  } = {},
): Promise<void> {
  await using store = await openVerdictStore(path, { mode: 'write' });
  const datasetOf = new Map(losses.datasets.map((dataset) => [dataset.id, dataset]));
  const configurations = losses.configurations.map(({ dataset }, i) =>
    recordOf(
      configurationWith({
        agesMinutes: datasetOf.get(dataset)!.ages,
        regressor: { kind: 'huber', alpha: 0.0001 * (1 + i), epsilon: 1.35, maxIter: 1000 },
      }),
    ),
  );
  const failing = Array.from({ length: failures }, (_, i) =>
    recordOf(
      configurationWith({
        agesMinutes: losses.datasets[0]!.ages,
        regressor: { kind: 'ridge', alpha: 1 + i, maxIter: 1000 },
      }),
    ),
  );
  const runId = await store.beginRun({
    ...SYNTHETIC_RUN,
    sweepName,
    configurations: [...configurations, ...failing],
    seals,
    evaluations,
  });
  for (const dataset of losses.datasets) {
    const selection = { agesMinutes: dataset.ages, maxRowsPerSplit: 0 };
    await store.datasetBuilt(runId, selection, { contentHash: hashOf(dataset), rowCount: 1000 });
    if (withDays) await store.datasetDaysMade(runId, selection, daysOf(dataset, losses.bars));
  }
  const outcomes = configurations.map((record, i): OutcomeRecord => {
    const { dataset: id, absErrorSums } = losses.configurations[i]!;
    const dataset = datasetOf.get(id)!;
    const result = syntheticResult(record.configuration, randomFrom(i).uniform);
    if (unconverged.includes(i)) {
      result.long_market_only.regressor_status = 'stalled';
      result.long_market_only.regressor_converged = false;
    }
    const dailyLosses = SIDES.flatMap((side, s) =>
      FEATURE_SETS.flatMap((set) =>
        EVAL_SPLITS.map((split) => {
          const days = dataset.sides[TRUST_SIDES[s]!].splits[split];
          const sums = Array.from(sumsOf(absErrorSums, `${TRUST_SIDES[s]}_${set}|${split}`)!);
          const metrics = result[modelKey(side, set)][split]!;
          const ratio = total(sums) / total(days.constAbs);
          metrics.edge_mae_vs_constant_ratio = ratio;
          metrics.edge_mae = metrics.edge_constant_mae * ratio;
          metrics.continue_auc = aucOf(days.pos, days.rows, days.sets[set].pair2!);
          return {
            modelKey: modelKey(side, set),
            split,
            days: Int32Array.from(days.days),
            rowCounts: Int32Array.from(days.rows),
            absErrorSums: Float64Array.from(sums),
          };
        }),
      ),
    );
    return {
      configurationId: record.id,
      durationMs: 20,
      kind: 'completed',
      datasetHash: hashOf(dataset),
      result,
      verdict: verdictOf(result),
      dailyLosses,
    };
  });
  const failed = failing.map((record) => ({ ...failedOutcome(record), datasetHash: hashOf(losses.datasets[0]!) }));
  await store.finishRun(runId, SYNTHETIC_END, await store.record(runId, [...outcomes, ...failed]));
}

function hashOf({ id }: DatasetLosses): string {
  return String(id).padStart(64, 'd');
}

function daysOf({ sides }: DatasetLosses, bars: SweepLosses['bars']): DatasetDays {
  const barsOf = (split: (typeof EVAL_SPLITS)[number]) =>
    Object.entries(bars?.[split] ?? {}).map(([day, count]) => [Number(day), count] as const);
  return {
    bars: {
      tune: barsOf('tune'),
      validation_locked: barsOf('validation_locked'),
      latest_stress: barsOf('latest_stress'),
    },
    parts: SIDES.flatMap((side, s) =>
      EVAL_SPLITS.map((split) => {
        const { days, rows, pos, constAbs, constSq, sets } = sides[TRUST_SIDES[s]!].splits[split];
        const of = (set: (typeof FEATURE_SETS)[number]) => ({
          squaredErrors: sets[set].sq,
          doubledPairs: sets[set].pair2,
        });
        return {
          side,
          split,
          days,
          rows,
          positives: pos,
          constantAbsoluteErrors: constAbs,
          constantSquaredErrors: constSq,
          sets: { market_only: of('market_only'), market_plus_state: of('market_plus_state') },
        };
      }),
    ),
  };
}

function aucOf(positives: readonly number[], rows: readonly number[], pairs: readonly (readonly number[])[]): number {
  return total(pairs.map(total)) / 2 / (total(positives) * (total(rows) - total(positives)));
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
