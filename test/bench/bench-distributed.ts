/**
 * What a sweep on many machines costs beside one machine, printed as markdown. Real processes over a real PostgreSQL server, all
 * of it on this machine: what crosses a network costs that more.
 *
 *   node test/bench/bench-distributed.ts
 *
 * The sweep of the scaling row is quickstart's (`sweep quickstart` makes its baseline run), on a fine grid.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SliceQueue } from '../../src/distributed/queue.ts';
import { queueName } from '../../src/distributed/queue-names.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { initPostgresStore } from '../../src/store/postgres/open-postgres-store.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import { queueSlices } from '../../src/sweep/queue-slices.ts';
import { beginSyntheticRun, SYNTHETIC_RUN, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { markdownTable } from './markdown.ts';

const PROGRAM = fileURLToPath(new URL('../../bin/sweep.js', import.meta.url));
const HEARTBEAT_SECONDS = 10;
const WRITERS = 4;
const VERDICTS = 4_000;
const SLICES = 200;
const WORKER = ['--no-self-test', '--no-cache', '--heartbeat', String(HEARTBEAT_SECONDS)];
const TINY = { agesMinutes: [[3, 5], [10]], huberEpsilon: { linspace: [1.1, 2, 8] } };

const folder = await mkdtemp(join(tmpdir(), 'sweep-bench-distributed-'));
// With its disk: what is committed is on it.
const server = await startPostgres({ settings: ['fsync=on'] });
try {
  const rows: [what: string, figure: string][] = [
    ['publish to the first verdict, a warm worker', `${(await firstVerdictSeconds()).toFixed(2)} s`],
    ['a dead host, until another has its slice', `${(await recoveryHeartbeats()).toFixed(2)} heartbeats`],
    [`a slice's claim and end, without its judging`, `${(await sliceMs()).toFixed(1)} ms`],
    [`verdicts stored, ${WRITERS} writers, 64 a transaction`, `${Math.round(await verdictsASecond())} a second`],
  ];
  const scaling = await twoToOne();
  if (scaling !== null) rows.push(['two workers of one thread, to one of one thread', scaling]);
  process.stdout.write(
    `${markdownTable(rows, [
      ['what', ([what]) => what],
      ['', ([, figure]) => figure],
    ])}\n`,
  );
} finally {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
}

async function definition(name: string, dataRoot: string, runId: string, axes: object): Promise<string> {
  const file = join(folder, `${name}.json`);
  await writeFile(file, JSON.stringify({ name, baseline: { dataRoot, runId }, axes }));
  return file;
}

function start(...args: string[]) {
  return spawn(process.execPath, [PROGRAM, ...args], { stdio: 'ignore', cwd: folder });
}

function ended(child: ReturnType<typeof spawn>): Promise<void> {
  return new Promise((resolve) => child.once('exit', () => resolve()));
}

async function countOf(server: PostgresServer, url: string, sql: string): Promise<number> {
  const [[value]] = (await server.query(url, sql)) as [[unknown]];
  return Number(value);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await sleep(5);
}

async function firstVerdictSeconds(): Promise<number> {
  const url = await server.createDatabase();
  const warm = await definition('warm', TINY_DATA_ROOT, 'tiny', TINY);
  const worker = start('worker', url, ...WORKER, '--threads', '1', '--data-root', TINY_DATA_ROOT);
  await ended(start('run', warm, '--engine', url));
  const verdicts = () => countOf(server, url, 'SELECT count(*) FROM sweep.verdicts');
  const before = await verdicts();
  const next = await definition('next', TINY_DATA_ROOT, 'tiny', { ...TINY, regressionTargetClipBps: [20] });
  const run = start('run', next, '--engine', url);
  // From the moment at which its first slice lies in the queue.
  await until(
    async () =>
      (await countOf(server, url, "SELECT count(*) FROM pgboss.job WHERE state IN ('created', 'active')")) > 0,
  );
  const published = performance.now();
  await until(async () => (await verdicts()) > before);
  const seconds = (performance.now() - published) / 1000;
  await ended(run);
  worker.kill('SIGKILL');
  await ended(worker);
  return seconds;
}

async function recoveryHeartbeats(): Promise<number> {
  const url = await server.createDatabase();
  const file = await definition('dead', TINY_DATA_ROOT, 'tiny', { ...TINY, huberAlpha: { logspace: [-3, 1, 60] } });
  const run = start('run', file, '--engine', url, '--heartbeat', String(HEARTBEAT_SECONDS));
  const first = start('worker', url, ...WORKER, '--threads', '1', '--data-root', TINY_DATA_ROOT);
  await until(async () => (await countOf(server, url, 'SELECT count(*) FROM sweep.verdicts')) > 0);
  const held = () => countOf(server, url, "SELECT count(*) FROM pgboss.job WHERE state = 'active' AND retry_count > 0");
  first.kill('SIGKILL');
  const died = performance.now();
  const second = start('worker', url, ...WORKER, '--threads', '1', '--data-root', TINY_DATA_ROOT);
  await until(async () => (await held()) > 0);
  const seconds = (performance.now() - died) / 1000;
  await ended(run);
  second.kill('SIGKILL');
  await ended(second);
  return seconds / HEARTBEAT_SECONDS;
}

async function sliceMs(): Promise<number> {
  const url = await server.createDatabase();
  await initPostgresStore(url);
  await using queue = await SliceQueue.open(url, 'coordinator');
  await using store = await openVerdictStore(url, { mode: 'write' });
  const run = await beginSyntheticRun(store, syntheticConfigurations(20));
  const plan = planSweep({
    name: 's',
    baseline: { dataRoot: '.', runId: 'r' },
    axes: { huberEpsilon: { linspace: [1.1, 2, SLICES] } },
  });
  const dataHash = '0'.repeat(64);
  const purpose = { runId: run, sweep: 's', dataHash, judges: 'new', seals: false } as const;
  const slices = plan.configurations.flatMap((configuration) =>
    queueSlices([{ ...plan.datasets[0]!, configurations: [configuration] }], purpose),
  );
  const name = queueName(SYNTHETIC_RUN.code.hash, dataHash);
  await queue.make(name);
  await queue.publish(
    name,
    slices.map(({ payload }) => payload),
  );
  const began = performance.now();
  for (let i = 0; i < slices.length; i += 1) {
    const claim = await queue.claim(name, 'here');
    if (claim === null) throw new Error('a slice is missing');
    await store.record(run, [], claim.complete);
  }
  return (performance.now() - began) / slices.length;
}

async function verdictsASecond(): Promise<number> {
  const url = await server.createDatabase();
  await initPostgresStore(url);
  const records = syntheticConfigurations(VERDICTS);
  const outcomes = records.map((record) => syntheticOutcome(record));
  const stores = await Promise.all(Array.from({ length: WRITERS }, () => openVerdictStore(url, { mode: 'write' })));
  const runs: string[] = [];
  for (const store of stores) runs.push(await beginSyntheticRun(store, records));
  const began = performance.now();
  await Promise.all(
    stores.map(async (store, i) => {
      for (let at = i * 64; at < outcomes.length; at += WRITERS * 64) {
        await store.record(runs[i]!, outcomes.slice(at, at + 64));
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  for (const store of stores) await store.close();
  return outcomes.length / seconds;
}

/** On a sweep of a minute or so of one thread; null where the quickstart's baseline run was not made. */
async function twoToOne(): Promise<string | null> {
  const dataRoot = fileURLToPath(new URL('../../results/quickstart', import.meta.url));
  if (!existsSync(dataRoot)) return null;
  const axes = {
    agesMinutes: [
      [3, 5, 10],
      [10, 20],
      [15, 30],
      [30, 60],
    ],
    huberEpsilon: { linspace: [1.1, 2.5, 30] },
    huberAlpha: { logspace: [-4, 2, 30] },
    regressionTargetClipBps: [0, 20],
  };
  const file = await definition('scaling', dataRoot, 'quickstart', axes);
  const seconds = async (workers: number) => {
    const url = await server.createDatabase();
    const all = Array.from({ length: workers }, () =>
      start('worker', url, ...WORKER, '--threads', '1', '--data-root', dataRoot),
    );
    const began = performance.now();
    await ended(start('run', file, '--engine', url));
    const took = (performance.now() - began) / 1000;
    for (const worker of all) worker.kill('SIGKILL');
    await Promise.all(all.map(ended));
    return took;
  };
  execFileSync(process.execPath, [PROGRAM, 'plan', file], { stdio: 'ignore', cwd: folder });
  const [one, two] = [await seconds(1), await seconds(2)];
  return `${(two / one).toFixed(2)} (${two.toFixed(0)} s to ${one.toFixed(0)} s)`;
}
