import { statfsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { Account } from './account.ts';
import { runSweepProcess } from './program.ts';
import { type FaultContext, resume, type Scenario } from './scenario.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';
import { differences, readContents } from './store-contents.ts';

const TRIES = { short: 1, full: 12 } as const;
const NO_SPACE = /no space left|ENOSPC/;
/** More than the whole store takes. */
const ENOUGH_KB = 65_536;
const ENOUGH = 'it had just enough room';

/** The disk fills up under the store, under the nine files, under the cache; then there is room again. */
export const fullDisk: Scenario = async (context) => {
  const verdicts = new Account('the disk full while verdicts are written');
  const files = new Account('the disk full while the nine files are written');
  const cache = new Account('the disk full while the cache is written');
  await using disk = await mountSmallDisk(join(await context.makeFolder(), 'disk'), ENOUGH_KB);
  if (disk === null) {
    const skipped = 'not tried: a small file system cannot be mounted here';
    return [verdicts, files, cache].map((account) => ({ ...account.row(), happened: skipped }));
  }
  for (let i = 0; i < TRIES[context.size]; i += 1) {
    await verdicts.attempt(() => fillUnderStore(context, verdicts, disk, i));
    await files.attempt(() => fillUnderFiles(context, files, disk, i));
  }
  for (let i = 0; i < TRIES[context.size] / 4; i += 1) {
    await cache.attempt(() => fillUnderCache(context, cache, disk, i));
  }
  context.say(`full disk: ${verdicts.tried + files.tried + cache.tried} tries`);
  return [verdicts.row(), files.row(), cache.row()];
};

async function fillUnderStore(context: FaultContext, account: Account, disk: SmallDisk, i: number): Promise<string> {
  const { definition, random, undisturbed } = context;
  const where = `full disk, try ${i + 1}`;
  const db = join(disk.folder, `store-${i}.db`);
  disk.resize(usedKb(disk.folder) + random.integer(8, 1500));
  const ended = await resume(definition, db);
  const contents = await readContents(db);
  if (ended.exitCode !== 0) {
    account.expectRefused(ended, NO_SPACE, where);
    for (const line of differences(undisturbed.verdicts, contents?.verdicts ?? new Map())) account.expect(false, line);
    for (const problem of contents?.problems ?? []) account.expect(false, `${where}: ${problem}`);
  }
  disk.resize(ENOUGH_KB);
  account.expectEnded(await resume(definition, db), [0], `${where}, with room again`);
  if (contents !== null) account.expectKept(contents, await readContents(db), where);
  await account.expectWhole(db, undisturbed, where);
  return ended.exitCode === 0 ? ENOUGH : 'stopped with one line; what was stored stayed; whole when there was room';
}

async function fillUnderFiles(context: FaultContext, account: Account, disk: SmallDisk, i: number): Promise<string> {
  const where = `nine files on a full disk, try ${i + 1}`;
  const out = join(disk.folder, `files-${i}`);
  const before = await readdir(disk.folder);
  disk.resize(usedKb(disk.folder) + context.random.integer(4, 250));
  const ended = await runSweepProcess(experimentArguments(out));
  if (ended.exitCode !== 0) {
    account.expectRefused(ended, NO_SPACE, where);
    account.expect((await readdir(disk.folder)).join() === before.join(), `${where}: something was left behind`);
  }
  disk.resize(ENOUGH_KB);
  return ended.exitCode === 0 ? ENOUGH : 'stopped with one line, nothing left behind';
}

async function fillUnderCache(context: FaultContext, account: Account, disk: SmallDisk, i: number): Promise<string> {
  const where = `cache on a full disk, try ${i + 1}`;
  const db = join(await context.makeFolder(), 'sweeps.db');
  disk.resize(usedKb(disk.folder) + context.random.integer(4, 200));
  const cache = join(disk.folder, `cache-${i}`);
  const ended = await resume(context.definition, db, ['--cache', cache]);
  account.expectEnded(ended, [0], where);
  disk.resize(ENOUGH_KB);
  account.expectEnded(await resume(context.definition, db, ['--cache', cache]), [0], `${where}, with room again`);
  await account.expectWhole(db, context.undisturbed, where);
  return 'the sweep went on without it';
}

/** The store, its folder's file system, or the data are not writable; stdout is a full device. */
export const readOnlyStore: Scenario = async (context) => {
  const store = new Account('the store on a read-only file system');
  const stdout = new Account('stdout on a full device (`/dev/full`)');
  const { definition, undisturbed } = context;
  await using disk = await mountSmallDisk(join(await context.makeFolder(), 'disk'), ENOUGH_KB);
  if (disk === null) return [{ ...store.row(), happened: 'not tried: a file system cannot be mounted here' }];
  const db = join(disk.folder, 'sweeps.db');
  store.expectEnded(await resume(definition, db), [0], 'before');
  disk.setReadOnly(true);
  const refuses = (path: string, rule: RegExp, more: readonly string[]) =>
    store.attempt(async () => {
      store.expectRefused(await resume(definition, path, more), rule, path);
      return '`sweep run` refused in one line';
    });
  await refuses(db, /sweeps\.db: .*(read-only|EROFS)/, ['--fresh', '--no-cache']);
  await refuses(join(disk.folder, 'none.db'), /none\.db: .*(read-only|EROFS)/, ['--no-cache']);
  for (const command of [['report'], ['list'], ['export', '--out', join(await context.makeFolder(), 'all.csv')]]) {
    await store.attempt(async () => {
      store.expectEnded(
        await runSweepProcess([...command, '--db', db]),
        [0],
        `sweep ${command[0]} of a read-only store`,
      );
      return '`report`, `list` and `export` read it';
    });
  }
  disk.setReadOnly(false);
  await store.expectWhole(db, undisturbed, 'read-only store');
  for (const command of [
    ['report', '--db', db],
    ['list', '--db', db],
    ['plan', definition],
  ]) {
    await stdout.attempt(async () => {
      const ended = await runSweepProcess(command, { stdoutPath: '/dev/full' });
      stdout.expectEnded(ended, [1, 2], `sweep ${command[0]} > /dev/full`);
      return 'said so, exit code not 0';
    });
  }
  return [store.row(), stdout.row()];
};

/** Kilobytes that the file system's files take now, so that a limit can be set a little above. */
function usedKb(folder: string): number {
  const { blocks, bfree, bsize } = statfsSync(folder);
  return Math.ceil(((blocks - bfree) * bsize) / 1024);
}

function experimentArguments(out: string): string[] {
  return ['experiment', '--data-root', TINY_DATA_ROOT, '--baseline-run-id', 'tiny', '--run-id', 'x', '--out', out];
}
