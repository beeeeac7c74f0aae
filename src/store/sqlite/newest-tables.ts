import { asText } from '../sql/values.ts';
import { SqliteConnection } from './connection.ts';
import type { Sqlite } from './load-sqlite.ts';
import type { Migration } from './migrations/migration.ts';

/** What all migrations come to in a database that had nothing. */
export type NewestTables = {
  /** Tables, indexes and views, in the order in which they can be made. */
  readonly made: readonly { readonly type: string; readonly name: string; readonly sql: string }[];
  /** What stands in tables of a store that nobody has written to: statements without values. */
  readonly rows: readonly string[];
};

/** Made once a process, in memory: the steps take longer than everything else that opening a store does. */
export function newestTables(sqlite: Sqlite, migrations: readonly Migration[]): NewestTables {
  let tables = known.get(migrations);
  if (tables === undefined) known.set(migrations, (tables = madeInMemory(sqlite, migrations)));
  return tables;
}

const known = new WeakMap<readonly Migration[], NewestTables>();

function madeInMemory(sqlite: Sqlite, migrations: readonly Migration[]): NewestTables {
  const connection = new SqliteConnection(new sqlite.DatabaseSync(':memory:'));
  try {
    for (const migration of migrations) migration.up(connection);
    const made = connection
      .all('SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL')
      .map(([type, name, sql]) => ({ type: asText(type), name: asText(name), sql: asText(sql) }));
    const tables = made.filter(({ type }) => type === 'table');
    return { made, rows: tables.flatMap(({ name }) => insertsOf(connection, name)) };
  } finally {
    connection.close();
  }
}

function insertsOf(connection: SqliteConnection, table: string): string[] {
  const quoted = `"${table.replaceAll('"', '""')}"`;
  const columns = connection.all(`SELECT name FROM pragma_table_info(?)`, table).map(([name]) => asText(name));
  const literals = columns.map((name) => `quote("${name.replaceAll('"', '""')}")`).join(` || ', ' || `);
  return connection
    .all(`SELECT ${literals} FROM ${quoted}`)
    .map(([values]) => `INSERT INTO ${quoted} VALUES (${asText(values)})`);
}
