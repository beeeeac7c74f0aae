import { METRIC_COLUMNS, type MetricValue } from '../store/metric-columns.ts';
import type { JudgedConfiguration, OutcomeQuery, RunId, StoredRun } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { type CsvValue, csvLine } from './csv.ts';
import { type ColumnPlaces, type Entry, RECORD_FIELDS } from './fields.ts';
import { statusOf } from './verdict-words.ts';

/**
 * Some verdicts, column by column. Every batch of an export has the same columns in the same order.
 * Numbers are float64, also those that are whole; NaN where a verdict has no such number (a metric is never NaN).
 */
export type ExportBatch = { readonly rowCount: number; readonly columns: readonly ExportColumn[] };

export type ExportColumn =
  | { readonly name: string; readonly type: 'text'; readonly values: readonly (string | null)[] }
  | { readonly name: string; readonly type: 'number' | 'integer'; readonly values: Float64Array };

/** All verdicts of a sweep, or of the store, in the order in which they were stored. Failures have no verdict. */
export async function* exportBatches(
  store: VerdictStore,
  query: Pick<OutcomeQuery, 'sweep' | 'data' | 'code'> = {},
  batchSize = 2000,
): AsyncGenerator<ExportBatch> {
  const runs = new Map((await store.history()).map((run) => [run.runId, run]));
  for await (const verdicts of store.pages({ ...query, metrics: METRIC_COLUMNS }, batchSize)) {
    const columns = COLUMNS.map((column) => readColumn(column, verdicts, runs));
    yield { rowCount: verdicts.length, columns };
  }
}

/** Batches as CSV, some lines at a time; the first piece is the header. */
export async function* exportCsv(
  batches: AsyncGenerator<ExportBatch>,
  schema: ExportSchema = exportSchema(),
): AsyncGenerator<string> {
  // The first page before the header: an error then leaves no half of a file behind.
  let page = await batches.next();
  yield csvLine(schema.map(({ name }) => name));
  for (; page.done !== true; page = await batches.next()) {
    const { rowCount, columns } = page.value;
    const lines = Array.from({ length: rowCount }, (_, row) => csvLine(columns.map((column) => cell(column, row))));
    yield lines.join('');
  }
}

export type ExportSchema = readonly { readonly name: string; readonly type: ExportColumn['type'] }[];

/** Which columns an export has, also one without rows. */
export function exportSchema(): ExportSchema {
  return COLUMNS.map(({ name, type }) => ({ name, type }));
}

type ColumnSource = {
  readonly name: string;
  readonly type: ExportColumn['type'];
  readonly valueOf: (verdict: JudgedConfiguration, run: StoredRun | undefined) => MetricValue;
};

const INTEGERS = new Set(['max_iter', 'cap', 'gates']);
const NO_PLACES: ColumnPlaces = new Map();

const COLUMNS: readonly ColumnSource[] = [
  // Of a verdict by itself: a rank is among others, and a sweep is one of those that show it.
  ...RECORD_FIELDS.filter(({ name }) => name !== 'rank' && name !== 'sweep').map(
    ({ name, type, read }): ColumnSource => ({
      name,
      type: type === 'text' ? 'text' : INTEGERS.has(name) ? 'integer' : 'number',
      valueOf: (verdict) => read(entryOf(verdict), NO_PLACES),
    }),
  ),
  { name: 'status', type: 'text', valueOf: (verdict) => statusOf(verdict) },
  { name: 'verdict_id', type: 'text', valueOf: ({ verdictId }) => verdictId },
  { name: 'code_version', type: 'text', valueOf: ({ code }) => code.version },
  { name: 'made_by_sweep', type: 'text', valueOf: (_, run) => run?.sweepName ?? null },
  { name: 'run', type: 'text', valueOf: ({ runId }) => runId },
  { name: 'run_started_at', type: 'text', valueOf: (_, run) => run?.startedAt ?? null },
  { name: 'git_commit', type: 'text', valueOf: (_, run) => run?.gitCommit ?? null },
  ...METRIC_COLUMNS.map(
    ({ name, type }, i): ColumnSource => ({
      name,
      type: type === 'TEXT' ? 'text' : type === 'INTEGER' ? 'integer' : 'number',
      valueOf: (verdict) => verdict.metrics[i] ?? null,
    }),
  ),
];

function entryOf(outcome: JudgedConfiguration): Entry {
  return { outcome, rank: null, sweeps: [], unconverged: outcome.unconverged };
}

function readColumn(
  { name, type, valueOf: read }: ColumnSource,
  verdicts: readonly JudgedConfiguration[],
  runs: ReadonlyMap<RunId, StoredRun>,
): ExportColumn {
  const valueIn = (verdict: JudgedConfiguration) => read(verdict, runs.get(verdict.runId));
  if (type !== 'text')
    return { name, type, values: Float64Array.from(verdicts, (verdict) => numberOrNaN(valueIn(verdict))) };
  const values = verdicts.map((verdict) => {
    const value = valueIn(verdict);
    return value === null ? null : String(value);
  });
  return { name, type, values };
}

function numberOrNaN(value: MetricValue): number {
  return typeof value === 'number' ? value : Number.NaN;
}

function cell(column: ExportColumn, row: number): CsvValue {
  const value = column.values[row] ?? null;
  return typeof value === 'number' && Number.isNaN(value) ? null : value;
}
