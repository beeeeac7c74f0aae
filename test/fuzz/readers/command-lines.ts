import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { runSweepProcess } from '../../faults/program.ts';
import type { Random } from '../../support/random.ts';
import { copyTinyRun } from '../../support/tiny-run.ts';
import { check, type Outcome } from '../outcome.ts';
import type { Reader } from '../readers.ts';

const COMMANDS = [
  'run',
  'plan',
  'report',
  'show',
  'reproduce',
  'list',
  'export',
  'experiment',
  'baseline',
  'build',
  'help',
  '',
];
const OPTIONS = [
  '--db',
  '--data-root',
  '--threads',
  '--limit',
  '--yes',
  '--bar-gaps',
  '--feature-order',
  '--cache',
  '--no-cache',
  '--max-memory',
  '--fresh',
  '--retry-errors',
  '--time-limit',
  '--wait',
  '--json',
  '--sweep',
  '--top',
  '--sort',
  '--where',
  '--status',
  '--format',
  '--out',
  '--force',
  '--baseline-run-id',
  '--run-id',
  '--ages-minutes',
  '--regressor-kind',
  '--ridge-alpha',
  '--huber-alpha',
  '--huber-epsilon',
  '--huber-max-iter',
  '--regression-target-clip-bps',
  '--max-rows-per-split',
  '--require-pass',
  '--start',
  '--end',
  '--cost-bps',
  '--version',
  '--help',
  '--nonsense',
  '-x',
  '--',
];
const VALUES = [
  '0',
  '-1',
  '1',
  '2',
  '1e9',
  '1e400',
  'NaN',
  'Infinity',
  '0x10',
  '1_000',
  '',
  ' ',
  '3,5',
  '3,,5',
  ',',
  'tiny',
  'all',
  'kind=huber',
  'alpha>=0.01',
  "x' OR 1=1 --",
  'auc:desc',
  'pass',
  'json',
  '.',
  '..',
  '../../x',
  '/dev/null',
  '/dev/full',
  '/proc/self/mem',
  'data',
  'a\x1b[31mb',
  '\u202eexe',
  'x'.repeat(5000),
  'é',
  '%s%n',
  '$(id)',
  '`id`',
  'BTCUSDT=/dev/null',
  'A=B=C',
  '--',
  '-',
];

/** Command lines put together at random, each a real process in a folder of its own. */
export const commandLines: Reader = {
  name: 'command lines',
  count: 300,
  prepare: async (folder) => {
    const cwd = join(folder, 'cwd');
    await copyTinyRun(join(cwd, 'data'));
    await mkdir(join(cwd, 'inner'));
    const around = (await readdir(folder)).join();
    const tryInput = async (random: Random): Promise<Outcome> => {
      const args = commandLine(random);
      const shown = JSON.stringify(args.map((arg) => arg.slice(0, 60)));
      const ended = await runSweepProcess(args, { cwd: join(cwd, 'inner') });
      check(!ended.timedOut, `hung: ${shown}`);
      check(
        ended.exitCode !== null && ended.exitCode !== 1,
        `exit code ${ended.exitCode}: ${shown}: ${ended.stderr.slice(0, 400)}`,
      );
      check(!/^ +at /m.test(ended.stderr), `a stack trace: ${shown}: ${ended.stderr.slice(0, 400)}`);
      check(!/(?!\n)[\p{Cc}\p{Cf}]/u.test(ended.stdout + ended.stderr), `an escape printed raw: ${shown}`);
      check((await readdir(folder)).join() === around, `something was written outside: ${shown}`);
      return ended.exitCode === 0 ? 'accepted' : 'refused';
    };
    return { tryInput };
  },
};

function commandLine(random: Random): string[] {
  const args = [random.pick(COMMANDS)];
  for (let left = random.integer(0, 6); left > 0; left -= 1) {
    if (random.chance(0.8)) args.push(random.pick(OPTIONS));
    if (random.chance(0.8)) args.push(random.pick(VALUES));
  }
  return args;
}
