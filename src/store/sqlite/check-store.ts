import { messageOf } from '../../user-error.ts';
import { checkRows, MAX_PROBLEMS } from '../sql/check-rows.ts';
import { asText } from '../sql/values.ts';
import { rulesOfOthers, ruleText } from './check-schema.ts';
import { atOnce, type Row, type SqliteConnection } from './connection.ts';
import { sqliteCode } from './sqlite-errors.ts';

/**
 * See `VerdictStore.check`. In this order: SQLite's own check of pages and indexes; references between tables; rules that
 * another program has added; what `checkRows` reads.
 */
export function checkStore(connection: SqliteConnection): string[] {
  const problems: string[] = [];
  const attempt = (what: string, check: () => void): void => {
    try {
      check();
    } catch (error) {
      if (!isFinding(error)) throw error;
      problems.push(`${what}: ${messageOf(error)}`);
    }
  };
  attempt('pages and indexes', () => {
    for (const row of integrityCheck(connection)) {
      for (const text of asText(row[0]).split('\n')) if (!IS_NO_PROBLEM.test(text)) problems.push(text);
    }
  });
  attempt('references', () => {
    for (const row of connection.all('PRAGMA foreign_key_check')) {
      problems.push(`${asText(row[0])}: a row points to a row of ${asText(row[2])} that is missing`);
    }
  });
  for (const rule of rulesOfOthers(connection)) problems.push(`its ${ruleText(rule)}`);
  atOnce(checkRows(connection.statements, problems, isFinding));
  return problems.slice(0, MAX_PROBLEMS);
}

/** SQLite's own errors say that pages are damaged. */
function isFinding(error: unknown): boolean {
  return sqliteCode(error) !== null;
}

/** What SQLite says where all is well, and the headline above what it says of pages. */
const IS_NO_PROBLEM = /^(ok|\*\*\* in database main \*\*\*)$/;

/**
 * What SQLite finds, as it finds it: some damage ends the check after it was named. With cells checked as pages are read, it
 * would end at the first bad page without a name.
 */
function* integrityCheck(connection: SqliteConnection): Iterable<Row> {
  connection.exec('PRAGMA cell_size_check = OFF');
  try {
    yield* connection.iterate(`PRAGMA integrity_check(${MAX_PROBLEMS})`);
  } finally {
    connection.exec('PRAGMA cell_size_check = ON');
  }
}
