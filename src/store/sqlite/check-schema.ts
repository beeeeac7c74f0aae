import { UserError } from '../../user-error.ts';
import { Connection, type Row } from './connection.ts';
import type { Sqlite } from './load-sqlite.ts';
import type { Migration } from './migrations/migration.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asText } from './values.ts';

/**
 * Holds the tables of a database against those that the migrations make, so that no query meets a table that is not what
 * it is taken for. Indexes and views that someone added do no harm; a trigger would act on what we write.
 *
 * @param connection a database at the newest schema
 * @throws DamagedValue naming the first difference
 */
export function checkSchema(sqlite: Sqlite, connection: Connection, migrations: readonly Migration[]): void {
  const found = new Map(connection.all(SELECT_SCHEMA).map((row) => [nameOf(row), row[2]]));
  for (const [name, sql] of expectedSchema(sqlite, migrations)) {
    if (found.get(name) !== sql)
      throw new DamagedValue(`its ${name} is ${found.has(name) ? 'not as we made it' : 'missing'}`);
  }
  const trigger = [...found.keys()].find((name) => name.startsWith('trigger '));
  if (trigger !== undefined) throw new DamagedValue(`it has a ${trigger}, which is not ours`);
}

/**
 * Indexes that someone added do no harm as long as they only index: one that demands something (UNIQUE) or computes
 * something (an expression, a condition) keeps verdicts out.
 *
 * @throws UserError naming the first such index and how to remove it
 */
export function checkNoRulesOfOthers(connection: Connection, shownPath: string): void {
  const [index] = rulesOfOthers(connection);
  if (index === undefined) return;
  throw new UserError(
    `${shownPath}: its index ${JSON.stringify(index)} was added by another program and may keep verdicts out. ` +
      `Remove it: sqlite3 ${shownPath} 'DROP INDEX ${JSON.stringify(index)}'`,
  );
}

/** The names of such indexes. */
export function rulesOfOthers(connection: Connection): string[] {
  const rows = connection.all(`SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`);
  return rows.filter(([, sql]) => !PLAIN_INDEX.test(asText(sql))).map(([name]) => asText(name));
}

const PLAIN_INDEX = /^CREATE INDEX [^()]+\([^()]*\)\s*$/i;

function expectedSchema(sqlite: Sqlite, migrations: readonly Migration[]): [name: string, sql: string][] {
  const connection = new Connection(new sqlite.DatabaseSync(':memory:'));
  try {
    for (const migration of migrations) migration.up(connection);
    return connection.all(`${SELECT_SCHEMA} WHERE sql IS NOT NULL`).map((row) => [nameOf(row), asText(row[2])]);
  } finally {
    connection.close();
  }
}

const SELECT_SCHEMA = 'SELECT type, name, sql FROM sqlite_schema';

function nameOf([type, name]: Row): string {
  return `${asText(type)} ${JSON.stringify(asText(name))}`;
}
