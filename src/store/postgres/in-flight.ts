import type { Pool } from 'pg';
import { SCHEMA } from './schema.ts';

/**
 * Configurations that a host has begun alone, since hosts have died over their slice, and not ended: each noted in a commit of
 * its own before it begins. One that is found here was begun by a host that is gone.
 */
export class InFlight {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The configurations of a slice that were begun. */
  async of(slice: string): Promise<ReadonlySet<string>> {
    const sql = `SELECT configuration FROM ${SCHEMA}.in_flight WHERE slice = $1`;
    const { rows } = await this.#pool.query<{ configuration: string }>(sql, [slice]);
    return new Set(rows.map(({ configuration }) => configuration));
  }

  async begin(slice: string, configuration: string): Promise<void> {
    await this.#pool.query(`INSERT INTO ${SCHEMA}.in_flight VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
      slice,
      configuration,
    ]);
  }

  async end(slice: string, configuration: string): Promise<void> {
    await this.#pool.query(`DELETE FROM ${SCHEMA}.in_flight WHERE slice = $1 AND configuration = $2`, [
      slice,
      configuration,
    ]);
  }
}
