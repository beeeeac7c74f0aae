import { existsSync, renameSync, rmSync } from 'node:fs';
import { UserError } from '../../user-error.ts';
import { reserveFileBeside } from '../../whole-files.ts';
import { asNumber } from '../sql/values.ts';
import type { StoreMigration } from '../verdict-store.ts';
import type { SqliteConnection } from './connection.ts';
import type { Sqlite } from './load-sqlite.ts';
import type { Migration } from './migrations/migration.ts';
import { newestTables } from './newest-tables.ts';

/** Marks a SQLite file as a sweep store: "SWEP". */
const APPLICATION_ID = 0x53574550;

/**
 * The schema of a database: 0 when it has none yet. Changes nothing.
 *
 * @throws UserError when it is another program's, or a newer version's
 */
export function schemaVersion(
  connection: SqliteConnection,
  shownPath: string,
  migrations: readonly Migration[],
): number {
  const version = asNumber(connection.get('PRAGMA user_version')?.[0]);
  const applicationId = asNumber(connection.get('PRAGMA application_id')?.[0]);
  const tableCount = asNumber(connection.get('SELECT count(*) FROM sqlite_schema')?.[0]);
  if (tableCount === 0 && version === 0 && applicationId === 0) return 0;
  if (applicationId !== APPLICATION_ID) {
    throw new UserError(`${shownPath}: not a sweep store (a SQLite database of another program). Name another file`);
  }
  const known = latestVersion(migrations);
  if (version > known) {
    throw new UserError(
      `${shownPath} has schema ${version}, this version knows up to ${known}: made by a newer version. ` +
        'Update this program, or name another store',
    );
  }
  return version;
}

export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/**
 * Brings a database to the newest schema, each step in a transaction of its own; one that has no tables yet gets the newest
 * at once. A store that has something to lose is copied first, to `STORE.schema-N.backup`; such a copy is never overwritten.
 *
 * @param storePath the path of the database's file
 */
export function migrate(
  sqlite: Sqlite,
  connection: SqliteConnection,
  storePath: string,
  shownPath: string,
  migrations: readonly Migration[],
  onMigrate?: (migration: StoreMigration) => void,
): void {
  const from = schemaVersion(connection, shownPath, migrations);
  const steps = migrations.filter((migration) => migration.version > from);
  if (steps.length === 0) return;
  if (from === 0) {
    const { made, rows } = newestTables(sqlite, migrations);
    step(connection, latestVersion(migrations), () => {
      for (const sql of [...made.map((each) => each.sql), ...rows]) connection.exec(sql);
    });
    return;
  }
  const backup = backUp(connection, `${storePath}.schema-${from}.backup`);
  onMigrate?.({ from, to: latestVersion(migrations), backup });
  for (const migration of steps) step(connection, migration.version, () => migration.up(connection));
  // The room that the old tables had.
  connection.exec('VACUUM');
}

function step(connection: SqliteConnection, version: number, work: () => void): void {
  connection.write(() => {
    work();
    connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    connection.exec(`PRAGMA user_version = ${version}`);
  });
}

/** @returns the path that the copy got */
function backUp(connection: SqliteConnection, path: string): string {
  const unfinished = reserveFileBeside(path);
  try {
    connection.run('VACUUM INTO ?', unfinished);
    let free = path;
    for (let i = 2; existsSync(free); i += 1) free = `${path}-${i}`;
    renameSync(unfinished, free);
    return free;
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
