import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { poolerProgram, startPooler } from '../support/pgbouncer.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { childrenOf, expectWhole, type Field, HEARTBEAT_SECONDS, send, untilJudged, WORKER, work } from './field.ts';
import { machineFaults, NETWORKS, POOLER } from './machine-faults.ts';
import { makeOtherHost } from './network.ts';
import { startSweep } from './program.ts';

/** The exit codes of a sweep of which a configuration could not be judged, and of a host that may not work. */
const ERROR = 6;
const UNFIT = 5;

/** Workers, coordinators and a server that die, stop or are cut off. */
export const manyMachines = machineFaults(() => [
  { name: '`kill -9` of a worker', disturb: killedWorker },
  { name: '`kill -9` of the process that judges for a worker', disturb: killedChild },
  { name: '`kill -9` of the coordinator', disturb: killedCoordinator },
  { name: 'two coordinators on an empty database', disturb: twoCoordinators },
  { name: 'SIGTERM of a worker', disturb: drainedWorker },
  { name: 'PostgreSQL stopped at once and started again', disturb: stoppedServer },
  { name: 'a configuration that kills its process each time', disturb: poison },
  { name: 'a flipped byte in the data of a worker', disturb: flippedByte },
  {
    name: 'all of it through PgBouncer in transaction mode, two connections to the server',
    disturb: throughPooler,
    needs: POOLER,
  },
  { name: 'the process that judges stopped for longer than a heartbeat', disturb: stoppedChild, isLong: true },
  {
    name: "a worker's link down for 60 s",
    disturb: (field) => cutOff(field, 'down'),
    isLong: true,
    tries: 2,
    needs: NETWORKS,
  },
  {
    name: "a worker's packets dropped silently for 60 s",
    disturb: (field) => cutOff(field, 'drops'),
    isLong: true,
    tries: 2,
    needs: NETWORKS,
  },
]);

async function throughPooler(field: Field): Promise<string> {
  await using pooler = await startPooler(field.server, poolerProgram()!, 2);
  const through = { ...field, url: pooler.urlOf(field.url) };
  const coordinator = send(through);
  const workers = [work(through), work(through), work(through)];
  const [first, ...others] = workers;
  await expectWhole(through, await coordinator.ended, first!);
  for (const other of others) {
    other.kill('SIGTERM');
    field.account.expectEnded(await other.ended, [0], 'another worker');
  }
  return 'as undisturbed';
}

async function stoppedChild(field: Field): Promise<string> {
  const coordinator = send(field);
  const worker = work(field);
  await untilJudged(field, field.random.integer(1, 20), worker);
  const children = childrenOf(worker.pid);
  for (const pid of children) process.kill(pid, 'SIGSTOP');
  await sleep(2_000 * Number(HEARTBEAT_SECONDS));
  const sql = 'SELECT coalesce(max(retry_count), 0)::int FROM pgboss.job';
  const [[retries]] = (await field.server.query(field.url, sql)) as [[number]];
  field.account.expect(retries === 0, 'a slice was taken from a host that is alive');
  for (const pid of children) process.kill(pid, 'SIGCONT');
  await expectWhole(field, await coordinator.ended, worker);
  return 'its slice was not taken from it; as undisturbed';
}

async function cutOff(field: Field, how: 'down' | 'drops'): Promise<string> {
  using host = makeOtherHost();
  const { server } = field;
  const url = field.url.replace('127.0.0.1', `${host.address}`);
  const coordinator = send(field);
  const far = startSweep(['worker', `${url}?sslmode=disable`, ...WORKER, '--data-root', TINY_DATA_ROOT], {
    start: { before: host.before },
  });
  await untilJudged(field, field.random.integer(1, 20), far);
  const cut = (isCut: boolean) => (how === 'drops' ? host.drops(isCut) : host.link(isCut ? 'down' : 'up'));
  cut(true);
  const near = work(field);
  await sleep(60_000);
  cut(false);
  await expectWhole(field, await coordinator.ended, near);
  far.kill('SIGTERM');
  field.account.expectEnded(await far.ended, [0], 'the worker that was cut off');
  await server.query(field.url, 'SELECT 1');
  return 'its slice went to another; it goes on when it hears again; as undisturbed';
}

