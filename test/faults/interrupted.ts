import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Account } from './account.ts';
import { startSweep } from './program.ts';
import { type FaultContext, resume, runArguments, type Scenario } from './scenario.ts';
import { readContents } from './store-contents.ts';

const TRIES = { short: 1, full: 10 } as const;
const INTERRUPTED = 130;
const BEFORE = 'had ended before it came';

/** Ctrl-C once: what is in hand is finished and stored, and the same command goes on. Twice: it ends at once. */
export const interrupted: Scenario = async (context) => {
  const once = new Account('Ctrl-C (SIGINT) once');
  const terminated = new Account('SIGTERM');
  const twice = new Account('Ctrl-C twice');
  for (let i = 0; i < TRIES[context.size]; i += 1) {
    await once.attempt(() => stopGently(context, once, 'SIGINT'));
    if (context.size === 'full') await terminated.attempt(() => stopGently(context, terminated, 'SIGTERM'));
    await twice.attempt(() => stopAtOnce(context, twice));
  }
  context.say(`Ctrl-C: ${once.tried + terminated.tried} once, ${twice.tried} twice`);
  return [once, terminated, twice].filter(({ tried }) => tried > 0).map((account) => account.row());
};

async function stopGently(context: FaultContext, account: Account, signal: 'SIGINT' | 'SIGTERM'): Promise<string> {
  const { definition, random, makeFolder, undisturbed, durationMs } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const where = `${signal} try ${account.tried + 1}`;
  const child = startSweep([...runArguments(definition, db), '--json']);
  await child.says('ages 3,5:');
  await sleep(random.uniform() * durationMs * 0.3);
  child.kill(signal);
  const ended = await child.ended;
  account.expectEnded(ended, [0, INTERRUPTED], where);
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
  return ended.exitCode === 0 ? BEFORE : 'stored what was in hand, exit code 130; whole after the same command';
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
