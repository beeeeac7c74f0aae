import type {
  Code,
  Conflict,
  DataRecord,
  EarlierVerdicts,
  FailedConfiguration,
  JudgedConfiguration,
  Looks,
  OutcomeQuery,
  OutcomeSet,
  RowSelection,
  RunId,
  RunShard,
} from '../records.ts';
import { readCodes, referenced } from './codes.ts';
import { CONFIGURATION_COLUMNS, configurationOf } from './configurations.ts';
import { type Connection, inTurn, type Row, type Sql, type SqlValue } from './connection.ts';
import { readAllData } from './data.ts';
import { datasetRecordOf, readContents, readDatasetContents, readSelections, unbuiltDatasetOf } from './datasets.ts';
import { readConflicts } from './read-conflicts.ts';
import { type Selected, selectedBy, verdictReader, type Wanted } from './read-verdicts.ts';
import { shardsOf } from './run-shards.ts';
import { memberCount } from './sweeps.ts';
import { asNumber, asText, asTextOrNull, chunksOf, placeholders, rowList } from './values.ts';

/** See `VerdictStore.outcomes`. */
export function* readOutcomes(connection: Connection, query: OutcomeQuery): Sql<OutcomeSet> {
  return yield* connection.read(function* () {
    const selected = yield* selectedBy(connection, query);
    const judged = yield* readJudged(connection, selected, { metrics: query.metrics });
    const failed = yield* readFailures(connection, selected);
    return {
      judged,
      failed,
      ...(yield* readBeside(connection, selected, judged.length + failed.length)),
      conflicts: (yield* readConflicts(connection)).filter(isOf(judged)),
    };
  });
}

/** What is said beside so many outcomes. */
export function* readBeside(
  connection: Connection,
  selected: Selected,
  outcomeCount: number,
): Sql<Omit<OutcomeSet, 'judged' | 'failed' | 'conflicts'>> {
  const { sweepRow } = selected;
  return {
    pendingCount:
      sweepRow === null ? yield* pendingInStore(connection) : (yield* memberCount(connection, sweepRow)) - outcomeCount,
    shards: yield* shardsShown(connection, selected),
    earlier: sweepRow === null ? [] : yield* readEarlier(connection, sweepRow, selected),
    looks: yield* readLooks(connection),
  };
}

function* shardsShown(
  connection: Connection,
  { sweepRow, shownDataRow, shownCodeRow }: Selected,
): Sql<readonly RunShard[]> {
  if (sweepRow === null || shownDataRow === null || shownCodeRow === null) return [];
  return yield* shardsOf(connection, sweepRow, { dataRow: shownDataRow, codeRow: shownCodeRow });
}

function* readJudged(connection: Connection, selected: Selected, wanted: Wanted): Sql<JudgedConfiguration[]> {
  const judged: JudgedConfiguration[] = [];
  const reader = yield* verdictReader(connection);
  yield* reader.each(selected, wanted, yield* shownData(connection, selected), ({ judged: shown }) =>
    judged.push(shown),
  );
  return judged;
}

function isOf(judged: readonly JudgedConfiguration[]): (conflict: Conflict) => boolean {
  let ids: Set<string> | undefined;
  return ({ verdictId }) => (ids ??= new Set(judged.map((verdict) => verdict.verdictId))).has(verdictId);
}

export function* shownData(connection: Connection, { shownDataRow }: Selected): Sql<DataRecord | null> {
  return shownDataRow === null ? null : referenced(yield* readAllData(connection), shownDataRow, 'data');
}

/** See `VerdictStore.failures`. */
export function* readFailed(connection: Connection, query: OutcomeQuery): Sql<FailedConfiguration[]> {
  return yield* connection.read(function* () {
    return yield* readFailures(connection, yield* selectedBy(connection, query));
  });
}

