import { EVAL_SPLITS, FEATURE_SETS, modelKey, SIDES } from '../experiment/results.ts';
import { dailyLossesOf } from '../store/daily-losses.ts';
import type { OutcomeQuery, VerdictLosses } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { pairsByDay } from '../trust/day-cells.ts';
import { type ConfigurationLosses, sumsOf, TRUST_SETS, TRUST_SIDES, TRUST_SPLITS } from '../trust/losses.ts';
import type { ExportBatch, ExportColumn } from './export.ts';
import { storedStandings } from './standings.ts';
import { configurationLosses, datasetLosses, type NamedDataset, type SweepQuery } from './sweep-losses.ts';

/** Losses by day of a sweep, or of the whole store. */
export type LossesQuery = Pick<OutcomeQuery, 'sweep' | 'data' | 'code'>;

const COLUMNS = [
  ['verdict_id', 'text'],
  ['id', 'text'],
  ['baseline', 'text'],
  ['dataset', 'text'],
  ['model', 'text'],
  ['split', 'text'],
  ['day', 'integer'],
  ['rows', 'integer'],
  ['abs_error_sum', 'number'],
] as const satisfies readonly (readonly [name: string, type: ExportColumn['type']])[];

export const LOSSES_SCHEMA: readonly { name: string; type: ExportColumn['type'] }[] = COLUMNS.map(([name, type]) => ({
  name,
  type,
}));

/** A row for each verdict, model, split and UTC day (since 1970-01-01): the sum of |y − ŷ|, bps, over so many rows. */
export async function* lossesBatches(store: VerdictStore, query: LossesQuery): AsyncGenerator<ExportBatch> {
  for await (const verdicts of store.losses(query)) {
    const rows = verdicts.flatMap(rowsOf);
    const columns = COLUMNS.map(([name, type], i): ExportColumn => {
      if (type === 'text') return { name, type, values: rows.map((row) => String(row[i])) };
      return { name, type, values: Float64Array.from(rows, (row) => Number(row[i])) };
    });
    yield { rowCount: rows.length, columns };
  }
}

function rowsOf({ verdictId, configurationId, dataset, lossDays, lossSums }: VerdictLosses): (string | number)[][] {
  return dailyLossesOf(lossDays, lossSums).flatMap(({ modelKey: model, split, days, rowCounts, absErrorSums }) =>
    Array.from(days, (day, i) => [
      verdictId,
      configurationId,
      dataset.baselineRunId,
      dataset.contentHash ?? '',
      model,
      split,
      day,
      rowCounts[i]!,
      absErrorSums[i]!,
    ]),
  );
}

/**
 * A sweep's losses as JSON (`docs/trust.md`), some pieces at a time: `sweep trust` says of them what it says of the store.
 * Of a dataset whose days are not known (an older version's store, until the next run) only days and rows are in it.
 */
export async function* lossesJson(store: VerdictStore, query: SweepQuery): AsyncGenerator<string> {
  const { datasets, bars } = await datasetLosses(store, query);
  const known = new Map<string, object>(datasets.map((dataset) => [dataset.id, withPairsByDay(dataset)]));
  yield `{"sweep":${JSON.stringify(query.sweep)},"configurations":[`;
  const standings = await storedStandings(store, query);
  let separator = '';
  for await (const page of configurationLosses(store, query, datasets, standings)) {
    for (const { losses, dataset, verdict } of page) {
      if (verdict !== null && !known.has(dataset)) known.set(dataset, datasetOf(verdict));
      yield `${separator}${JSON.stringify({ ...losses, absErrorSums: listed(losses), verdictId: verdict?.verdictId ?? null })}`;
      separator = ',\n';
    }
  }
  const barsText = bars === undefined ? '' : `,"bars":${JSON.stringify(bars)}`;
  yield `],"datasets":${JSON.stringify([...known.values()])}${barsText}}\n`;
}

/** Pair tables of days, whatever cells they were counted by: who reads the file sums them by blocks of days. */
function withPairsByDay(dataset: NamedDataset): object {
  const sides = TRUST_SIDES.map((side) => {
    const splits = TRUST_SPLITS.map((split) => {
      const days = dataset.sides[side].splits[split];
      const sets = TRUST_SETS.map((set) => {
        const { pair2 } = days.sets[set];
        return [set, { ...days.sets[set], pair2: pair2 === null ? null : pairsByDay(pair2, days.cells) }] as const;
      });
      return [split, { ...days, sets: Object.fromEntries(sets) }] as const;
    });
    return [side, { splits: Object.fromEntries(splits) }] as const;
  });
  return { ...dataset, sides: Object.fromEntries(sides) };
}

function listed({ absErrorSums }: ConfigurationLosses): { [key: string]: number[] } {
  return Object.fromEntries(
    Array.from(absErrorSums.places.keys(), (key) => [key, Array.from(sumsOf(absErrorSums, key) ?? [])]),
  );
}

function datasetOf({ dataset, lossDays, lossSums }: VerdictLosses): object {
  const dailyLosses = dailyLossesOf(lossDays, lossSums);
  const sides = SIDES.map((side) => {
    const splits = EVAL_SPLITS.flatMap((split) => {
      const model = modelKey(side, FEATURE_SETS[0]);
      const found = dailyLosses.find((entry) => entry.modelKey === model && entry.split === split);
      return found === undefined ? [] : [[split, { days: [...found.days], rows: [...found.rowCounts] }] as const];
    });
    return [side.toLowerCase(), { splits: Object.fromEntries(splits) }] as const;
  });
  return {
    id: dataset.contentHash,
    hash: dataset.contentHash,
    ages: dataset.agesMinutes,
    run: dataset.baselineRunId,
    sides: Object.fromEntries(sides),
  };
}
