import type { SqliteConnection } from '../connection.ts';
import type { Migration } from './migration.ts';

/** What no regressor setting moves, by day: once a dataset and code, for statements about noise. */
export const datasetDays: Migration = {
  version: 4,
  up(connection: SqliteConnection): void {
    connection.exec(`
      -- Datasets of older schemas have none until a run builds them again.
      CREATE TABLE dataset_days (
        data_id INTEGER NOT NULL,
        code_id INTEGER NOT NULL,
        selection_id INTEGER NOT NULL,
        document BLOB NOT NULL,
        digest BLOB NOT NULL,
        PRIMARY KEY (data_id, code_id, selection_id),
        FOREIGN KEY (data_id, code_id, selection_id) REFERENCES datasets
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