/** See `VerdictStore.datasetHash`. */
export function* readDatasetHash(connection: Connection, runId: RunId, selection: RowSelection): Sql<string | null> {
  const sql = `SELECT contents.content_hash FROM runs
    JOIN datasets ON datasets.data_id = runs.data_id AND datasets.code_id = runs.code_id AND datasets.selection_id = ?
    JOIN contents ON contents.id = datasets.content_id WHERE runs.uuid = ?`;
  const row = yield* connection.get(sql, yield* selectionRowOf(connection, selection), runId);
  return row === undefined ? null : asText(row[0]);
}

/** See `VerdictStore.outcomesOf`. */
export function* readOutcomesOf(
  connection: Connection,
  runId: RunId,
  selection: RowSelection,
  among: readonly string[] | null,
): Sql<ReadonlyMap<string, 'completed' | 'failed'>> {
  return yield* connection.read(function* () {
    const found = new Map<string, 'completed' | 'failed'>();
    const selectionRow = yield* selectionRowOf(connection, selection);
    for (const [sql, kind] of [
      [SELECT_FAILED_OF, 'failed'],
      [SELECT_JUDGED_OF, 'completed'],
    ] as const) {
      for (const row of yield* membersOf(connection, sql, [runId, selectionRow], among))
        found.set(asText(row[0]), kind);
    }
    return found;
  });
}

/** Of the configurations of a dataset that a statement is about, these; all of them where they are so many that asking for each takes longer. */
function* membersOf(
  connection: Connection,
  sql: string,
  values: readonly SqlValue[],
  among: readonly string[] | null,
): Sql<readonly Row[]> {
  if (among === null || among.length > MOST_ASKED_FOR) return yield* connection.all(sql, ...values);
  const rows: Row[] = [];
  for (const ids of chunksOf(among)) {
    const condition = `AND configurations.configuration_id IN (${placeholders(ids.length)})`;
    rows.push(...(yield* connection.all(`${sql} ${condition}`, ...values, ...ids)));
  }
  return rows;
}

const MOST_ASKED_FOR = 2000;

/** See `VerdictStore.authorsOf`. */
export function* readAuthorsOf(
  connection: Connection,
  runId: RunId,
  selection: RowSelection,
  among: readonly string[] | null,
): Sql<ReadonlyMap<string, string | null>> {
  return yield* connection.read(function* () {
    const values = [runId, yield* selectionRowOf(connection, selection)];
    const rows = yield* membersOf(connection, SELECT_AUTHORS_OF, values, among);
    return new Map(rows.map(([id, host]) => [asText(id), asTextOrNull(host)]));
  });
}

// A selection that no configuration has has no outcomes.
function* selectionRowOf(connection: Connection, { agesMinutes, maxRowsPerSplit }: RowSelection): Sql<number> {
  const sql = 'SELECT id FROM selections WHERE ages_minutes = ? AND max_rows_per_split = ?';
  const row = yield* connection.get(sql, JSON.stringify(agesMinutes), maxRowsPerSplit);
  return row === undefined ? -1 : asNumber(row[0]);
}

const MEMBERS_OF_RUN = `
  FROM runs
  JOIN sweep_configurations AS member ON member.sweep_id = runs.sweep_id
  JOIN configurations ON configurations.id = member.configuration_id`;
const SELECT_FAILED_OF = `
  SELECT configurations.configuration_id ${MEMBERS_OF_RUN}
  JOIN failures ON failures.data_id = runs.data_id AND failures.code_id = runs.code_id
    AND failures.configuration_id = configurations.id
  WHERE runs.uuid = ? AND configurations.selection_id = ?`;
const VERDICTS_OF_RUN = `${MEMBERS_OF_RUN}
  JOIN datasets ON datasets.data_id = runs.data_id AND datasets.code_id = runs.code_id
    AND datasets.selection_id = configurations.selection_id
  JOIN verdicts ON verdicts.content_id = datasets.content_id AND verdicts.code_id = runs.code_id
    AND verdicts.configuration_id = configurations.id`;
const SELECT_JUDGED_OF = `
  SELECT configurations.configuration_id ${VERDICTS_OF_RUN}
  WHERE runs.uuid = ? AND configurations.selection_id = ?`;
