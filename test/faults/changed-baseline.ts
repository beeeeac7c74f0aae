import { copyFile, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BARS, copyTinyRun, FEATURES, keepRows, LABELS } from '../support/tiny-run.ts';
import { Account } from './account.ts';
import { startSweep } from './program.ts';
import { type FaultContext, resume, runArguments, type Scenario, writeDefinition } from './scenario.ts';
import { differences, readContents, type StoreContents } from './store-contents.ts';

const TRIES = { short: 2, full: 40 } as const;
const FILES = [FEATURES, LABELS, BARS] as const;

/** A baseline run, its sweep, and what that gives with each file as it was and as it is replaced. */
type Baseline = {
  readonly folder: string;
  readonly definition: string;
  readonly files: readonly { readonly path: string; readonly original: string; readonly other: string }[];
  /** verdicts of the original run and of each run with one file replaced */
  readonly known: StoreContents['verdicts'];
};

/**
 * A file of the baseline run is replaced, overwritten in place, or cut short, during a run and between two. A verdict
 * is of content that the run really had: its dataset's hash says which; a file cut short is refused by name.
 */
export const changedBaseline: Scenario = async (context) => {
  const during = new Account('a baseline file replaced, overwritten or cut short during a run');
  const between = new Account('a baseline file replaced or cut short between runs');
  const baseline = await makeBaseline(context);
  for (let i = 0; i < TRIES[context.size]; i += 1) {
    await during.attempt(() => changeDuring(context, baseline, during));
  }
  for (let i = 0; i < TRIES[context.size] / 4; i += 1) {
    await between.attempt(() => changeBetween(context, baseline, between));
  }
  context.say(`baseline files changed: ${during.tried} during, ${between.tried} between runs`);
  return [during.row(), between.row()];
};

async function makeBaseline({ makeFolder, size }: FaultContext): Promise<Baseline> {
  const folder = await makeFolder();
  const run = await copyTinyRun(folder);
  const definition = await writeDefinition(folder, size, folder);
  const known = new Map<string, readonly unknown[]>();
  const learn = async (name: string) => {
    const db = join(folder, `${name}.db`);
    await resume(definition, db);
    for (const [key, values] of (await readContents(db))?.verdicts ?? []) known.set(key, values);
  };
  await learn('original');
  const files = [];
  for (const [i, name] of FILES.entries()) {
    const path = join(run, name);
    const original = join(folder, `original-${i}`);
    const other = join(folder, `other-${i}`);
    await copyFile(path, original);
    // Every fiftieth row is gone: another run, as whole as the first.
    let row = 0;
    await keepRows(path, () => row++ % 50 !== 17);
    await copyFile(path, other);
    await learn(`other-${i}`);
    await copyFile(original, path);
    files.push({ path, original, other });
  }
  return { folder, definition, files, known };
}

async function changeDuring(context: FaultContext, baseline: Baseline, account: Account): Promise<string> {
  const { random, makeFolder, durationMs } = context;
  const folder = await makeFolder();
  const db = join(folder, 'sweeps.db');
  const cache = ['--cache', join(folder, 'cache')];
  const file = random.pick(baseline.files);
  const how = random.pick(['replaced', 'overwritten', 'cut short', 'deleted'] as const);
  const where = `${file.path.split('/').at(-1)} ${how} during a run, try ${account.tried + 1}`;
  const child = startSweep(runArguments(baseline.definition, db, cache));
  await sleep(random.uniform() * durationMs * 0.7);
  await change(file, how, random.uniform());
  const ended = await child.ended;
  account.expectEnded(ended, [0, 2], where);
  if (ended.exitCode !== 0) account.expectRefused(ended, /\.parquet/, where);
  await expectKnown(account, db, baseline, where);
  await copyFile(file.original, file.path);
  await resumeWhole(context, account, baseline, db, cache, where);
  return ended.exitCode === 0 ? 'judged what it had read' : 'refused, naming the file; whole when it was back';
}

async function changeBetween(context: FaultContext, baseline: Baseline, account: Account): Promise<string> {
  const { random, makeFolder } = context;
  const folder = await makeFolder();
  const db = join(folder, 'sweeps.db');
  const cache = ['--cache', join(folder, 'cache')];
  const file = random.pick(baseline.files);
  const how = random.pick(['replaced', 'cut short'] as const);
  const where = `${file.path.split('/').at(-1)} ${how} between runs, try ${account.tried + 1}`;
  account.expectEnded(await resume(baseline.definition, db, cache), [0], where);
  await change(file, how, random.uniform());
  const ended = await resume(baseline.definition, db, cache);
  if (how === 'cut short') account.expectRefused(ended, /\.parquet/, where);
  else {
    account.expectEnded(ended, [0], where);
    account.expect(
      !ended.stdout.includes('already in the store'),
      `${where}: took verdicts of other content for its own`,
    );
  }
  await expectKnown(account, db, baseline, where);
  await copyFile(file.original, file.path);
  await resumeWhole(context, account, baseline, db, cache, where);
  return how === 'cut short' ? 'refused, naming the file' : 'judged anew under its own hash, the old verdicts kept';
}

async function change(file: Baseline['files'][number], how: string, share: number): Promise<void> {
  if (how === 'deleted') await rm(file.path);
  else if (how === 'cut short') {
    const { length } = await readFile(file.original);
    await truncate(file.path, Math.floor(share * length));
  } else if (how === 'overwritten') await writeFile(file.path, await readFile(file.other));
  else {
    await copyFile(file.other, `${file.path}.new`);
    await rename(`${file.path}.new`, file.path);
  }
}

async function expectKnown(account: Account, db: string, baseline: Baseline, where: string): Promise<void> {
  const contents = await readContents(db);
  for (const line of differences(baseline.known, contents?.verdicts ?? new Map()))
    account.expect(false, `${where}: ${line}`);
  for (const problem of contents?.problems ?? []) account.expect(false, `${where}: ${problem}`);
}

/** With the file as it was, every verdict of the undisturbed sweep is there, beside those of the other content. */
async function resumeWhole(
  { undisturbed }: FaultContext,
  account: Account,
  baseline: Baseline,
  db: string,
  cache: readonly string[],
  where: string,
): Promise<void> {
  account.expectEnded(await resume(baseline.definition, db, cache), [0], `${where}, restored`);
  await expectKnown(account, db, baseline, `${where}, restored`);
  account.expectKept(undisturbed, await readContents(db), `${where}, restored`);
}
