import type { SqliteConnection } from '../connection.ts';
import type { Migration } from './migration.ts';

/** A run may be one of several that a sweep is dealt to, each with a store of its own. */
export const runShards: Migration = {
  version: 7,
  up(connection: SqliteConnection): void {
    connection.exec(`
      -- shard: from 1
      CREATE TABLE run_shards (
        run_id INTEGER PRIMARY KEY REFERENCES runs,
        shard INTEGER NOT NULL,
        shard_count INTEGER NOT NULL,
        configuration_count INTEGER NOT NULL,
        seal INTEGER NOT NULL
      ) STRICT;
    `);
  },
};