const SELECT_AUTHORS_OF = `
  SELECT configurations.configuration_id, author.host ${VERDICTS_OF_RUN}
  JOIN runs AS author ON author.id = verdicts.run_id
  WHERE runs.uuid = ? AND configurations.selection_id = ?`;

/** @param among where only some of them are wanted, these of the table `failures`; in no particular order */
export function* readFailures(
  connection: Connection,
  selected: Selected,
  among: readonly number[] | null = null,
): Sql<FailedConfiguration[]> {
  const { sweepRow, shownDataRow, shownCodeRow } = selected;
  const [data, codes, selections, contents] = [
    yield* readAllData(connection),
    yield* readCodes(connection),
    yield* readSelections(connection),
    yield* readContents(connection),
  ];
  const known = new Map<string, ReadonlyMap<number, number | null>>();
  const contentsOf = function* (dataRow: number, codeRow: number) {
    const key = `${dataRow} ${codeRow}`;
    const found = known.get(key) ?? (yield* readDatasetContents(connection, dataRow, codeRow));
    known.set(key, found);
    return found;
  };
  const datasetOf = function* (dataRow: number, codeRow: number, selectionRow: number) {
    const contentRow = (yield* contentsOf(dataRow, codeRow)).get(selectionRow) ?? null;
    const ofData = referenced(data, dataRow, 'data');
    if (contentRow !== null) return datasetRecordOf(referenced(contents, contentRow, 'dataset'), ofData);
    return unbuiltDatasetOf(referenced(selections, selectionRow, 'selection'), ofData);
  };
  const sql = `
    SELECT configurations.configuration_id, failures.data_id, failures.code_id, failures.duration_ms,
      failures.attempts, failures.error_name, failures.error_message, configurations.selection_id,
      ${CONFIGURATION_COLUMNS}
    FROM failures
    JOIN configurations ON configurations.id = failures.configuration_id
    ${sweepRow === null ? '' : 'JOIN sweep_configurations AS member ON member.sweep_id = ? AND member.configuration_id = configurations.id'}
    WHERE ${among === null ? '1 = 1' : `failures.id IN (${rowList(among)})`}
      ${sweepRow === null ? '' : `AND failures.data_id = ? AND failures.code_id = ? AND ${NOT_JUDGED_SINCE}`}`;
  const rows = yield* connection.all(sql, ...(sweepRow === null ? [] : [sweepRow, shownDataRow, shownCodeRow]));
  const asked = rows
    .filter((row) => selected.dataRows?.has(asNumber(row[1])) ?? true)
    .filter((row) => selected.codeRows?.has(asNumber(row[2])) ?? true);
  return yield* inTurn(asked, function* (row) {
    const dataset = yield* datasetOf(asNumber(row[1]), asNumber(row[2]), asNumber(row[7]));
    return {
      configurationId: asText(row[0]),
      configuration: configurationOf(row, 8, dataset),
      dataset,
      code: referenced(codes, asNumber(row[2]), 'code'),
      durationMs: asNumber(row[3]),
      attempts: asNumber(row[4]),
      error: { name: asText(row[5]), message: asText(row[6]) },
    };
  });
}

/**
 * Of a failure and its configuration. Data of the same content share verdicts: what failed on one of them may have been
 * judged on another.
 */
export const NOT_JUDGED_SINCE = `
  NOT EXISTS (
    SELECT 1 FROM datasets
    JOIN verdicts ON verdicts.content_id = datasets.content_id AND verdicts.code_id = datasets.code_id
    WHERE datasets.data_id = failures.data_id AND datasets.code_id = failures.code_id
      AND datasets.selection_id = configurations.selection_id
      AND verdicts.configuration_id = failures.configuration_id)`;

/** Configurations that some sweep waits for; two sweeps may wait for the same. */
function* pendingInStore(connection: Connection): Sql<number> {
  return asNumber((yield* connection.get(COUNT_PENDING))?.[0]);
}

