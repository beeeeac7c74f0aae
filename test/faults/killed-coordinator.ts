import { join } from 'node:path';
import { Account } from './account.ts';
import { type SweepProcess, startSweep } from './program.ts';
import { type FaultContext, runArguments, type Scenario } from './scenario.ts';
import { readContents, type StoreContents } from './store-contents.ts';

const KILLS = { short: 6, full: 200 } as const;

/** Then it is left alone: on a busy machine a sweep might be killed for ever, and beginnings are worth killing, too. */
const MOST_KILLS_OF_A_SWEEP = 8;

/**
 * `kill -9` of the whole program at random moments, and the same command again, until it ends by itself: the store then
 * equals the undisturbed one, and what a killed run had stored was never touched again.
 */
export const killedCoordinator: Scenario = async (context) => {
  const account = new Account('`kill -9` of the coordinator');
  const rounds = { count: 0 };
  while (account.tried < KILLS[context.size]) await killUntilWhole(context, account, rounds);
  account.expect(rounds.count > 0, 'no sweep became whole');
  context.say(`kill -9: ${account.tried} kills, ${rounds.count} sweeps resumed until whole`);
  return [account.row()];
};

async function killUntilWhole(
  { definition, random, durationMs, makeFolder, undisturbed }: FaultContext,
  account: Account,
  rounds: { count: number },
): Promise<void> {
  const folder = await makeFolder();
  const db = join(folder, 'sweeps.db');
  // Half of the sweeps keep their state rows, so that kills come while the cache is written, too.
  const cache = random.chance(0.5) ? ['--no-cache'] : ['--cache', join(folder, 'cache')];
  let before: StoreContents | null = null;
  for (let attempt = 1; ; attempt += 1) {
    const where = `kill -9, sweep ${rounds.count + 1}, start ${attempt}`;
    const child = startSweep(runArguments(definition, db, cache));
    if (attempt <= MOST_KILLS_OF_A_SWEEP) void killAt(child, random.pick(MOMENTS), random.uniform(), durationMs);
    const ended = await child.ended;
    const after = await readContents(db);
    if (before !== null) account.expectKept(before, after, where);
    if (ended.signal !== 'SIGKILL') {
      account.expectEnded(ended, [0], where);
      break;
    }
    account.expect(!ended.timedOut, `${where}: hung`);
    account.saw(`killed ${phaseOf(before, after, undisturbed)}`);
    for (const problem of after?.problems ?? []) account.expect(false, `${where}: ${problem}`);
    before = after;
  }
  rounds.count += 1;
  await account.expectWhole(db, undisturbed, `kill -9, sweep ${rounds.count}`);
}

/** From which sign of life on the moment is counted. Most of a short run is its start: judging has signs of its own. */
const MOMENTS = ['start', 'dataset', 'dataset', 'second dataset', 'third dataset'] as const;

const SIGNS: Readonly<Record<(typeof MOMENTS)[number], string | null>> = {
  start: null,
  dataset: 'ages 3,5:',
  'second dataset': 'ages 10',
  'third dataset': 'ages 30:',
};

async function killAt(
  child: SweepProcess,
  moment: (typeof MOMENTS)[number],
  share: number,
  durationMs: number,
): Promise<void> {
  const sign = SIGNS[moment];
  if (sign !== null) await child.says(sign);
  const waitMs = share * durationMs * (sign === null ? 1 : 0.3);
  const timer = setTimeout(() => child.kill('SIGKILL'), waitMs);
  await child.ended;
  clearTimeout(timer);
}

/** By what the store holds of the run that was killed, and held before. */
function phaseOf(before: StoreContents | null, after: StoreContents | null, undisturbed: StoreContents): string {
  const runs = after?.runOutcomes ?? [];
  if (after === null || runs.length === (before?.runOutcomes.length ?? 0)) return 'before its run was stored';
  if (runs.at(-1) !== 'running') return 'after its last word';
  const stored = after.verdicts.size;
  if (stored === (before?.verdicts.size ?? 0)) return 'before the first new verdict';
  return stored < undisturbed.verdicts.size ? 'between verdicts' : 'after the last verdict';
}
