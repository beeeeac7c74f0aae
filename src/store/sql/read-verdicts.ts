import type { DayLosses } from '../daily-losses.ts';
import type { MetricColumn } from '../metric-columns.ts';
import { MetricReader } from '../metric-values.ts';
import type { Code, DataRecord, JudgedConfiguration, OutcomeQuery, StoredRun } from '../records.ts';
import { sealedVerdict } from '../sealed.ts';
import { unconvergedFromBits } from '../unconverged-fits.ts';
import type { VerdictSummary } from '../verdict-summary.ts';
import { readCodes, referenced } from './codes.ts';
import { CONFIGURATION_COLUMNS, configurationOf } from './configurations.ts';
import type { Connection, Row, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { type Content, datasetRecordOf, readContents, readDatasetContents } from './datasets.ts';
import { checkedDayLosses, LOSSES_COLUMNS } from './documents.ts';
import { readRuns } from './read-runs.ts';
import { IS_OPEN } from './sealed-verdicts.ts';
import { codeRowsOf, dataRowsOf, sweepRowOf, viewOf } from './sweeps.ts';
import { readTags } from './tags.ts';
import { asBytes, asNumber, asNumberOrNull, asText, chunksOf, rowList } from './values.ts';
import { metricsSeal, verdictKey, verdictSeal } from './verdict-seal.ts';

/** Which verdicts of a store are asked for, as rows of its tables; null: any. */
export type Selected = {
  readonly sweepRow: number | null;
  readonly contentRows: ReadonlySet<number> | null;
  readonly codeRows: ReadonlySet<number> | null;
  /** Only of runs on these data. */
  readonly dataRows: ReadonlySet<number> | null;
  /** The data that a sweep is shown on. */
  readonly shownDataRow: number | null;
  readonly shownCodeRow: number | null;
};

/** @throws UserError when there is no such sweep, data or code */
export function* selectedBy(connection: Connection, { sweep, data, code }: OutcomeQuery): Sql<Selected> {
  if (sweep === undefined) {
    return {
      sweepRow: null,
      contentRows: null,
      codeRows: code === undefined ? null : yield* codeRowsOf(connection, code),
      dataRows: data === undefined ? null : yield* dataRowsOf(connection, data),
      shownDataRow: null,
      shownCodeRow: null,
    };
  }
  const sweepRow = yield* sweepRowOf(connection, sweep);
  const { dataRow, codeRow } = yield* viewOf(connection, sweepRow, { data, code });
  const contents = [...(yield* readDatasetContents(connection, dataRow, codeRow)).values()].filter(
    (row) => row !== null,
  );
  return {
    sweepRow,
    contentRows: new Set(contents),
    codeRows: new Set([codeRow]),
    dataRows: null,
    shownDataRow: dataRow,
    shownCodeRow: codeRow,
  };
}

export type Page = { readonly afterRow: number; readonly pageSize: number };

/** What is read of verdicts beside what a list shows. */
export type Wanted = {
  readonly metrics?: readonly MetricColumn[] | undefined;
  /** Their losses by day, in `ReadVerdict.losses`. */
  readonly losses?: boolean;
};

/** A verdict, and where it stands. */
export type ReadVerdict = {
  readonly row: number;
  readonly contentRow: number;
  readonly runRow: number;
  /** As a reader has it: without what a seal keeps. */
  readonly judged: JudgedConfiguration;
  /** As it is stored, for the store's own checks. */
  readonly stored: JudgedConfiguration & VerdictSummary;
  /** As they are stored; null where they were not wanted. */
  readonly losses: DayLosses | null;
};

/** What a statement has of verdicts beside `SELECT_COLUMNS`, and where; metrics null: none. */
type Further = { readonly metrics: ColumnReader | null; readonly lossesPlace: number | null };
type ColumnReader = { readonly columns: readonly MetricColumn[]; readonly metrics: MetricReader };

function columnReader(columns: readonly MetricColumn[]): ColumnReader | null {
  return columns.length === 0 ? null : { columns, metrics: new MetricReader(columns) };
}

type ReaderParts = {
  readonly runs: ReadonlyMap<number, StoredRun>;
  readonly contents: ReadonlyMap<number, Content>;
  readonly codes: ReadonlyMap<number, Code>;
  readonly tags: ReadonlyMap<number, readonly string[]>;
};

/** A reader of verdicts, with what their rows point to. */
export function* verdictReader(connection: Connection): Sql<VerdictReader> {
  return new VerdictReader(connection, {
    runs: yield* readRuns(connection),
    contents: yield* readContents(connection),
    codes: yield* readCodes(connection),
    tags: yield* readTags(connection),
  });
}

/** What rows of verdicts point to, read once for all of them. */
export class VerdictReader {
  readonly #connection: Connection;
  readonly #contents: ReadonlyMap<number, Content>;
  readonly #codes: ReadonlyMap<number, Code>;
  readonly #data: ReadonlyMap<number, DataRecord>;
  readonly #runIds: ReadonlyMap<number, string>;
  readonly #tags: ReadonlyMap<number, readonly string[]>;
  readonly #datasets = new Map<Content, Map<DataRecord, JudgedConfiguration['dataset']>>();
  readonly #keys = new Map<Content, Map<Code, string>>();

  constructor(connection: Connection, parts: ReaderParts) {
    this.#connection = connection;
    this.#contents = parts.contents;
    this.#codes = parts.codes;
    this.#data = new Map([...parts.runs].map(([row, run]) => [row, run.data]));
    this.#runIds = new Map([...parts.runs].map(([row, run]) => [row, run.runId]));
    this.#tags = parts.tags;
  }

  /**
   * Does something with each verdict, in the order in which they were stored.
   *
   * @param shownData the data that a sweep is shown on; else those that each verdict was made on
   * @throws DamagedValue naming the verdict that is not as it was stored
   */
  *each(
    selected: Selected,
    wanted: Wanted,
    shownData: DataRecord | null,
    visit: (verdict: ReadVerdict) => void,
  ): Sql<void> {
    for (let afterRow = -1; ; ) {
      const verdicts = yield* this.page(selected, wanted, shownData, { afterRow, pageSize: CHUNK_SIZE });
      for (const verdict of verdicts) visit(verdict);
      if (verdicts.length < CHUNK_SIZE) return;
      afterRow = verdicts.at(-1)!.row;
    }
  }

  /** Some of them; see `each`. */
  *page(
    selected: Selected,
    { metrics: columns = [], losses = false }: Wanted,
    shownData: DataRecord | null,
    { afterRow, pageSize }: Page,
  ): Sql<ReadVerdict[]> {
    const metrics = columnReader(columns);
    const lossesPlace = losses ? FURTHER_OFFSET + (metrics === null ? 0 : METRICS_COLUMNS.length) : null;
    const sweep = selected.sweepRow === null ? [] : [selected.sweepRow];
    const rows = yield* this.#connection.all(
      selectVerdicts(selected, metrics !== null, losses),
      ...sweep,
      afterRow,
      pageSize,
    );
    return rows.map((row) => this.#verdictOf(row, { metrics, lossesPlace }, shownData));
  }

  /** Verdicts by their rows, in the order of these. */
  *some(
    verdictRows: readonly number[],
    columns: readonly MetricColumn[],
    shownData: DataRecord | null,
  ): Sql<JudgedConfiguration[]> {
    const metrics = columnReader(columns);
    const judged: JudgedConfiguration[] = [];
    for (const chunk of chunksOf(verdictRows, CHUNK_SIZE)) {
      const select = metrics === null ? SELECT_VERDICTS : SELECT_WITH_METRICS;
      const rows = yield* this.#connection.all(`${select} WHERE verdicts.id IN (${rowList(chunk)})`);
      const byRow = new Map(rows.map((row) => [row[0], row]));
      for (const verdictRow of chunk) {
        const row = byRow.get(verdictRow);
        if (row === undefined) throw new DamagedValue(`verdict ${verdictRow} is missing`);
        judged.push(this.#verdictOf(row, { metrics, lossesPlace: null }, shownData).judged);
      }
    }
    return judged;
  }

  /** One verdict by its row. */
  *one(verdictRow: number, shownData: DataRecord | null): Sql<ReadVerdict> {
    const row = yield* this.#connection.get(`${SELECT_VERDICTS} WHERE verdicts.id = ?`, verdictRow);
    if (row === undefined) throw new DamagedValue(`verdict ${verdictRow} is missing`);
    return this.#verdictOf(row, NOTHING_FURTHER, shownData);
  }

  contentOf(contentRow: number): Content {
    return referenced(this.#contents, contentRow, 'dataset');
  }

  #verdictOf(row: Row, { metrics, lossesPlace }: Further, shownData: DataRecord | null): ReadVerdict {
    const [
      id,
      configurationIdValue,
      contentRow,
      codeRow,
      runRowValue,
      durationMs,
      passed,
      gatesPassed,
      smallestMargin,
      weakestGate,
      tuneEdgeMaeRatio,
      tuneAuc,
      fitStatuses,
      seal,
    ] = row;
    const content = referenced(this.#contents, asNumber(contentRow), 'dataset');
    const code = referenced(this.#codes, asNumber(codeRow), 'code');
    const runRow = asNumber(runRowValue);
    const verdictRow = asNumber(id);
    const configurationId = asText(configurationIdValue);
    const stored: ReadVerdict['stored'] = {
      verdictId: `${configurationId}@${this.#keyOf(content, code)}`,
      configurationId,
      configuration: configurationOf(row, CONFIGURATION_OFFSET, content),
      dataset: this.#datasetOf(content, shownData ?? referenced(this.#data, runRow, 'run')),
      code,
      runId: referenced(this.#runIds, runRow, 'run'),
      durationMs: asNumber(durationMs),
      isSealed: false,
      passed: asNumber(passed) === 1,
      gatesPassed: asNumber(gatesPassed),
      smallestMargin: asNumberOrNull(smallestMargin),
      weakestGate: asNumber(weakestGate),
      tuneEdgeMaeRatio: asNumberOrNull(tuneEdgeMaeRatio),
      tuneAuc: asNumberOrNull(tuneAuc),
      unconverged: unconvergedOf(asNumber(fitStatuses)),
      tags: this.#tags.get(verdictRow) ?? NO_TAGS,
      metrics: metrics === null ? NO_METRICS : metricsOf(row, metrics.metrics, configurationId),
    };
    if (seal !== verdictSeal(stored, content, code, runRow)) {
      throw new DamagedValue(`the verdict of ${configurationId} is not as it was stored`);
    }
    const judged = asNumber(row[IS_OPEN_PLACE]) === 1 ? stored : sealedVerdict(stored, metrics?.columns ?? []);
    const losses = lossesPlace === null ? null : checkedDayLosses(verdictRow, row, lossesPlace, content);
    return { row: verdictRow, contentRow: content.row, runRow, judged, stored, losses };
  }

  /** One object for all verdicts on it. */
  #datasetOf(content: Content, data: DataRecord): JudgedConfiguration['dataset'] {
    let ofContent = this.#datasets.get(content);
    if (ofContent === undefined) this.#datasets.set(content, (ofContent = new Map()));
    let dataset = ofContent.get(data);
    if (dataset === undefined) ofContent.set(data, (dataset = datasetRecordOf(content, data)));
    return dataset;
  }

  #keyOf(content: Content, code: Code): string {
    let ofContent = this.#keys.get(content);
    if (ofContent === undefined) this.#keys.set(content, (ofContent = new Map()));
    let key = ofContent.get(code);
    if (key === undefined) ofContent.set(code, (key = verdictKey(content.contentHash, code)));
    return key;
  }
}

/** Rows one by one take a third longer, and all at once twice the garbage: they outlive what is made of them. */
const CHUNK_SIZE = 2000;
const NO_TAGS: readonly string[] = [];
const NO_METRICS: readonly never[] = [];

const SELECT_COLUMNS = `
  verdicts.id, configurations.configuration_id, verdicts.content_id, verdicts.code_id, verdicts.run_id,
  verdicts.duration_ms, verdicts.passed, verdicts.gates_passed, verdicts.smallest_margin, verdicts.weakest_gate,
  verdicts.tune_edge_mae_ratio, verdicts.tune_auc, verdicts.fit_statuses, verdicts.seal,
  ${CONFIGURATION_COLUMNS}, ${IS_OPEN}`;
const CONFIGURATION_OFFSET = 14;
const IS_OPEN_PLACE = 18;
const FURTHER_OFFSET = 19;
const METRICS_COLUMNS = ['verdict_metrics.metrics', 'verdict_metrics.seal', 'verdicts.digest'];
const NOTHING_FURTHER: Further = { metrics: null, lossesPlace: null };

const JOIN_CONFIGURATIONS = 'CROSS JOIN configurations ON configurations.id = verdicts.configuration_id';
const SELECT_VERDICTS = `SELECT ${SELECT_COLUMNS} FROM verdicts ${JOIN_CONFIGURATIONS}`;
const JOIN_METRICS = 'LEFT JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id';
const SELECT_WITH_METRICS = `
  SELECT ${[SELECT_COLUMNS, ...METRICS_COLUMNS].join(', ')} FROM verdicts ${JOIN_CONFIGURATIONS} ${JOIN_METRICS}`;

// Built of our own texts and row numbers only; what a user typed goes in as a value.
function selectVerdicts(selected: Selected, withMetrics: boolean, withLosses: boolean): string {
  const conditions = [
    ...(selected.contentRows === null ? [] : [`+verdicts.content_id IN (${rowList(selected.contentRows)})`]),
    ...(selected.codeRows === null ? [] : [`+verdicts.code_id IN (${rowList(selected.codeRows)})`]),
    ...(selected.dataRows === null ? [] : [`runs.data_id IN (${rowList(selected.dataRows)})`]),
    'verdicts.id > ?',
  ];
  // CROSS JOIN: the verdicts are read from first to last, and the rest is looked up.
  const member =
    'CROSS JOIN sweep_configurations AS member ON member.sweep_id = ? AND member.configuration_id = verdicts.configuration_id';
  const further = [...(withMetrics ? METRICS_COLUMNS : []), ...(withLosses ? LOSSES_COLUMNS : [])];
  return `
    SELECT ${[SELECT_COLUMNS, ...further].join(', ')}
    FROM verdicts
    ${selected.sweepRow === null ? '' : member}
    ${JOIN_CONFIGURATIONS}
    ${selected.dataRows === null ? '' : 'JOIN runs ON runs.id = verdicts.run_id'}
    ${withMetrics ? JOIN_METRICS : ''}
    ${withLosses ? 'LEFT JOIN verdict_documents ON verdict_documents.verdict_id = verdicts.id' : ''}
    WHERE ${conditions.join(' AND ')}
    ORDER BY verdicts.id LIMIT ?`;
}

function metricsOf(row: Row, reader: MetricReader, configurationId: string) {
  // A verdict without metrics is damage, too.
  const metrics = asBytes(row[FURTHER_OFFSET]);
  if (row[FURTHER_OFFSET + 1] !== metricsSeal(asBytes(row[FURTHER_OFFSET + 2]), metrics)) {
    throw new DamagedValue(`the metrics of ${configurationId} are not as they were stored`);
  }
  return reader.read(metrics);
}

function unconvergedOf(bits: number) {
  try {
    return unconvergedFromBits(bits);
  } catch (error) {
    throw new DamagedValue('the fit statuses of a verdict cannot be read', { cause: error });
  }
}
