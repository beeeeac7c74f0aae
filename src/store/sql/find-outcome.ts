import type { StoredOutcome, VerdictChoice } from '../records.ts';
import { sealedJudgement, sealedSummary } from '../sealed.ts';
import { summaryOf } from '../verdict-summary.ts';
import { readCodes, referenced } from './codes.ts';
import { CONFIGURATION_COLUMNS, canonicalOf, configurationOf } from './configurations.ts';
import type { Connection, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { datasetRecordOf, readContents, readDatasetContents, readSelections, unbuiltDatasetOf } from './datasets.ts';
import { readJudgement } from './documents.ts';
import { readNotes } from './notes.ts';
import { readConflicts } from './read-conflicts.ts';
import { shownData } from './read-outcomes.ts';
import { readRun } from './read-runs.ts';
import { selectedBy, verdictReader } from './read-verdicts.ts';
import { toHex } from './seal.ts';
import { asNumber, asText } from './values.ts';
import { type Located, locate } from './verdict-names.ts';

/** See `VerdictStore.find`. */
export function* findOutcome(connection: Connection, typed: string, choice: VerdictChoice): Sql<StoredOutcome> {
  return yield* connection.read(function* () {
    const found = yield* locate(connection, typed, choice);
    return found.kind === 'completed'
      ? yield* readCompleted(connection, found, choice)
      : yield* readFailed(connection, found);
  });
}

function* readCompleted(
  connection: Connection,
  found: Located & { kind: 'completed' },
  choice: VerdictChoice,
): Sql<StoredOutcome> {
  const reader = yield* verdictReader(connection);
  const shown = choice.sweep === undefined ? null : yield* shownData(connection, yield* selectedBy(connection, choice));
  const verdict = yield* reader.one(found.row, shown);
  const { judged, stored } = verdict;
  const { digest, ...judgement } = yield* readJudgement(connection, verdict, reader.contentOf(found.contentRow));
  const summary = summaryOf(judgement.result, judgement.verdict);
  // The leaderboard's figures, made anew from the documents.
  const keys = Object.keys(summary) as (keyof typeof summary)[];
  if (keys.some((key) => JSON.stringify(summary[key]) !== JSON.stringify(stored[key]))) {
    throw new DamagedValue(`the verdict of ${found.configurationId} differs from its documents`);
  }
  return {
    kind: 'completed',
    verdictId: judged.verdictId,
    configurationId: judged.configurationId,
    configuration: judged.configuration,
    canonical: canonicalOf(found.configurationId, found.canonicalText),
    dataset: judged.dataset,
    code: judged.code,
    durationMs: judged.durationMs,
    summary: judged.isSealed ? sealedSummary(summary) : { isSealed: false, ...summary },
    digest: toHex(digest),
    run: yield* readRun(connection, verdict.runRow),
    sweeps: yield* sweepsShowing(connection, found),
    others: found.names.filter(({ row }) => row !== found.row).map(({ name }) => name),
    notes: yield* readNotes(connection, found.row),
    conflicts: yield* readConflicts(connection, found.row),
    ...(judged.isSealed ? sealedJudgement(judgement) : { isSealed: false, ...judgement }),
  };
}

/** Sweeps that have the configuration and whose last run was on this content, by this code. */
function* sweepsShowing(
  connection: Connection,
  { configurationRow, contentRow, codeRow }: Located & { kind: 'completed' },
): Sql<string[]> {
  const rows = yield* connection.all(SELECT_SWEEPS_SHOWING, configurationRow, codeRow, contentRow);
  return rows.map((row) => asText(row[0]));
}

const SELECT_SWEEPS_SHOWING = `
  SELECT sweeps.name
  FROM sweeps
  JOIN sweep_configurations AS member ON member.sweep_id = sweeps.id AND member.configuration_id = ?
  JOIN runs ON runs.id = (SELECT max(id) FROM runs WHERE runs.sweep_id = sweeps.id)
  JOIN datasets ON datasets.data_id = runs.data_id AND datasets.code_id = runs.code_id
  WHERE runs.code_id = ? AND datasets.content_id = ?
  ORDER BY sweeps.name`;

function* readFailed(connection: Connection, found: Located & { kind: 'failed' }): Sql<StoredOutcome> {
  const [duration, attempts, name, message, selectionRow] =
    (yield* connection.get(SELECT_FAILURE, found.dataRow, found.codeRow, found.configurationRow)) ?? [];
  const run = yield* readRun(connection, found.runRow);
  const contentRow =
    (yield* readDatasetContents(connection, found.dataRow, found.codeRow)).get(asNumber(selectionRow)) ?? null;
  const dataset =
    contentRow === null
      ? unbuiltDatasetOf(referenced(yield* readSelections(connection), asNumber(selectionRow), 'selection'), run.data)
      : datasetRecordOf(referenced(yield* readContents(connection), contentRow, 'dataset'), run.data);
  const row = yield* connection.get(
    `SELECT ${CONFIGURATION_COLUMNS} FROM configurations WHERE id = ?`,
    found.configurationRow,
  );
  return {
    kind: 'failed',
    configurationId: found.configurationId,
    configuration: configurationOf(row ?? [], 0, dataset),
    canonical: canonicalOf(found.configurationId, found.canonicalText),
    dataset,
    code: referenced(yield* readCodes(connection), found.codeRow, 'code'),
    durationMs: asNumber(duration),
    run,
    sweeps: (yield* connection.all(SELECT_SWEEPS_FAILING, found.configurationRow, found.dataRow, found.codeRow)).map(
      (sweep) => asText(sweep[0]),
    ),
    others: found.names.map((named) => named.name),
    attempts: asNumber(attempts),
    error: { name: asText(name), message: asText(message) },
  };
}

const SELECT_FAILURE = `
  SELECT duration_ms, attempts, error_name, error_message, configurations.selection_id
  FROM failures JOIN configurations ON configurations.id = failures.configuration_id
  WHERE failures.data_id = ? AND failures.code_id = ? AND failures.configuration_id = ?`;

const SELECT_SWEEPS_FAILING = `
  SELECT sweeps.name
  FROM sweeps
  JOIN sweep_configurations AS member ON member.sweep_id = sweeps.id AND member.configuration_id = ?
  JOIN runs ON runs.id = (SELECT max(id) FROM runs WHERE runs.sweep_id = sweeps.id)
  WHERE runs.data_id = ? AND runs.code_id = ?
  ORDER BY sweeps.name`;