async function killedWorker(field: Field): Promise<string> {
  const coordinator = send(field);
  const first = work(field);
  await untilJudged(field, field.random.integer(1, 20), first);
  first.kill('SIGKILL');
  await first.ended;
  const second = work(field);
  await expectWhole(field, await coordinator.ended, second);
  return 'judged by another one; as undisturbed';
}

async function killedChild(field: Field): Promise<string> {
  const coordinator = send(field);
  const worker = work(field);
  await untilJudged(field, field.random.integer(1, 20), worker);
  const children = childrenOf(worker.pid);
  for (const pid of children) process.kill(pid, 'SIGKILL');
  await expectWhole(field, await coordinator.ended, worker);
  return children.length > 0 ? 'tried again in another process; as undisturbed' : 'it had ended before';
}

async function killedCoordinator(field: Field): Promise<string> {
  const first = send(field);
  const worker = work(field);
  await untilJudged(field, field.random.integer(0, 20), worker);
  first.kill('SIGKILL');
  await first.ended;
  await expectWhole(field, await send(field).ended, worker);
  return 'gone on with by the same command; as undisturbed';
}

async function twoCoordinators(field: Field): Promise<string> {
  const [one, other] = [send(field), send(field)];
  const worker = work(field);
  const ended = await one.ended;
  field.account.expectEnded(await other.ended, [0], 'the other coordinator');
  await expectWhole(field, ended, worker);
  return 'tables made once; as undisturbed';
}

async function drainedWorker(field: Field): Promise<string> {
  const coordinator = send(field);
  const first = work(field);
  await untilJudged(field, field.random.integer(1, 20), first);
  first.kill('SIGTERM');
  field.account.expectEnded(await first.ended, [0], 'the worker that was told to stop');
  const second = work(field);
  await expectWhole(field, await coordinator.ended, second);
  return 'stored what was in hand, exit code 0; as undisturbed';
}

async function stoppedServer(field: Field): Promise<string> {
  const { server, random } = field;
  const coordinator = send(field);
  const worker = work(field);
  await untilJudged(field, random.integer(1, 20), worker);
  await server.stop('immediate');
  await sleep(random.integer(500, 3000));
  await server.start();
  await expectWhole(field, await coordinator.ended, worker);
  return 'waited for, nobody ended; as undisturbed';
}

async function poison(field: Field): Promise<string> {
  const { ids, random, account } = field;
  const id = ids[random.integer(0, ids.length - 1)]!;
  const coordinator = send(field);
  const worker = work(field, { env: { SWEEP_INJECT_FAULT: `kill:always:${id}` } });
  account.expectEnded(await coordinator.ended, [ERROR], 'the coordinator');
  account.expectEnded(await worker.ended, [0], 'the worker');
  const again = send(field, '--retry-errors');
  const healthy = work(field);
  await expectWhole(field, await again.ended, healthy);
  return 'it alone stored as an error; whole after --retry-errors';
}

async function flippedByte(field: Field): Promise<string> {
  const { account, random } = field;
  const folder = await field.makeFolder();
  await cp(TINY_DATA_ROOT, folder, { recursive: true });
  const file = join(folder, 'trader-v4/runs/tiny/feature/feature_frame.parquet');
  const bytes = await readFile(file);
  const place = random.integer(100, bytes.length - 100);
  bytes[place] = bytes[place]! ^ 1;
  await writeFile(file, bytes);
  const coordinator = send(field);
  const damaged = startSweep(['worker', field.url, ...WORKER, '--data-root', folder]);
  account.expectEnded(await damaged.ended, [UNFIT], 'the worker with the damaged data');
  const healthy = work(field);
  await expectWhole(field, await coordinator.ended, healthy);
  return 'it left with exit code 5; judged by another one, as undisturbed';
}
