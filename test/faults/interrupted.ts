import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { Account } from './account.ts';
import { startSweep } from './program.ts';
import { type FaultContext, resume, runArguments, type Scenario } from './scenario.ts';
import { readContents } from './store-contents.ts';
import { untilStored } from './until-stored.ts';

const TRIES = { short: 1, full: 10 } as const;
const INTERRUPTED = 130;
const BEFORE = 'had ended before it came';

/** A pass of sixteen may take sixteen times that: far more than it takes, far less than it is stopped. */
const TIME_LIMIT_SECONDS = 0.5;
const STOPPED_MS = 9_000;

/** Ctrl-C once: what is in hand is finished and stored, and the same command goes on. Twice: it ends at once. Stopped: it goes on. */
export const interrupted: Scenario = async (context) => {
  const once = new Account('Ctrl-C (SIGINT) once');
  const terminated = new Account('SIGTERM');
  const hungUp = new Account('SIGHUP (the terminal is closed) or SIGQUIT');
  const stopped = new Account('stopped (Ctrl-Z) for longer than the time limit, and continued');
  const twice = new Account('Ctrl-C twice');
  const locked = new Account('Ctrl-C twice while another program locks the store');
  for (let i = 0; i < TRIES[context.size]; i += 1) {
    await once.attempt(() => stopGently(context, once, 'SIGINT'));
    if (context.size === 'full') await terminated.attempt(() => stopGently(context, terminated, 'SIGTERM'));
    const signal = context.random.chance(0.5) ? 'SIGHUP' : 'SIGQUIT';
    await hungUp.attempt(() => stopGently(context, hungUp, signal));
    await stopped.attempt(() => stopAndContinue(context, stopped));
    await twice.attempt(() => stopAtOnce(context, twice));
    await locked.attempt(() => stopUnderLock(context, locked));
  }
  context.say(`Ctrl-C and its like: ${once.tried + terminated.tried + hungUp.tried} once, ${twice.tried} twice`);
  return [once, terminated, hungUp, twice, locked, stopped]
    .filter(({ tried }) => tried > 0)
    .map((account) => account.row());
};

async function stopGently(context: FaultContext, account: Account, signal: NodeJS.Signals): Promise<string> {
  const { definition, random, makeFolder, undisturbed, durationMs } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const where = `${signal} try ${account.tried + 1}`;
  const child = startSweep([...runArguments(definition, db), '--json']);
  await child.says('ages 3,5:');
  await sleep(random.uniform() * durationMs * 0.3);
  child.kill(signal);
  const ended = await child.ended;
  // A process that has said its last word and is ending hears nothing any more: then the signal does what it does to any.
  const hasSaidAll = ended.signal === signal && ended.stdout !== '';
  if (!hasSaidAll) account.expectEnded(ended, [0, INTERRUPTED], where);
  const contents = await readContents(db);
  if (ended.exitCode === INTERRUPTED) {
    const { completed, interrupted: said } = JSON.parse(ended.stdout);
    account.expect(said === true, `${where}: the summary does not say interrupted`);
    account.expect(
      completed === contents?.verdicts.size,
      `${where}: ${completed} judged, ${contents?.verdicts.size} stored`,
    );
    account.expect(
      contents?.runOutcomes.at(-1) === 'interrupted',
      `${where}: the run is ${contents?.runOutcomes.at(-1)}`,
    );
  }
  account.expectEnded(await resume(definition, db), [0], `${where}, resumed`);
  await account.expectWhole(db, undisturbed, where);
  return ended.exitCode === INTERRUPTED
    ? 'stored what was in hand, exit code 130; whole after the same command'
    : BEFORE;
}

async function stopAtOnce(context: FaultContext, account: Account): Promise<string> {
  const { definition, random, makeFolder, undisturbed, durationMs } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const where = `two SIGINT, try ${account.tried + 1}`;
  const child = startSweep(runArguments(definition, db));
  await child.says('ages 3,5:');
  await sleep(random.uniform() * durationMs * 0.2);
  child.kill('SIGINT');
  await child.says('stopping');
  child.kill('SIGINT');
  const ended = await child.ended;
  account.expectEnded(ended, [0, INTERRUPTED], where);
  account.expectEnded(await resume(definition, db), [0], `${where}, resumed`);
  await account.expectWhole(db, undisturbed, where);
  return ended.exitCode === 0 ? BEFORE : 'ended at once, exit code 130; whole after the same command';
}

async function stopUnderLock(context: FaultContext, account: Account): Promise<string> {
  const { definition, makeFolder, undisturbed } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const where = `two SIGINT under a lock, try ${account.tried + 1}`;
  const child = startSweep(runArguments(definition, db));
  await untilStored(child, db, 1);
  // Between two of its transactions.
  const another = new DatabaseSync(db, { timeout: 30_000 });
  another.exec('BEGIN IMMEDIATE');
  const stored = (await readContents(db))?.verdicts.size ?? 0;
  child.kill('SIGINT');
  await child.says('stopping');
  child.kill('SIGINT');
  const ended = await child.ended;
  another.exec('ROLLBACK');
  another.close();
  if (stored < undisturbed.verdicts.size) account.expectEnded(ended, [INTERRUPTED], where);
  account.expect(!ended.stderr.includes('locked by another program'), `${where}: it has waited for the lock`);
  account.expectEnded(await resume(definition, db), [0], `${where}, resumed`);
  await account.expectWhole(db, undisturbed, where);
  return ended.exitCode === 0 ? BEFORE : 'ended at once, exit code 130; whole after the same command';
}

async function stopAndContinue(context: FaultContext, account: Account): Promise<string> {
  const { definition, makeFolder, undisturbed } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const where = `stopped, try ${account.tried + 1}`;
  const child = startSweep([...runArguments(definition, db), '--time-limit', String(TIME_LIMIT_SECONDS)]);
  const stored = await untilStored(child, db, 1);
  child.kill('SIGSTOP');
  await sleep(STOPPED_MS);
  child.kill('SIGCONT');
  const ended = await child.ended;
  account.expectEnded(ended, [0], where);
  account.expect(!ended.stderr.includes('no answer within'), `${where}: a batch was given up`);
  await account.expectWhole(db, undisturbed, where);
  return stored < undisturbed.verdicts.size ? 'went on where it was, nothing given up' : BEFORE;
}
