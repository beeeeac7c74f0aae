import { poolerProgram } from '../support/pgbouncer.ts';
import { startPostgres } from '../support/postgres.ts';
import { Account } from './account.ts';
import type { Disturbance } from './field.ts';
import { canMakeHosts, canNameHosts, OTHER_HOSTS } from './network.ts';
import type { Scenario, Size } from './scenario.ts';

/** A way to disturb a sweep on many machines. */
export type MachineFault = {
  readonly name: string;
  readonly disturb: Disturbance;
  /** How often in the full form. */
  readonly tries?: number;
  /** In the full form alone: it takes longer than a heartbeat. */
  readonly isLong?: boolean;
  /** What has to be there for it. */
  readonly needs?: Need;
};

export type Need = { readonly what: string; readonly isThere: () => boolean };

export const POOLER: Need = { what: 'PgBouncer is not installed', isThere: () => poolerProgram() !== null };
export const NETWORKS: Need = { what: 'it takes root and network namespaces', isThere: canMakeHosts };
export const NAMES: Need = { what: 'it takes root and UTS namespaces', isThere: canNameHosts };

const TRIES = 6;

/**
 * A sweep on workers of real processes over a real PostgreSQL server, each disturbed in another way: what is stored in the end
 * equals the undisturbed run of one machine, every configuration has a row, and nothing came out otherwise.
 */
export function machineFaults(faultsOf: (size: Size) => readonly MachineFault[]): Scenario {
  return async (context) => {
    await using server = await startPostgres({ listenOn: '*', trusted: [OTHER_HOSTS] });
    const rows = [];
    for (const { name, disturb, tries = TRIES, isLong = false, needs } of faultsOf(context.size)) {
      if (isLong && context.size === 'short') continue;
      const account = new Account(`many machines: ${name}`);
      if (needs?.isThere() === false) {
        rows.push({ ...account.row(), happened: `not tried: ${needs.what}` });
        continue;
      }
      for (let i = 0; i < (context.size === 'short' ? 1 : tries); i += 1) {
        await account.attempt(async () => {
          const url = await server.createDatabase();
          return disturb({ ...context, server, url, account });
        });
      }
      context.say(`${name}: ${account.tried} tries`);
      rows.push(account.row());
    }
    return rows;
  };
}
