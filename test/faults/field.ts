import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresServer } from '../support/postgres.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import type { Account } from './account.ts';
import { type Ended, runSweepProcess, type StartOptions, type SweepProcess, startSweep } from './program.ts';
import type { FaultContext } from './scenario.ts';
import { readContents } from './store-contents.ts';

/** One try: a server, a database, and a sweep that is sent to it. */
export type Field = FaultContext & { readonly server: PostgresServer; readonly url: string; readonly account: Account };

/** A way to disturb a sweep. @returns what happened */
export type Disturbance = (field: Field) => Promise<string>;

/** As short as pg-boss takes it. */
export const HEARTBEAT_SECONDS = '10';

/** The arguments of who sends the field's sweep. */
export function sent({ definition, url }: Field): string[] {
  return ['run', definition, '--engine', url, '--heartbeat', HEARTBEAT_SECONDS];
}

export function send(field: Field, ...more: readonly string[]): SweepProcess {
  return startSweep([...sent(field), ...more]);
}

export const WORKER = [
  '--threads',
  '1',
  '--no-cache',
  '--no-self-test',
  '--idle-exit',
  '20',
  '--heartbeat',
  HEARTBEAT_SECONDS,
];

export function work({ url }: Field, options: StartOptions = {}): SweepProcess {
  return startSweep(['worker', url, ...WORKER, '--data-root', TINY_DATA_ROOT], options);
}

/** Until so many outcomes are stored, or the process has ended. */
export async function untilJudged({ server, url }: Field, count: number, child: SweepProcess): Promise<void> {
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

export function childrenOf(pid: number): number[] {
  const lines = execFileSync('ps', ['-e', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, ...args]) => Number(parent) === pid && args.join(' ').includes('engine-child'))
    .map(([child]) => Number(child));
}

/** What the database holds in the end is what one machine comes to, and the worker ends by itself. */
export async function expectWhole(field: Field, coordinator: Ended, worker: SweepProcess): Promise<void> {
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
