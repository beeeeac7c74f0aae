import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { boundByPermissions } from '../support/bound-by-permissions.ts';
import { Account } from './account.ts';
import { startSweep } from './program.ts';
import { type FaultContext, resume, runArguments, type Scenario } from './scenario.ts';

const TRIES = { short: 1, full: 5 } as const;

/** Files of others lie in the folder of the cache, or in the places of its files: it takes no more than time. */
export const foreignCache: Scenario = async (context) => {
  const deleted = new Account('foreign files in the folder of the cache, old and larger than it may be');
  const blocked = new Account('a folder, a link, a FIFO, an unreadable file in place of each cache file');
  const noFolder = new Account('a file named as the folder of the cache');
  for (let i = 0; i < TRIES[context.size]; i += 1) {
    await deleted.attempt(() => runBesideForeign(context, deleted));
    for (const what of ['folder', 'link', 'fifo', 'unreadable'] as const) {
      await blocked.attempt(() => runOnBlocked(context, blocked, what));
    }
    await noFolder.attempt(() => runOnFile(context, noFolder));
  }
  return [deleted.row(), blocked.row(), noFolder.row()];
};

async function runBesideForeign({ definition, makeFolder, undisturbed }: FaultContext, account: Account) {
  const folder = await makeFolder();
  const cache = join(folder, 'cache');
  await mkdir(cache);
  const foreign = ['customers.rows', 'notes.txt', 'deadbeef.tmp'];
  for (const name of foreign) {
    await writeFile(join(cache, name), '');
    // Sparse: beyond what the cache may take, and the oldest.
    await truncate(join(cache, name), 3 * 2 ** 30);
    await utimes(join(cache, name), 0, 0);
  }
  const db = join(folder, 'sweeps.db');
  account.expectEnded(await resume(definition, db, ['--cache', cache]), [0], 'beside foreign files');
  const left = await readdir(cache);
  for (const name of foreign) account.expect(left.includes(name), `${name} was deleted`);
  await account.expectWhole(db, undisturbed, 'beside foreign files');
  return 'left as they were';
}

async function runOnBlocked(
  { definition, makeFolder, undisturbed }: FaultContext,
  account: Account,
  what: 'folder' | 'link' | 'fifo' | 'unreadable',
): Promise<string> {
  const folder = await makeFolder();
  const cache = join(folder, 'cache');
  await resume(definition, join(folder, 'first.db'), ['--cache', cache]);
  const victim = join(folder, 'victim');
  await writeFile(victim, 'years of work');
  let count = 0;
  for (const name of await readdir(cache)) {
    const path = join(cache, name);
    // The mark by which a folder is known as a cache is no file of the cache.
    if (!name.endsWith('.rows')) continue;
    count += 1;
    if (what === 'unreadable') {
      await chmod(path, 0);
      continue;
    }
    await rm(path);
    if (what === 'folder') await mkdir(path);
    else if (what === 'link') await symlink(victim, path);
    else execFileSync('mkfifo', [path]);
  }
  account.expect(count > 0, 'nothing was cached');
  const db = join(folder, 'sweeps.db');
  const start = what === 'unreadable' ? (boundByPermissions() ?? undefined) : undefined;
  const child = startSweep(runArguments(definition, db, ['--cache', cache]), start === undefined ? {} : { start });
  const ended = await child.ended;
  account.expectEnded(ended, [0], `${what} in place of a cache file`);
  account.expect((await readFile(victim, 'utf8')) === 'years of work', 'what a link means was overwritten');
  await account.expectWhole(db, undisturbed, `${what} in place of a cache file`);
  return 'built anew, as undisturbed';
}

async function runOnFile({ definition, makeFolder, undisturbed }: FaultContext, account: Account): Promise<string> {
  const folder = await makeFolder();
  const cache = join(folder, 'notes');
  await writeFile(cache, 'years of work');
  const db = join(folder, 'sweeps.db');
  const ended = await resume(definition, db, ['--cache', cache]);
  account.expectEnded(ended, [0, 2], 'a file as the cache');
  account.expect((await readFile(cache, 'utf8')) === 'years of work', 'the file was overwritten');
  if (ended.exitCode === 0) await account.expectWhole(db, undisturbed, 'a file as the cache');
  else account.expectRefused(ended, /notes/, 'a file as the cache');
  return ended.exitCode === 0 ? 'went on without a cache' : 'refused in one line';
}
