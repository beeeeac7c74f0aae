import { chmod, copyFile, link, lstat, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getuid, platform } from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { Account, lastLine } from './account.ts';
import { type Ended, type SweepProcess, startSweep } from './program.ts';
import { type FaultContext, resume, runArguments, type Scenario } from './scenario.ts';
import { readContents } from './store-contents.ts';
import { untilStored } from './until-stored.ts';

const TRIES = { short: 1, full: 5 } as const;

/** The store is changed, moved, deleted, linked while it is written: what the program says is judged is in the store, or it says that it is not. */
export const foreignStore: Scenario = async (context) => {
  const index = new Account('an index of somebody else in the store, which refuses rows');
  const taken = new Account('the store deleted, renamed or replaced during a run');
  const log = new Account('the log of the store (`-wal`, `-shm`) deleted during a run');
  const linked = new Account('a second name (hard link) of a store that is written');
  const restored = new Account('a copy restored over the store of a killed run, its log still there');
  const reader = new Account('another user reads a store, then its owner writes it');
  for (let i = 0; i < TRIES[context.size]; i += 1) {
    await index.attempt(() => runOnIndex(context, index));
    for (const how of ['deleted', 'renamed', 'replaced'] as const) {
      await taken.attempt(() => runWhileTaken(context, taken, how));
    }
    await log.attempt(() => runWithoutLog(context, log));
    await linked.attempt(() => runOnLink(context, linked));
    await restored.attempt(() => restoreOverLog(context, restored));
    if (getuid?.() === 0 && platform === 'linux') await reader.attempt(() => readAsAnother(context, reader));
  }
  const rows = [index, taken, log, linked, restored].map((account) => account.row());
  const skipped = 'not tried: it takes two other users, which only root can be';
  return [...rows, reader.tried === 0 ? { ...reader.row(), happened: skipped } : reader.row()];
};

/** Exit code 0 and everything is there; or a line that says what is wrong. What was stored before is there in any case. */
async function expectSaid(account: Account, ended: Ended, db: string, context: FaultContext, where: string) {
  account.expectEnded(ended, [0, 2], where);
  if (ended.exitCode === 0) await account.expectWhole(db, context.undisturbed, `${where}, exit code 0`);
  else account.expectRefused(ended, /./, where);
}

async function runOnIndex(context: FaultContext, account: Account): Promise<string> {
  const { definition, makeFolder, undisturbed } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  await resume(definition, db, ['--no-cache', '--limit', '3']);
  const before = await readContents(db);
  // After these three it lets one row in, and no other.
  inDatabase(db, 'CREATE UNIQUE INDEX mine ON verdicts ((1)) WHERE id > 3');
  const ended = await resume(definition, db);
  await expectSaid(account, ended, db, context, 'a foreign index');
  if (before !== null) account.expectKept(before, await readContents(db), 'a foreign index');
  inDatabase(db, 'DROP INDEX IF EXISTS mine');
  account.expectEnded(await resume(definition, db), [0], 'without the index');
  await account.expectWhole(db, undisturbed, 'without the index');
  return ended.exitCode === 0 ? 'stored all the same' : 'refused in one line; whole without it';
}

/**
 * A run that has stored something, but not all, and is stopped, so that what is done to its files comes while it writes.
 * One that was quicker is begun again on a store of its own.
 */
async function stoppedRun({
  definition,
  makeFolder,
  undisturbed,
}: FaultContext): Promise<{ child: SweepProcess; db: string; folder: string }> {
  for (;;) {
    const folder = await makeFolder();
    const db = join(folder, 'sweeps.db');
    const child = startSweep(runArguments(definition, db));
    await untilStored(child, db, 1);
    child.kill('SIGSTOP');
    const stored = (await readContents(db))?.verdicts.size ?? 0;
    if (stored < undisturbed.verdicts.size) return { child, db, folder };
    child.kill('SIGCONT');
    await child.ended;
  }
}

