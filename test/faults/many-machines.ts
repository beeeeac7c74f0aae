import { execFileSync } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { poolerProgram, startPooler } from '../support/pgbouncer.ts';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { Account } from './account.ts';
import { canMakeHosts, makeOtherHost, OTHER_HOSTS } from './network.ts';
import { type Ended, runSweepProcess, type SweepProcess, startSweep } from './program.ts';
import type { FaultContext, Scenario } from './scenario.ts';
import { readContents } from './store-contents.ts';

const TRIES = { short: 1, full: 6 } as const;
/** As short as pg-boss takes it. */
const HEARTBEAT_SECONDS = '10';
/** The exit codes of a sweep of which a configuration could not be judged, and of a host that may not work. */
const ERROR = 6;
const UNFIT = 5;

/** One try: a server, a database, and a sweep that is sent to it. */
type Field = FaultContext & { readonly server: PostgresServer; readonly url: string; readonly account: Account };

/**
 * A sweep on workers of real processes over a real PostgreSQL server, each disturbed in another way: what is stored in the end
 * equals the undisturbed run of one machine, every configuration has a row, and nothing came out otherwise.
 */
export const manyMachines: Scenario = async (context) => {
  await using server = await startPostgres({ listenOn: '*', trusted: [OTHER_HOSTS] });
  const rows = [];
  for (const [fault, disturb] of context.size === 'short' ? FAULTS : [...FAULTS, ...LONG_FAULTS]) {
    const account = new Account(`many machines: ${fault}`);
    if (fault === THROUGH_POOLER && poolerProgram() === null) {
      rows.push({ ...account.row(), happened: 'not tried: PgBouncer is not installed' });
      continue;
    }
    if (needsHosts(fault) && !canMakeHosts()) {
      rows.push({ ...account.row(), happened: 'not tried: it takes root and network namespaces' });
      continue;
    }
    const tries = needsHosts(fault) ? 2 : TRIES[context.size];
    for (let i = 0; i < tries; i += 1) {
      await account.attempt(async () => {
        const url = await server.createDatabase();
        return disturb({ ...context, server, url, account });
      });
    }
    context.say(`${fault}: ${account.tried} tries`);
    rows.push(account.row());
  }
  return rows;
};

const needsHosts = (fault: string) => /link|packets/.test(fault);

const THROUGH_POOLER = 'all of it through PgBouncer in transaction mode, two connections to the server';

const FAULTS: readonly (readonly [string, (field: Field) => Promise<string>])[] = [
  ['`kill -9` of a worker', killedWorker],
  ['`kill -9` of the process that judges for a worker', killedChild],
  ['`kill -9` of the coordinator', killedCoordinator],
  ['two coordinators on an empty database', twoCoordinators],
  ['SIGTERM of a worker', drainedWorker],
  ['PostgreSQL stopped at once and started again', stoppedServer],
  ['a configuration that kills its process each time', poison],
  ['a flipped byte in the data of a worker', flippedByte],
  [THROUGH_POOLER, throughPooler],
];

/** What takes longer than a heartbeat. */
const LONG_FAULTS: typeof FAULTS = [
  ['the process that judges stopped for longer than a heartbeat', stoppedChild],
  ["a worker's link down for 60 s", (field) => cutOff(field, 'down')],
  ["a worker's packets dropped silently for 60 s", (field) => cutOff(field, 'drops')],
];

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
  const worker = work(field, { SWEEP_INJECT_FAULT: `kill:always:${id}` });
  account.expectEnded(await coordinator.ended, [ERROR], 'the coordinator');
  account.expectEnded(await worker.ended, [0], 'the worker');
  const again = startSweep([...sent(field), '--retry-errors']);
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

function sent({ definition, url }: Field): string[] {
  return ['run', definition, '--engine', url, '--heartbeat', HEARTBEAT_SECONDS];
}

function send(field: Field): SweepProcess {
  return startSweep(sent(field));
}

const WORKER = [
  '--threads',
  '1',
  '--no-cache',
  '--no-self-test',
  '--idle-exit',
  '20',
  '--heartbeat',
  HEARTBEAT_SECONDS,
];

function work({ url }: Field, env: Readonly<Record<string, string>> = {}): SweepProcess {
  return startSweep(['worker', url, ...WORKER, '--data-root', TINY_DATA_ROOT], { env });
}

/** Until so many outcomes are stored, or the process has ended. */
async function untilJudged({ server, url }: Field, count: number, child: SweepProcess): Promise<void> {
  let hasEnded = false;
  void child.ended.then(() => {
    hasEnded = true;
  });
  while (!hasEnded) {
    const [[there]] = (await server.query(url, "SELECT to_regclass('sweep.verdicts') IS NOT NULL")) as [[boolean]];
    const sql = 'SELECT (SELECT count(*) FROM sweep.runs) - 1, (SELECT count(*) FROM sweep.verdicts)';
    const [[workers, verdicts]] = (there ? await server.query(url, sql) : [[-1, 0]]) as [[string, string]];
    if (Number(workers) > 0 && Number(verdicts) >= count) return;
    await sleep(20);
  }
}

function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && args.join(' ').includes('engine-child'))
    .map(([child]) => Number(child));
}

/** What the database holds in the end is what one machine comes to, and the worker ends by itself. */
async function expectWhole(field: Field, coordinator: Ended, worker: SweepProcess): Promise<void> {
  const { account, url, undisturbed } = field;
  account.expectEnded(coordinator, [0], 'the coordinator');
  worker.kill('SIGTERM');
  account.expectEnded(await worker.ended, [0], 'the worker');
  const db = join(await field.makeFolder(), 'pulled.db');
  account.expectEnded(await runSweepProcess(['pull', url, '--db', db]), [0], 'pull');
  await account.expectWhole(db, undisturbed, 'pulled');
  const contents = await readContents(db);
  account.expect(contents !== null && contents.failures.size === 0, 'a configuration without a verdict');
  const status = await runSweepProcess(['status', url]);
  account.expectEnded(status, [0], 'status: nothing came out otherwise');
}