const COUNT_PENDING = `
  SELECT count(*) FROM (
    SELECT DISTINCT member.configuration_id, runs.data_id, runs.code_id
    FROM runs
    JOIN sweep_configurations AS member ON member.sweep_id = runs.sweep_id
    JOIN configurations ON configurations.id = member.configuration_id
    LEFT JOIN datasets ON datasets.data_id = runs.data_id AND datasets.code_id = runs.code_id
      AND datasets.selection_id = configurations.selection_id
    WHERE runs.id IN (SELECT max(id) FROM runs WHERE sweep_id IS NOT NULL GROUP BY sweep_id)
      AND NOT EXISTS (
        SELECT 1 FROM verdicts WHERE verdicts.content_id = datasets.content_id AND verdicts.code_id = runs.code_id
          AND verdicts.configuration_id = member.configuration_id)
      AND NOT EXISTS (
        SELECT 1 FROM failures WHERE failures.data_id = runs.data_id AND failures.code_id = runs.code_id
          AND failures.configuration_id = member.configuration_id)) AS pending`;

/** Verdicts on a sweep's configurations and baseline run that it does not show, by data and code. */
export function* readEarlier(
  connection: Connection,
  sweepRow: number,
  { shownDataRow, contentRows, codeRows }: Pick<Selected, 'shownDataRow' | 'contentRows' | 'codeRows'>,
): Sql<EarlierVerdicts[]> {
  if (shownDataRow === null) return [];
  const hidden = (yield* judgedPlaces(connection)).filter(
    ([contentRow, codeRow]) => !(contentRows?.has(contentRow) && codeRows?.has(codeRow)),
  );
  if (hidden.length === 0) return [];
  const rows = yield* connection.all(
    `SELECT runs.data_id, verdicts.code_id, max(CASE WHEN verdicts.content_id IN (${rowList(contentRows ?? [])}) THEN 1 ELSE 0 END), count(*)
     FROM verdicts
     JOIN runs ON runs.id = verdicts.run_id
     JOIN data ON data.id = runs.data_id
     JOIN sweep_configurations AS member ON member.sweep_id = ? AND member.configuration_id = verdicts.configuration_id
     WHERE (verdicts.content_id, verdicts.code_id) IN (VALUES ${hidden.map((place) => `(${place.join()})`).join()})
       AND data.baseline_run_id = (SELECT baseline_run_id FROM data WHERE id = ?)
     GROUP BY runs.data_id, verdicts.code_id ORDER BY max(verdicts.id) DESC`,
    sweepRow,
    shownDataRow,
  );
  const [data, codes]: [ReadonlyMap<number, DataRecord>, ReadonlyMap<number, Code>] = [
    yield* readAllData(connection),
    yield* readCodes(connection),
  ];
  return rows.map(([dataRow, codeRow, sameContent, count]) => ({
    dataHash: referenced(data, asNumber(dataRow), 'data').hash,
    code: referenced(codes, asNumber(codeRow), 'code'),
    sameData: asNumber(dataRow) === shownDataRow || sameContent === 1,
    count: asNumber(count),
  }));
}

/** Every content and code that have verdicts together: there are few of each, and the unique index tells at once. */
function* judgedPlaces(connection: Connection): Sql<(readonly [contentRow: number, codeRow: number])[]> {
  const rows = yield* connection.all(
    `SELECT contents.id, codes.id FROM contents CROSS JOIN codes
     WHERE EXISTS (SELECT 1 FROM verdicts WHERE content_id = contents.id AND code_id = codes.id)`,
  );
  return rows.map(([contentRow, codeRow]) => [asNumber(contentRow), asNumber(codeRow)] as const);
}

function* readLooks(connection: Connection): Sql<Looks[]> {
  const data = yield* readAllData(connection);
  return (yield* connection.all('SELECT data_id, count(*) FROM looks GROUP BY data_id ORDER BY data_id')).map(
    ([row, count]) => {
      const { baselineRunId, hash } = referenced(data, asNumber(row), 'data');
      return { baselineRunId, dataHash: hash, configurationCount: asNumber(count) };
    },
  );
}