async function runWhileTaken(
  context: FaultContext,
  account: Account,
  how: 'deleted' | 'renamed' | 'replaced',
): Promise<string> {
  const { definition, undisturbed } = context;
  const { child, db, folder } = await stoppedRun(context);
  for (const name of await readdir(folder)) {
    if (!name.startsWith('sweeps.db') || name.endsWith('.writer')) continue;
    if (how === 'deleted') await rm(join(folder, name));
    else await rename(join(folder, name), join(folder, name.replace('sweeps', 'moved')));
  }
  if (how === 'replaced') await writeFile(db, 'my notes, which are longer than a header');
  child.kill('SIGCONT');
  const ended = await child.ended;
  // Where it has said that all is well, all is where it said: under the path that it was given.
  if (how === 'replaced') {
    account.expectRefused(ended, /sweeps\.db/, `the store ${how}`);
    account.expect((await readFile(db, 'utf8')).startsWith('my notes'), 'what took its place was overwritten');
    await rm(db);
  } else await expectSaid(account, ended, db, context, `the store ${how}`);
  account.expectEnded(await resume(definition, db), [0], `the store ${how}, again`);
  await account.expectWhole(db, undisturbed, `the store ${how}, again`);
  return ended.exitCode === 0 ? 'stored where it said' : 'said so in one line; whole again';
}

async function runWithoutLog(context: FaultContext, account: Account): Promise<string> {
  const { definition, undisturbed } = context;
  const { child, db } = await stoppedRun(context);
  await rm(`${db}-wal`, { force: true });
  await rm(`${db}-shm`, { force: true });
  child.kill('SIGCONT');
  const ended = await child.ended;
  await expectSaid(account, ended, db, context, 'the log deleted');
  account.expectEnded(await resume(definition, db), [0], 'the log deleted, again');
  await account.expectWhole(db, undisturbed, 'the log deleted, again');
  return ended.exitCode === 0 ? 'stored all the same' : 'said so in one line; whole again';
}

async function runOnLink(context: FaultContext, account: Account): Promise<string> {
  const { definition, undisturbed } = context;
  const { child: first, db, folder } = await stoppedRun(context);
  await link(db, join(folder, 'linked.db'));
  const second = startSweep(runArguments(definition, join(folder, 'linked.db')));
  account.expectRefused(await second.ended, /linked\.db: /, 'the second name');
  first.kill('SIGCONT');
  account.expectEnded(await first.ended, [0], 'the first name');
  await account.expectWhole(db, undisturbed, 'the first name');
  return 'refused under the second; the first whole';
}

async function restoreOverLog(context: FaultContext, account: Account): Promise<string> {
  const { definition, makeFolder, undisturbed } = context;
  const copy = join(await makeFolder(), 'copy.db');
  await resume(definition, copy);
  const { child: killed, db } = await stoppedRun(context);
  killed.kill('SIGKILL');
  await killed.ended;
  await copyFile(copy, db);
  const ended = await startSweep(['list', '--db', db]).ended;
  account.expectEnded(ended, [0, 2], 'reading what was restored');
  // The copy is never the worse for it: what it held is still read once the other store's log is gone, as the line says.
  if (ended.exitCode === 2) {
    account.expect(/-wal/.test(lastLine(ended.stderr)), `said "${lastLine(ended.stderr)}", which names no log`);
    await rm(`${db}-wal`, { force: true });
    await rm(`${db}-shm`, { force: true });
  }
  await account.expectWhole(db, undisturbed, 'what was restored');
  return ended.exitCode === 0 ? 'read as it was' : 'refused in one line that names the log; whole without it';
}

async function readAsAnother(context: FaultContext, account: Account): Promise<string> {
  const { definition, makeFolder, undisturbed } = context;
  const folder = await makeFolder();
  const db = join(folder, 'sweeps.db');
  // Others come this far, and write here.
  await chmod(join(folder, '..'), 0o755);
  await chmod(folder, 0o777);
  const owner = { before: [], uid: 1001, gid: 1001 };
  const another = { before: [], uid: 1002, gid: 1002 };
  if (!(await canStart(owner))) return 'not tried: another user cannot reach this checkout';
  const run = () => startSweep(runArguments(definition, db), { start: owner }).ended;
  const limited = [...runArguments(definition, db), '--limit', '3'];
  account.expectEnded(await startSweep(limited, { start: owner }).ended, [0], 'the owner');
  account.expectEnded(await startSweep(['list', '--db', db], { start: another }).ended, [0], 'the reader');
  account.expectEnded(await run(), [0], 'the owner again');
  await account.expectWhole(db, undisturbed, 'the owner again');
  const strange = [];
  for (const name of await readdir(folder)) if ((await lstat(join(folder, name))).uid !== 1001) strange.push(name);
  account.expect(strange.length === 0, `left by the reader: ${strange.join()}`);
  return 'read by the one, written by the other';
}

async function canStart(start: { before: readonly string[]; uid: number; gid: number }): Promise<boolean> {
  try {
    return (await startSweep(['--version'], { start }).ended).exitCode === 0;
  } catch {
    // The program or its Node lies where that user may not go: then there is nothing to try.
    return false;
  }
}

function inDatabase(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}
