import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { poolerProgram, startPooler } from '../support/pgbouncer.ts';
import { startPostgres } from '../support/postgres.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { expectWhole, type Field, send } from './field.ts';
import { machineFaults, POOLER } from './machine-faults.ts';
import { runSweepProcess, startSweep } from './program.ts';
import { runArguments } from './scenario.ts';
import { readContents } from './store-contents.ts';

/** Workers, the connections that a server has beside those for its superuser, and those of a pooler to it. */
const CROWD = {
  short: { workers: 8, connections: 16, pooled: 2 },
  full: { workers: 50, connections: 97, pooled: 10 },
} as const;
/** What PostgreSQL keeps for its superuser, who looks at the server here. */
const RESERVED = 3;
const STUB = fileURLToPath(new URL('stub-worker.ts', import.meta.url));
/** So long that all of them are at work at the same time. */
const JUDGING_MS = 500;

/** More workers than connections; each row says how many. */
export const crowdedMachines = machineFaults((size) => {
  const { workers, connections, pooled } = CROWD[size];
  const who = `${workers} workers, judging by stubs,`;
  const through = `through PgBouncer in transaction mode with ${pooled} connections`;
  return [
    { name: `${who} on a server of ${connections} connections for them`, disturb: crowd, tries: 2 },
    { name: `${who} ${through}`, disturb: pooledCrowd, tries: 2, needs: POOLER },
  ];
});

/** More workers than a server has connections for: each wants two, the coordinator four. */
async function crowd(field: Field): Promise<string> {
  return judgedByCrowd(field, async (_, url) => ({ url, async [Symbol.asyncDispose]() {} }));
}

/** The same through PgBouncer in transaction mode. */
async function pooledCrowd(field: Field): Promise<string> {
  return judgedByCrowd(field, async (server, url) => {
    const pooler = await startPooler(server, poolerProgram()!, CROWD[field.size].pooled);
    return { url: pooler.urlOf(url), [Symbol.asyncDispose]: () => pooler[Symbol.asyncDispose]() };
  });
}

type Way = (
  server: Awaited<ReturnType<typeof startPostgres>>,
  url: string,
) => Promise<AsyncDisposable & { readonly url: string }>;

async function judgedByCrowd(field: Field, way: Way): Promise<string> {
  const { account, size } = field;
  const { workers, connections } = CROWD[size];
  const { definition, db } = await judgedAlone(field, workers);
  const undisturbed = (await readContents(db))!;
  await using server = await startPostgres({ settings: [`max_connections=${connections + RESERVED}`] });
  const owner = await server.createDatabase();
  await server.query(owner, 'CREATE ROLE coordinator LOGIN');
  await server.query(owner, 'CREATE ROLE worker LOGIN');
  await server.query(owner, `ALTER DATABASE ${new URL(owner).pathname.slice(1)} OWNER TO coordinator`);
  const as = (role: string, url: string) => url.replace('postgres@', `${role}@`);
  account.expectEnded(
    await runSweepProcess(['db', 'init', as('coordinator', owner), '--worker', 'worker']),
    [0],
    'db init',
  );
  await using through = await way(server, owner);
  const all = Array.from({ length: workers }, () =>
    startSweep([as('worker', through.url), db, String(JUDGING_MS)], { program: STUB }),
  );
  await Promise.all(all.map((worker) => worker.says('ready')));
  const own = { ...field, server, definition, undisturbed, ids: [...undisturbed.verdicts.keys()] };
  const ended = await send({ ...own, url: as('coordinator', through.url) }).ended;
  const [first, ...others] = all;
  await expectWhole({ ...own, url: owner }, ended, first!);
  for (const worker of others) worker.kill('SIGTERM');
  for (const worker of others) account.expectEnded(await worker.ended, [0], 'another worker');
  return 'as undisturbed';
}

/** A sweep of two slices a worker, judged on this machine. */
async function judgedAlone(field: Field, workers: number): Promise<{ definition: string; db: string }> {
  const folder = await field.makeFolder();
  const definition = join(folder, 'sweep.json');
  const axes = {
    agesMinutes: Array.from({ length: workers }, (_, i) => [3 + i]),
    regressorKind: ['huber', 'ridge'],
    huberEpsilon: [1.1, 1.35],
    ridgeAlpha: [1, 10],
  };
  await writeFile(
    definition,
    JSON.stringify({ name: 'faults', baseline: { dataRoot: TINY_DATA_ROOT, runId: 'tiny' }, axes }),
  );
  const db = join(folder, 'alone.db');
  field.account.expectEnded(await runSweepProcess(runArguments(definition, db)), [0], 'the run on one machine');
  return { definition, db };
}
