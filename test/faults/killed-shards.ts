import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Account } from './account.ts';
import { runSweepProcess, startSweep } from './program.ts';
import type { FaultContext, Scenario } from './scenario.ts';

/** How many shards, each time in an order of its own. */
const COUNTS = { short: [2, 3], full: [2, 2, 3, 3, 3, 3, 16, 16] } as const;
const DAMAGES = { short: 2, full: 20 } as const;
/** Another Node, of the tests' own packages: another V8. */
const OTHER_NODE = fileURLToPath(new URL('../real/node_modules/node/bin/node', import.meta.url));

/**
 * A sweep dealt to shards, run in any order, by two versions of Node, on one thread or two, some killed and run again; then
 * merged, some merges killed and run again: the one store equals that of an undisturbed run. A flipped byte in one of
 * them is told, and nothing is written.
 */
export const killedShards: Scenario = async (context) => {
  const shards = new Account(
    'shards in any order, on either Node, on one thread or two, some of them `kill -9`, merged',
  );
  const merges = new Account('`kill -9` of a merge');
  const damages = new Account('a flipped byte in a store that is merged');
  let last: readonly string[] = [];
  for (const count of COUNTS[context.size]) {
    const folder = await context.makeFolder();
    const stores = await runShards(context, shards, folder, count);
    const into = join(folder, 'all.db');
    await killMerge(context, merges, into, stores);
    await shards.expectWhole(into, context.undisturbed, `${count} shards`);
    last = stores;
    context.say(`${count} shards merged`);
  }
  for (let i = 0; i < DAMAGES[context.size]; i += 1) {
    await damages.attempt(() => mergeDamaged(context, damages, last));
  }
  return [shards.row(), merges.row(), damages.row()];
};

/** @returns their stores, in the order in which they were run */
async function runShards(
  context: FaultContext,
  account: Account,
  folder: string,
  count: number,
): Promise<readonly string[]> {
  const { random, definition, durationMs } = context;
  const numbers = Array.from({ length: count }, (_, i) => i + 1);
  const stores: string[] = [];
  while (numbers.length > 0) {
    const [number = 0] = numbers.splice(random.integer(0, numbers.length - 1), 1);
    const db = join(folder, `s${number}.db`);
    const start = () => {
      const threads = String(random.pick([1, 2]));
      const args = ['run', definition, '--db', db, '--no-cache', '--threads', threads, '--shard', `${number}/${count}`];
      return startSweep(args, { node: random.pick([process.execPath, OTHER_NODE]) });
    };
    const where = `shard ${number}/${count}`;
    let killed = false;
    if (random.chance(0.5)) {
      const child = start();
      const timer = setTimeout(() => child.kill('SIGKILL'), random.uniform() * durationMs);
      killed = (await child.ended).signal === 'SIGKILL';
      clearTimeout(timer);
    }
    account.expectEnded(await start().ended, [0], where);
    account.saw(killed ? 'killed, whole after the same command' : 'ended well');
    stores.push(db);
  }
  return stores;
}

/** Kills a merge somewhere, then merges, and once more. */
async function killMerge(
  { random }: FaultContext,
  account: Account,
  into: string,
  stores: readonly string[],
): Promise<void> {
  const child = startSweep(['merge', into, ...stores]);
  const timer = setTimeout(() => child.kill('SIGKILL'), random.uniform() * 1500);
  const { signal } = await child.ended;
  clearTimeout(timer);
  const first = await runSweepProcess(['merge', into, ...stores]);
  account.expectEnded(first, [0], 'merge');
  const again = await runSweepProcess(['merge', into, ...stores.toReversed(), '--json']);
  account.expectEnded(again, [0], 'merge once more');
  if (again.exitCode !== 0) return account.saw('not as promised');
  const { sources }: { sources: readonly { addedVerdicts: number }[] } = JSON.parse(again.stdout);
  const isNothingNew = sources.every(({ addedVerdicts }) => addedVerdicts === 0);
  account.expect(isNothingNew, 'the same merge once more added verdicts');
  account.saw(signal === 'SIGKILL' ? 'killed, whole after the same command' : 'ended before it was killed');
}

/** A byte may be one that nothing is kept in: then the merge is whole, which the undisturbed contents show. */
async function mergeDamaged(
  { random, makeFolder, undisturbed }: FaultContext,
  account: Account,
  stores: readonly string[],
): Promise<string> {
  const folder = await makeFolder();
  const copies = await Promise.all(
    stores.map(async (store, i) => {
      const copy = join(folder, `s${i}.db`);
      await writeFile(copy, await readFile(store));
      return copy;
    }),
  );
  const damaged = random.pick(copies);
  const bytes = await readFile(damaged);
  bytes[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
  await writeFile(damaged, bytes);
  const into = join(folder, 'all.db');
  const ended = await runSweepProcess(['merge', into, ...copies]);
  if (ended.exitCode === 0) {
    await account.expectWhole(into, undisturbed, 'a byte that nothing is kept in');
    return 'a byte that nothing is kept in: merged as undisturbed';
  }
  account.expectRefused(ended, /s\d+\.db/, 'a flipped byte');
  const made = await stat(into).catch(() => null);
  account.expect(made === null, 'a flipped byte: a store was made');
  return 'refused in one line, nothing written';
}
