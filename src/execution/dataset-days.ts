import { ALL_SPLITS } from '../baseline/splits.ts';
import type { Dataset } from '../dataset/dataset.ts';
import type { RunFacts } from '../dataset/state-rows.ts';
import { bySet, EVAL_SPLITS, type EvalSplitId, SIDES } from '../experiment/results.ts';
import type { SideContext } from '../experiment/side-context.ts';
import type { DatasetDays, DatasetDaysPart } from '../store/records.ts';
import { DAY_MS } from '../time-units.ts';

/** What no regressor setting moves, by day, in the words of the store. */
export function datasetDaysOf(
  { parts }: Dataset,
  contexts: readonly Pick<SideContext, 'daily'>[],
  bars: DatasetDays['bars'],
): DatasetDays {
  return {
    bars,
    parts: SIDES.flatMap((side, s) =>
      EVAL_SPLITS.flatMap((split): DatasetDaysPart[] => {
        const number = ALL_SPLITS.indexOf(split);
        const daily = contexts[s]!.daily[number];
        if (daily === null || daily === undefined) return [];
        const { days, pairCells } = parts[s]![number]!;
        const nCells = pairCells === null ? 0 : pairCells.at(-1)! + 1;
        return [
          {
            side,
            split,
            days: [...days],
            rows: [...daily.rows],
            positives: [...daily.positives],
            constantAbsoluteErrors: [...daily.constantAbsoluteErrors],
            constantSquaredErrors: [...daily.constantSquaredErrors],
            pairCells: pairCells === null ? undefined : [...pairCells],
            sets: bySet((set) => ({
              squaredErrors: [...daily.squaredErrors[set]],
              doubledPairs: daily.doubledPairs === null ? null : tableOf(daily.doubledPairs[set], nCells),
              calibration: daily.calibration?.[set],
            })),
          },
        ];
      }),
    ),
  };
}

/** Rows of the baseline run's feature frame by split and UTC day. */
export function barsByDay({ features }: RunFacts): DatasetDays['bars'] {
  const counts = ALL_SPLITS.map(() => new Map<number, number>());
  for (let row = 0; row < features.rowCount; row += 1) {
    const ofSplit = counts[features.splits[row]!];
    if (ofSplit === undefined) continue;
    const day = Math.floor(features.openTimesMs[row]! / DAY_MS);
    ofSplit.set(day, (ofSplit.get(day) ?? 0) + 1);
  }
  const ascending = (split: EvalSplitId) => [...counts[ALL_SPLITS.indexOf(split)]!].sort(([a], [b]) => a - b);
  return {
    tune: ascending('tune'),
    validation_locked: ascending('validation_locked'),
    latest_stress: ascending('latest_stress'),
  };
}

function tableOf(values: Float64Array, n: number): number[][] {
  return Array.from({ length: n }, (_, row) => [...values.subarray(row * n, (row + 1) * n)]);
}
