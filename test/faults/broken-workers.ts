import { join } from 'node:path';
import { Account } from './account.ts';
import { runSweepProcess } from './program.ts';
import { type FaultContext, resume, runArguments, type Scenario } from './scenario.ts';
import { compareContents, readContents, type StoreContents } from './store-contents.ts';

type Kind = 'throw' | 'exit' | 'heap' | 'hang';
type When = 'first' | 'always';

/** The exit code of a sweep of which a configuration could not be judged. */
const FAILURES = 6;

const NAMES: Readonly<Record<Kind, string>> = {
  throw: 'a worker throws',
  exit: 'a worker exits',
  heap: 'a worker runs out of heap',
  hang: 'a worker never answers',
};

/** Running out of heap takes seconds of collecting garbage: not in the short form. */
const SHORT: readonly (readonly [Kind, When])[] = [
  ['throw', 'always'],
  ['exit', 'first'],
  ['hang', 'always'],
];
const FULL = Object.keys(NAMES).flatMap((kind) => [
  [kind as Kind, 'first'] as const,
  [kind as Kind, 'always'] as const,
]);
/**
 * What a healthy worker needs of a machine as busy as this one, its start included, and no more than that where a worker
 * hangs, since it is waited for. Running out of heap takes its time.
 */
function timeLimitSeconds(kind: Kind, { durationMs }: FaultContext): number {
  const undisturbedSeconds = durationMs / 1000;
  return kind === 'hang'
    ? Math.max(3, Math.ceil(undisturbedSeconds / 4))
    : Math.max(60, Math.ceil(10 * undisturbedSeconds));
}

const TRIES: Readonly<Record<Kind, number>> = { throw: 5, exit: 5, heap: 2, hang: 3 };

/**
 * One configuration breaks its worker, once or every time. It alone may fail, and only where it breaks every attempt;
 * all others are as undisturbed. Judged again without the fault, the sweep is whole.
 */
export const brokenWorkers: Scenario = async (context) => {
  const rows = [];
  for (const [kind, when] of context.size === 'short' ? SHORT : FULL) {
    const account = new Account(`${NAMES[kind]}, ${when === 'first' ? 'the first time' : 'every time'}`);
    for (let i = 0; i < (context.size === 'short' ? 1 : TRIES[kind]); i += 1) {
      await account.attempt(() => breakOne(context, account, kind, when, String(context.random.integer(1, 3))));
    }
    context.say(`${NAMES[kind]}, ${when}: ${account.tried} tries`);
    rows.push(account.row());
  }
  return rows;
};

/** Every configuration, or every preparation, kills its worker, every time: each is a stored failure, and the sweep ends by itself. */
export const everyWorkerDies: Scenario = async (context) => {
  const rows = [];
  for (const [name, fault] of [
    ['every configuration kills its worker every time', 'exit:always:'],
    ["a dataset's preparation kills its worker every time", 'exit:preparing:'],
  ] as const) {
    const account = new Account(name);
    await account.attempt(() => breakAll(context, account, fault));
    rows.push(account.row());
  }
  return rows;
};

async function breakAll(
  { definition, undisturbed, makeFolder }: FaultContext,
  account: Account,
  fault: string,
): Promise<string> {
  const db = join(await makeFolder(), 'sweeps.db');
  const limited = [...runArguments(definition, db), '--limit', '24'];
  const ended = await runSweepProcess(limited, { env: { SWEEP_INJECT_FAULT: fault } });
  account.expectEnded(ended, [FAILURES], fault);
  const contents = await readContents(db);
  account.expect(contents?.failures.size === 24, `24 failures expected, got ${contents?.failures.size ?? 'no store'}`);
  account.expectEnded(await resume(definition, db, ['--no-cache', '--retry-errors']), [0], 'without the fault');
  await account.expectWhole(db, undisturbed, 'without the fault');
  return 'each stored as an error; whole after --retry-errors';
}

async function breakOne(
  context: FaultContext,
  account: Account,
  kind: Kind,
  when: When,
  threads: string,
): Promise<string> {
  const { definition, ids, size, random, makeFolder, undisturbed } = context;
  // A batch has the limit times its configurations, and one that hangs is waited for so long.
  const limit = size === 'short' ? 3 : kind === 'hang' ? 12 : ids.length;
  const poison = ids[random.integer(0, limit - 1)]!;
  const fault = `${kind}:${when}:${poison}`;
  const where = `${fault}, ${threads} threads`;
  const db = join(await makeFolder(), 'sweeps.db');
  const args = ['run', definition, '--db', db, '--threads', threads, '--no-cache', '--limit', String(limit)];
  args.push('--time-limit', String(timeLimitSeconds(kind, context)));
  const ended = await runSweepProcess(args, { env: { SWEEP_INJECT_FAULT: fault } });
  // What is thrown is the configuration's own error, for which there is no second attempt.
  const fails = when === 'always' || kind === 'throw';
  account.expectEnded(ended, [fails ? FAILURES : 0], where);
  const contents = await readContents(db);
  const others = only(undisturbed, new Set(ids.slice(0, limit).filter((id) => !fails || id !== poison)));
  if (contents === null) account.expect(false, `${where}: no store`);
  else {
    const { lost, wrong } = compareContents(others, contents);
    for (const line of [...lost, ...wrong]) account.expect(false, `${where}: ${line}`);
    const failed = [...contents.failures.keys()].join();
    account.expect(failed === (fails ? poison : ''), `${where}: failed: ${failed || 'none'}`);
  }
  account.expectEnded(await resume(definition, db, ['--no-cache', '--retry-errors']), [0], `${where}, again`);
  await account.expectWhole(db, undisturbed, `${where}, again`);
  return fails ? 'it alone stored as an error; whole after --retry-errors' : 'judged at the second attempt';
}

function only(contents: StoreContents, ids: ReadonlySet<string>): StoreContents {
  return { ...contents, verdicts: new Map([...contents.verdicts].filter(([key]) => ids.has(key.split(' ')[0]!))) };
}
