import type { SqliteConnection } from '../connection.ts';
import type { Migration } from './migration.ts';

/** Verdicts whose gates nobody was shown yet. */
export const sealedVerdicts: Migration = {
  version: 6,
  up(connection: SqliteConnection): void {
    connection.exec(`
      -- Runs that seal what they judge.
      CREATE TABLE sealing_runs (run_id INTEGER PRIMARY KEY REFERENCES runs) STRICT;

      -- A row goes when somebody looks. What the verdict says stays whole where it is: readers keep the seal.
      CREATE TABLE sealed_verdicts (verdict_id INTEGER PRIMARY KEY REFERENCES verdicts) STRICT;
    `);
  },
};
