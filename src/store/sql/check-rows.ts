import { messageOf } from '../../user-error.ts';
import { METRIC_COLUMNS } from '../metric-columns.ts';
import { damagedConfigurations } from './configurations.ts';
import type { Connection, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { checkDatasetDays } from './dataset-days.ts';
import { readJudgement } from './documents.ts';
import { readLockedLooks } from './locked-looks.ts';
import { readConflicts } from './read-conflicts.ts';
import { type ReadVerdict, selectedBy, type VerdictReader, verdictReader } from './read-verdicts.ts';
import { readSweeps } from './sweep-summaries.ts';
import { asNumber } from './values.ts';

/** More than these nobody reads. */
export const MAX_PROBLEMS = 100;
const PAGE_SIZE = 500;

/** Which errors of a database are findings, too: what it throws where its own pages are damaged. */
export type IsFinding = (error: unknown) => boolean;

/**
 * Reads everything that a store holds and adds what is damaged, one line each. In this order: every sweep, run, data, code
 * and dataset; every configuration; every verdict's row, metrics and documents; what the tables say of each other.
 */
export function* checkRows(connection: Connection, problems: string[], isFinding: IsFinding): Sql<void> {
  const attempt = (what: string, check: () => Sql<unknown>) => attemptOne(problems, what, check, isFinding);
  yield* attempt('sweeps and runs', () => readSweeps(connection));
  yield* attempt('configurations', function* () {
    problems.push(...(yield* damagedConfigurations(connection)));
  });
  yield* attempt('verdicts', () => checkVerdicts(connection, problems, isFinding));
  yield* attempt('days of datasets', () => checkDatasetDays(connection));
  yield* attempt('looks at locked splits', () => readLockedLooks(connection));
  yield* attempt('tables beside each other', () => checkBooks(connection, problems));
}

/** Damage that stops one check is a finding, and the next check goes on. */
function* attemptOne(problems: string[], what: string, check: () => Sql<unknown>, isFinding: IsFinding): Sql<void> {
  try {
    yield* check();
  } catch (error) {
    // A database's own words do not say where.
    if (error instanceof DamagedValue) problems.push(error.message);
    else if (isFinding(error)) problems.push(`${what}: ${messageOf(error)}`);
    else throw error;
  }
}

function* checkVerdicts(connection: Connection, problems: string[], isFinding: IsFinding): Sql<void> {
  const reader = yield* verdictReader(connection);
  const all = yield* selectedBy(connection, {});
  for (let afterRow = 0; problems.length < MAX_PROBLEMS; ) {
    const page = yield* reader.page(all, { metrics: METRIC_COLUMNS }, null, { afterRow, pageSize: PAGE_SIZE });
    if (page.length === 0) return;
    for (const verdict of page) {
      const check = () => checkDocuments(connection, reader, verdict);
      yield* attemptOne(problems, `verdict ${verdict.row}`, check, isFinding);
    }
    afterRow = page.at(-1)!.row;
  }
}

function* checkDocuments(connection: Connection, reader: VerdictReader, verdict: ReadVerdict): Sql<void> {
  const { result } = yield* readJudgement(connection, verdict, reader.contentOf(verdict.contentRow));
  for (const [i, column] of METRIC_COLUMNS.entries()) {
    if (verdict.stored.metrics[i] !== column.valueOf(result)) {
      throw new DamagedValue(`verdict ${verdict.row}: its metric ${column.name} differs from its document`);
    }
  }
}

/** What the tables say of each other, which no row's seal covers. */
function* checkBooks(connection: Connection, problems: string[]): Sql<void> {
  yield* readConflicts(connection);
  for (const [sql, what] of BOOKS) {
    const count = asNumber((yield* connection.get(sql))?.[0]);
    if (count > 0) problems.push(`${count} ${what}`);
  }
}

const BOOKS = [
  [
    `SELECT count(*) FROM verdicts JOIN runs ON runs.id = verdicts.run_id
     WHERE NOT EXISTS (
       SELECT 1 FROM looks WHERE looks.data_id = runs.data_id AND looks.configuration_id = verdicts.configuration_id)`,
    'verdicts are not counted as looks at the locked splits',
  ],
  [
    `SELECT count(*) FROM verdicts JOIN configurations ON configurations.id = verdicts.configuration_id
     JOIN contents ON contents.id = verdicts.content_id WHERE contents.selection_id <> configurations.selection_id`,
    "verdicts are on another ages set or cap than their configuration's",
  ],
  [
    `SELECT count(*) FROM datasets JOIN contents ON contents.id = datasets.content_id
     WHERE contents.selection_id <> datasets.selection_id`,
    'datasets have the content of another ages set or cap',
  ],
  [
    'SELECT count(*) FROM sweeps WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.sweep_id = sweeps.id)',
    'sweeps have no run',
  ],
  [
    `SELECT count(*) FROM (SELECT verdict_id FROM verdict_metrics UNION ALL SELECT verdict_id FROM verdict_documents) AS parts
     WHERE verdict_id NOT IN (SELECT id FROM verdicts)`,
    'metrics or documents are of no verdict',
  ],
] as const;
