import { messageOf } from '../../user-error.ts';
import { METRIC_COLUMNS } from '../metric-columns.ts';
import { rulesOfOthers, ruleText } from './check-schema.ts';
import { damagedConfigurations } from './configurations.ts';
import type { Connection, Row } from './connection.ts';
import { checkDatasetDays } from './dataset-days.ts';
import { readJudgement } from './documents.ts';
import { readLockedLooks } from './locked-looks.ts';
import { readConflicts } from './read-outcomes.ts';
import { type ReadVerdict, selectedBy, VerdictReader } from './read-verdicts.ts';
import { DamagedValue, sqliteCode } from './sqlite-errors.ts';
import { readSweeps } from './sweep-summaries.ts';
import { asNumber, asText } from './values.ts';

/**
 * See `VerdictStore.check`. In this order: SQLite's own check of pages and indexes; references between tables; rules that
 * another program has added; every sweep, run, data, code and dataset; every configuration; every verdict's row, metrics
 * and documents; what the tables say of each other.
 */
export function checkStore(connection: Connection): string[] {
  const problems: string[] = [];
  attempt(problems, 'pages and indexes', () => {
    for (const row of integrityCheck(connection)) {
      for (const text of asText(row[0]).split('\n')) if (!IS_NO_PROBLEM.test(text)) problems.push(text);
    }
  });
  attempt(problems, 'references', () => {
    for (const row of connection.all('PRAGMA foreign_key_check')) {
      problems.push(`${asText(row[0])}: a row points to a row of ${asText(row[2])} that is missing`);
    }
  });
  for (const rule of rulesOfOthers(connection)) problems.push(`its ${ruleText(rule)}`);
  attempt(problems, 'sweeps and runs', () => readSweeps(connection));
  attempt(problems, 'configurations', () => problems.push(...damagedConfigurations(connection)));
  attempt(problems, 'verdicts', () => checkVerdicts(connection, problems));
  attempt(problems, 'days of datasets', () => checkDatasetDays(connection));
  attempt(problems, 'looks at locked splits', () => readLockedLooks(connection));
  attempt(problems, 'tables beside each other', () => checkBooks(connection, problems));
  return problems.slice(0, MAX_PROBLEMS);
}

const MAX_PROBLEMS = 100;
const PAGE_SIZE = 500;

/** What SQLite says where all is well, and the headline above what it says of pages. */
const IS_NO_PROBLEM = /^(ok|\*\*\* in database main \*\*\*)$/;

/**
 * What SQLite finds, as it finds it: some damage ends the check after it was named. With cells checked as pages are read, it
 * would end at the first bad page without a name.
 */
function* integrityCheck(connection: Connection): Iterable<Row> {
  connection.exec('PRAGMA cell_size_check = OFF');
  try {
    yield* connection.iterate(`PRAGMA integrity_check(${MAX_PROBLEMS})`);
  } finally {
    connection.exec('PRAGMA cell_size_check = ON');
  }
}

/** Damage that stops one check is a finding, and the next check goes on. */
function attempt(problems: string[], what: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof DamagedValue) && sqliteCode(error) === null) throw error;
    // SQLite's own words do not say where.
    problems.push(error instanceof DamagedValue ? error.message : `${what}: ${messageOf(error)}`);
  }
}

function checkVerdicts(connection: Connection, problems: string[]): void {
  const reader = new VerdictReader(connection);
  for (let afterRow = 0; problems.length < MAX_PROBLEMS; ) {
    const page = [...reader.read(selectedBy(connection, {}), METRIC_COLUMNS, null, { afterRow, pageSize: PAGE_SIZE })];
    if (page.length === 0) return;
    for (const verdict of page)
      attempt(problems, `verdict ${verdict.row}`, () => checkDocuments(connection, reader, verdict));
    afterRow = page.at(-1)!.row;
  }
}

function checkDocuments(connection: Connection, reader: VerdictReader, verdict: ReadVerdict): void {
  const { result } = readJudgement(connection, verdict, reader.contentOf(verdict.contentRow));
  for (const [i, column] of METRIC_COLUMNS.entries()) {
    if (verdict.stored.metrics[i] !== column.valueOf(result)) {
      throw new DamagedValue(`verdict ${verdict.row}: its metric ${column.name} differs from its document`);
    }
  }
}

/** What the tables say of each other, which no row's seal covers. */
function checkBooks(connection: Connection, problems: string[]): void {
  readConflicts(connection);
  for (const [sql, what] of BOOKS) {
    const count = asNumber(connection.get(sql)?.[0]);
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
    `SELECT count(*) FROM (SELECT verdict_id FROM verdict_metrics UNION ALL SELECT verdict_id FROM verdict_documents)
     WHERE verdict_id NOT IN (SELECT id FROM verdicts)`,
    'metrics or documents are of no verdict',
  ],
] as const;
