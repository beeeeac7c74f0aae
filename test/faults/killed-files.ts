import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';
import { Account } from './account.ts';
import { runSweepProcess, startSweep } from './program.ts';
import type { Scenario } from './scenario.ts';

/** About what writing them takes. */
const WRITING_MS = 60;
const KILLS = { short: 2, full: 60 } as const;

/** `kill -9` of `sweep experiment` while it replaces its nine files and its models: a whole set is there at any moment. */
export const killedFiles: Scenario = async ({ makeFolder, random, size, say }) => {
  const account = new Account('`kill -9` while the nine files are written');
  const folder = await makeFolder();
  const out = join(folder, 'out');
  const args = [
    'experiment',
    '--data-root',
    TINY_DATA_ROOT,
    '--baseline-run-id',
    'tiny',
    '--run-id',
    'x',
    '--out',
    out,
  ];
  const first = await runSweepProcess(args);
  account.expectEnded(first, [0], 'the first experiment');
  const whole = await digestOf(out);
  while (account.tried < KILLS[size]) {
    const where = `nine files, kill ${account.tried + 1}`;
    await account.attempt(async () => {
      const child = startSweep([...args, '--force', '--verbose']);
      // The last fit is logged just before the files are written.
      const hasFits = await child.says('side=SHORT featureSet=market_plus_state');
      const timer = setTimeout(() => child.kill('SIGKILL'), hasFits ? random.uniform() * WRITING_MS : 0);
      const ended = await child.ended;
      clearTimeout(timer);
      const sets = (await readdir(folder)).filter((name) => name === 'out' || name.endsWith('.replaced'));
      const digests = await Promise.all(sets.map((name) => digestOf(join(folder, name))));
      account.expect(digests.includes(whole), `${where}: no whole set of files in ${sets.join(', ') || 'nothing'}`);
      if (sets.includes('out')) account.expect(digests[sets.indexOf('out')] === whole, `${where}: half of the files`);
      return ended.signal === 'SIGKILL' ? 'killed; a whole set of files was there' : 'had ended before';
    });
  }
  account.expectEnded(await runSweepProcess([...args, '--force']), [0], 'after the kills');
  account.expect((await digestOf(out)) === whole, 'after the kills: other files');
  say(`nine files: ${account.tried} kills`);
  return [account.row()];
};

async function digestOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const file of files.sort()) hash.update(`${relative(folder, file)}\0`).update(await readFile(file));
  return hash.digest('hex');
}
