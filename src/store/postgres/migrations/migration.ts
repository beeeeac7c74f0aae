import type { Connection, Sql } from '../../sql/connection.ts';

/** One step of the schema, forward only. Once released it never changes: databases that took it are out there. */
export type Migration = {
  /** 1, 2, 3, …: the schema that it leads to. */
  readonly version: number;
  /** Within a transaction that nobody else reads or writes beside, with our tables on the path. */
  readonly up: (connection: Connection) => Sql<void>;
};
