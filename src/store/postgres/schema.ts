import { MIGRATIONS } from './migrations/index.ts';

/** Where our tables stand in a database: a schema of their own, beside pg-boss's. */
export const SCHEMA = 'sweep';

/** Of the tables that this version of the program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.at(-1)!.version;

/** The tables are of another version of this program. */
export class OtherSchema extends Error {
  override readonly name = 'OtherSchema';
  readonly found: number;
  readonly known: number;

  constructor(found: number, known = SCHEMA_VERSION) {
    super(`schema ${found}, ${known} is known`);
    this.found = found;
    this.known = known;
  }
}
