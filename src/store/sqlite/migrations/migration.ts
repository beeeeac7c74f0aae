import type { SqliteConnection } from '../connection.ts';

/** One step of the schema, forward only. Once released it never changes: stores that took it are out there. */
export type Migration = {
  /** 1, 2, 3, …: the schema that it leads to. */
  readonly version: number;
  readonly up: (connection: SqliteConnection) => void;
};
