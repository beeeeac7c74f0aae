import { join } from 'node:path';
import { Account } from './account.ts';
import { startSweep } from './program.ts';
import { type FaultContext, runArguments, type Scenario } from './scenario.ts';

const TRIES = { short: 1, full: 8 } as const;

/** A second `sweep run` on one store is told who holds it; with --wait it waits; started together, one of them waits. */
export const twoRuns: Scenario = async (context) => {
  const refused = new Account('two runs on one store, the second without --wait');
  const waited = new Account('two runs on one store, the second with --wait');
  const together = new Account('two runs started at the same moment, both with --wait');
  for (let i = 0; i < TRIES[context.size]; i += 1) {
    await refused.attempt(() => startSecond(context, refused, []));
    await waited.attempt(() => startSecond(context, waited, ['--wait', '600']));
    await together.attempt(() => startBoth(context, together));
  }
  context.say(`two runs: ${refused.tried + waited.tried + together.tried} tries`);
  return [refused.row(), waited.row(), together.row()];
};

async function startSecond(context: FaultContext, account: Account, wait: readonly string[]): Promise<string> {
  const { definition, makeFolder, undisturbed } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const where = `second run, try ${account.tried + 1}`;
  const first = startSweep(runArguments(definition, db));
  await first.says('ages 3,5:');
  // Stopped, so that the second comes while the first holds the store, however fast or slow the machine is.
  first.kill('SIGSTOP');
  const second = startSweep([...runArguments(definition, db), ...wait]);
  if (wait.length === 0) await second.ended;
  else await second.says('waiting for process');
  first.kill('SIGCONT');
  const ends = await Promise.all([first.ended, second.ended]);
  account.expectEnded(ends[0], [0], `${where}: the first`);
  if (wait.length === 0) {
    const rule = new RegExp(`sweeps\\.db: being written by process ${first.pid} on .*`);
    account.expectRefused(ends[1], rule, `${where}: the second`);
  } else {
    account.expectEnded(ends[1], [0], `${where}: the second`);
    account.expect(ends[1].stderr.includes(`waiting for process ${first.pid}`), `${where}: did not say what for`);
  }
  await account.expectWhole(db, undisturbed, where);
  return wait.length === 0 ? 'refused, naming the holder; the first whole' : 'waited, found everything judged';
}

async function startBoth(context: FaultContext, account: Account): Promise<string> {
  const { definition, makeFolder, undisturbed } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const args = [...runArguments(definition, db), '--wait', '600'];
  const ends = await Promise.all([startSweep(args).ended, startSweep(args).ended]);
  for (const [i, ended] of ends.entries()) account.expectEnded(ended, [0], `started together, ${i + 1}`);
  await account.expectWhole(db, undisturbed, 'started together');
  return 'one after the other, both ended well';
}
