import { GATES } from '../experiment/gates.ts';
import { METRIC_COLUMNS, type MetricValue } from '../store/metric-columns.ts';
import type { JudgedConfiguration } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { type CsvValue, csvLine } from './csv.ts';

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
  query: { readonly sweep?: string | undefined } = {},
  batchSize = 2000,
): AsyncGenerator<ExportBatch> {
  for await (const verdicts of store.pages({ ...query, metrics: METRIC_COLUMNS }, batchSize)) {
    yield { rowCount: verdicts.length, columns: COLUMNS.map((column) => readColumn(column, verdicts)) };
  }
}

/** The same as CSV, some lines at a time; the first piece is the header. */
export async function* exportCsv(
  store: VerdictStore,
  query: { readonly sweep?: string | undefined } = {},
): AsyncGenerator<string> {
  const batches = exportBatches(store, query);
  // The first page before the header: an error then leaves no half of a file behind.
  let page = await batches.next();
  yield csvLine(COLUMNS.map((column) => column.name));
  for (; page.done !== true; page = await batches.next()) {
    const { rowCount, columns } = page.value;
    const lines = Array.from({ length: rowCount }, (_, row) => csvLine(columns.map((column) => cell(column, row))));
    yield lines.join('');
  }
}

/** Which columns an export has, also one without rows. */
export function exportSchema(): { name: string; type: ExportColumn['type'] }[] {
  return COLUMNS.map(({ name, type }) => ({ name, type }));
}

type ColumnSource = {
  readonly name: string;
  readonly type: ExportColumn['type'];
  readonly valueOf: (verdict: JudgedConfiguration) => MetricValue;
};

const COLUMNS: readonly ColumnSource[] = [
  text('configuration_id', (verdict) => verdict.configurationId),
  text('status', (verdict) => (verdict.passed ? 'PASS_TO_FORMAL_CHAIN' : 'NOT_READY_FOR_FORMAL_CHAIN')),
  text('ages_minutes', ({ configuration }) => configuration.agesMinutes.join()),
  text('regressor_kind', ({ configuration }) => configuration.regressor.kind),
  number('huber_alpha', ({ configuration: { regressor } }) => (regressor.kind === 'huber' ? regressor.alpha : null)),
  number('huber_epsilon', ({ configuration: { regressor } }) =>
    regressor.kind === 'huber' ? regressor.epsilon : null,
  ),
  integer('huber_max_iter', ({ configuration: { regressor } }) =>
    regressor.kind === 'huber' ? regressor.maxIter : null,
  ),
  number('ridge_alpha', ({ configuration: { regressor } }) => (regressor.kind === 'ridge' ? regressor.alpha : null)),
  number('regression_target_clip_bps', ({ configuration }) => configuration.regressionTargetClipBps),
  integer('max_rows_per_split', ({ configuration }) => configuration.maxRowsPerSplit),
  text('baseline_run_id', ({ dataset }) => dataset.baselineRunId),
  text('dataset_hash', ({ dataset }) => dataset.contentHash),
  text('code_version', (verdict) => verdict.codeVersion),
  number('duration_ms', (verdict) => verdict.durationMs),
  number('tune_edge_mae_vs_constant_ratio', (verdict) => verdict.tuneEdgeMaeRatio),
  number('tune_continue_auc', (verdict) => verdict.tuneAuc),
  integer('gates_passed', (verdict) => verdict.gatesPassed),
  number('smallest_margin', (verdict) => verdict.smallestMargin),
  text('weakest_gate', (verdict) => GATES[verdict.weakestGate]?.name ?? null),
  ...METRIC_COLUMNS.map(
    ({ name, type }, i): ColumnSource => ({
      name,
      type: type === 'TEXT' ? 'text' : type === 'INTEGER' ? 'integer' : 'number',
      valueOf: (verdict) => verdict.metrics[i] ?? null,
    }),
  ),
];

function text(name: string, read: (verdict: JudgedConfiguration) => string | null): ColumnSource {
  return { name, type: 'text', valueOf: read };
}

function number(name: string, read: (verdict: JudgedConfiguration) => number | null): ColumnSource {
  return { name, type: 'number', valueOf: read };
}

function integer(name: string, read: (verdict: JudgedConfiguration) => number | null): ColumnSource {
  return { name, type: 'integer', valueOf: read };
}

function readColumn(
  { name, type, valueOf: read }: ColumnSource,
  verdicts: readonly JudgedConfiguration[],
): ExportColumn {
  if (type !== 'text')
    return { name, type, values: Float64Array.from(verdicts, (verdict) => numberOrNaN(read(verdict))) };
  const values = verdicts.map((verdict) => {
    const value = read(verdict);
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
