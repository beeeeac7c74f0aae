import { EVAL_SPLITS, FEATURE_SETS, modelKey, SIDES } from '../experiment/results.ts';
import type { OutcomeQuery, VerdictLosses } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import type { ExportBatch, ExportColumn } from './export.ts';

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

function rowsOf({ verdictId, configurationId, dataset, dailyLosses }: VerdictLosses): (string | number)[][] {
  return dailyLosses.flatMap(({ modelKey: model, split, days, rowCounts, absErrorSums }) =>
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
 * The same as the JSON that `docs/trust.md` describes, some pieces at a time. What a store does not hold of a dataset (the
 * losses of the constant, the ranks between days) is not in it.
 */
export async function* lossesJson(store: VerdictStore, query: LossesQuery): AsyncGenerator<string> {
  const datasets = new Map<string, object>();
  yield `{"sweep":${JSON.stringify(query.sweep ?? null)},"configurations":[`;
  let separator = '';
  for await (const verdicts of store.losses(query)) {
    for (const verdict of verdicts) {
      const hash = verdict.dataset.contentHash ?? '';
      if (!datasets.has(hash)) datasets.set(hash, datasetOf(verdict));
      yield `${separator}${JSON.stringify(configurationOf(verdict, hash))}`;
      separator = ',\n';
    }
  }
  yield `],"datasets":${JSON.stringify([...datasets.values()])}}\n`;
}

function configurationOf({ configurationId, verdictId, verdict, dailyLosses }: VerdictLosses, dataset: string): object {
  return {
    id: configurationId,
    verdictId,
    dataset,
    passed: verdict.status === 'PASS_TO_FORMAL_CHAIN',
    absErrorSums: Object.fromEntries(
      dailyLosses.map(({ modelKey: model, split, absErrorSums }) => [`${model}|${split}`, Array.from(absErrorSums)]),
    ),
  };
}

function datasetOf({ dataset, dailyLosses }: VerdictLosses): object {
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
