import type { Connection, Sql } from '../sql/connection.ts';
import { asNumber } from '../sql/values.ts';
import type { Migration } from './migrations/migration.ts';
import { OtherSchema, SCHEMA } from './schema.ts';

/** From which schema to which; from 0 where there were no tables. */
export type SchemaChange = { readonly from: number; readonly to: number };

/**
 * Makes the tables where there are none, and, where that is wanted, brings those of an older version forward: all steps or
 * none, within one transaction (`PostgresStatements.alter`), while nobody writes.
 *
 * @throws OtherSchema when they are of a newer version, or of an older one that is to stay as it is
 */
export function* migrate(
  connection: Connection,
  migrations: readonly Migration[],
  older: 'bring forward' | 'refuse',
): Sql<SchemaChange> {
  const to = migrations.at(-1)!.version;
  const from = yield* schemaVersion(connection);
  if (from > to || (from > 0 && from < to && older === 'refuse')) throw new OtherSchema(from, to);
  if (from === to) return { from, to };
  if (from === 0) yield* connection.run(`CREATE SCHEMA IF NOT EXISTS ${SCHEMA}`);
  // The row that writers hold: whoever is at it is waited for.
  else yield* connection.run('UPDATE store SET version = version + 1');
  for (const migration of migrations.filter(({ version }) => version > from)) {
    yield* migration.up(connection);
    yield* connection.run('UPDATE store SET schema = ?', migration.version);
  }
  return { from, to };
}

/** 0 when there are no tables. */
function* schemaVersion(connection: Connection): Sql<number> {
  const store = yield* connection.get(`SELECT to_regclass('${SCHEMA}.store') IS NOT NULL`);
  if (store?.[0] !== 1) return 0;
  return asNumber((yield* connection.get(`SELECT schema FROM ${SCHEMA}.store`))?.[0]);
}
