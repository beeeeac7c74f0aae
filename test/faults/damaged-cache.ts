import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '../support/random.ts';
import { Account } from './account.ts';
import { startSweep } from './program.ts';
import { type FaultContext, resume, runArguments, type Scenario } from './scenario.ts';

const TRIES = { short: 3, full: 40 } as const;

/** The cache only saves time: whatever is done to its files, a sweep gives what it gives without one. */
export const damagedCache: Scenario = async (context) => {
  const damaged = new Account('cache files damaged, cut short, replaced by junk or by each other');
  const deleted = new Account('cache files deleted during a run');
  const { makeFolder, definition, size } = context;
  const cache = join(await makeFolder(), 'cache');
  const filling = await resume(definition, join(await makeFolder(), 'sweeps.db'), ['--cache', cache]);
  damaged.expectEnded(filling, [0], 'filling the cache');
  const files = await readFiles(cache);
  damaged.expect(files.size > 0, 'nothing was cached');
  for (let i = 0; i < TRIES[size]; i += 1) {
    for (const [path, bytes] of files) await writeFile(path, bytes);
    await damaged.attempt(() => runOnDamage(context, damaged, cache));
  }
  for (let i = 0; i < TRIES[size] / 4; i += 1) {
    for (const [path, bytes] of files) await writeFile(path, bytes);
    await deleted.attempt(() => runWhileDeleting(context, deleted, cache));
  }
  context.say(`cache: ${damaged.tried} damages, ${deleted.tried} deletions`);
  return [damaged.row(), deleted.row()];
};

async function readFiles(folder: string): Promise<Map<string, Buffer>> {
  const paths = (await rowFiles(folder)).map((name) => join(folder, name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path)] as const)));
}

/** Names of the cache's files but its tag. */
async function rowFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.rows')).sort();
}

async function runOnDamage(context: FaultContext, account: Account, cache: string): Promise<string> {
  const { random, makeFolder, definition, undisturbed } = context;
  const path = join(cache, random.pick(await rowFiles(cache)));
  const what = await damage(path, cache, random);
  const db = join(await makeFolder(), 'sweeps.db');
  account.expectEnded(await resume(definition, db, ['--cache', cache]), [0], `cache file ${what}`);
  await account.expectWhole(db, undisturbed, `cache file ${what}`);
  return 'built anew, as undisturbed';
}

async function damage(path: string, cache: string, random: Random): Promise<string> {
  const bytes = await readFile(path);
  const headerSize = bytes.readUInt32LE(8);
  const kind = random.pick(['header', 'header', 'data', 'truncated', 'junk', 'another', 'empty'] as const);
  if (kind === 'truncated') await truncate(path, random.integer(0, bytes.length - 1));
  else if (kind === 'empty') await writeFile(path, '');
  else if (kind === 'junk') await writeFile(path, Buffer.from(random.permutation(256)));
  else if (kind === 'another') {
    const other = join(cache, random.pick(await rowFiles(cache)));
    await writeFile(path, await readFile(other));
  } else {
    const at =
      kind === 'header' ? random.integer(0, headerSize + 11) : random.integer(headerSize + 12, bytes.length - 1);
    bytes[at] = bytes[at]! ^ (1 << random.integer(0, 7));
    await writeFile(path, bytes);
    return `with a bit of byte ${at} flipped (${kind})`;
  }
  return kind;
}

async function runWhileDeleting(context: FaultContext, account: Account, cache: string): Promise<string> {
  const { makeFolder, definition, undisturbed } = context;
  const db = join(await makeFolder(), 'sweeps.db');
  const child = startSweep(runArguments(definition, db, ['--cache', cache]));
  let running = true;
  const finished = child.ended.finally(() => {
    running = false;
  });
  while (running) {
    const names = await rowFiles(cache);
    for (const name of names) await rm(join(cache, name), { force: true });
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  account.expectEnded(await finished, [0], 'deleting');
  await account.expectWhole(db, undisturbed, 'deleting');
  return 'as undisturbed';
}
