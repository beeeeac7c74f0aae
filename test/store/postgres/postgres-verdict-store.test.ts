import { after, before } from 'node:test';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { initPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { describeVerdictStore } from '../contract.ts';

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => server[Symbol.asyncDispose]());

describeVerdictStore('a verdict store in PostgreSQL', () => {
  let url: Promise<string> | undefined;
  return async (mode) => {
    url ??= server.createDatabase().then(async (made) => {
      await initPostgresStore(made);
      return made;
    });
    return openVerdictStore(await url, { mode });
  };
});
