import { shellWord } from '../../shell-word.ts';
import { UserError } from '../../user-error.ts';
import { DamagedValue } from '../sql/damaged-value.ts';
import { asText } from '../sql/values.ts';
import type { SqliteConnection } from './connection.ts';
import type { Sqlite } from './load-sqlite.ts';
import type { Migration } from './migrations/migration.ts';
import { newestTables } from './newest-tables.ts';

/**
 * Holds the tables of a database against those that the migrations make, so that no query meets a table that is not what
 * it is taken for. What someone added does no harm to who reads; see `rulesOfOthers`.
 *
 * @param connection a database at the newest schema
 * @throws DamagedValue naming the first difference
 */
export function checkSchema(sqlite: Sqlite, connection: SqliteConnection, migrations: readonly Migration[]): void {
  const found = new Map(
    connection.all(SELECT_SCHEMA).map(([type, name, sql]) => [shownName(asText(type), asText(name)), sql]),
  );
  for (const { type, name: ownName, sql } of newestTables(sqlite, migrations).made) {
    const name = shownName(type, ownName);
    if (found.get(name) !== sql)
      throw new DamagedValue(`its ${name} is ${found.has(name) ? 'not as we made it' : 'missing'}`);
  }
}

/**
 * @param kinds those that would do harm now; all where verdicts are to be written
 * @throws UserError naming the first rule of another program and how to remove it
 */
export function checkNoRulesOfOthers(
  connection: SqliteConnection,
  shownPath: string,
  kinds: readonly ForeignRule['kind'][] = ['index', 'trigger'],
): void {
  const rule = rulesOfOthers(connection).find(({ kind }) => kinds.includes(kind));
  if (rule === undefined) return;
  throw new UserError(`${shownPath}: its ${ruleText(rule)}. Remove it: ${removal(rule, shownPath)}`);
}

/** What another program has added to a store, and what acts on what we write. */
export type ForeignRule = { readonly kind: 'index' | 'trigger'; readonly name: string };

/**
 * Indexes that someone added do no harm as long as they only index: one that demands something (UNIQUE) or computes
 * something (an expression, a condition) keeps verdicts out. A trigger may do anything with what is written.
 */
export function rulesOfOthers(connection: SqliteConnection): ForeignRule[] {
  const rows = connection.all(
    `SELECT type, name, sql FROM sqlite_schema WHERE type IN ('index', 'trigger') AND sql IS NOT NULL`,
  );
  return rows.flatMap(([type, name, sql]): ForeignRule[] => {
    const kind = asText(type) === 'trigger' ? 'trigger' : 'index';
    return kind === 'index' && PLAIN_INDEX.test(asText(sql)) ? [] : [{ kind, name: asText(name) }];
  });
}

export function ruleText({ kind, name }: ForeignRule): string {
  const what = kind === 'index' ? 'keep verdicts out' : 'change or delete what is written';
  return `${kind} ${JSON.stringify(name)} was added by another program and may ${what}`;
}

/** The command line that removes it. */
export function removal({ kind, name }: ForeignRule, path: string): string {
  return `sqlite3 ${shellWord(path)} ${shellWord(`DROP ${kind.toUpperCase()} "${name.replaceAll('"', '""')}"`)}`;
}

const PLAIN_INDEX = /^CREATE INDEX [^()]+\([^()]*\)\s*$/i;

const SELECT_SCHEMA = 'SELECT type, name, sql FROM sqlite_schema';

function shownName(type: string, name: string): string {
  return `${type} ${JSON.stringify(name)}`;
}
