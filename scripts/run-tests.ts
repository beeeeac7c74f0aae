/**
 * Runs the tests as Node's own runner does, several files at a time: most of them wait for processes that they start.
 *
 *   npm test                            the quick ones: what to run after every change
 *   npm test -- test/store test/cli     those below these paths
 *   npm run test:slow                   what kills, waits, cuts links and tries hostile input: short forms of the suites
 *   … -- --no-skips                     a skipped test is a failure, as in continuous integration
 *
 * What tests need from npm beyond the program's own packages stands in test/real/package.json and is installed here when
 * its lockfile has changed.
 */
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COMPILE_CACHE } from '../test/support/compile-cache.ts';
import { bundlePackages } from './bundle-packages.ts';
import { writeTemporaryFilesToMemory } from './folder-in-memory.ts';
import { inGroups } from './test-groups.ts';
import { installTestPackages } from './test-packages.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What the tests of these folders do takes minutes. */
const SLOW = /^test\/(faults|fuzz)\/|\/slow\//;
/** Files at a time. More than cores, since tests of whole programs wait for them. */
const FILES_AT_A_TIME = 4;
/** How long each file took when it was run last, in ms: what takes longest must not begin last. */
const TIMES = 'node_modules/.cache/test-times.json';
/** Of those that nobody has run yet whole programs come first. */
const FIRST = ['test/e2e/', 'test/distributed/', 'test/cli/', 'test/execution/', 'test/store/'];

process.chdir(ROOT);
const { values, positionals } = parseArgs({
  options: { slow: { type: 'boolean', default: false }, 'no-skips': { type: 'boolean', default: false } },
  allowPositionals: true,
});
const times = readTimes();
const files = chosenFiles(positionals, values.slow);
if (files.length === 0) {
  process.stderr.write(`no tests below ${positionals.join(', ') || 'test'}\n`);
  process.exit(2);
}
installTestPackages();
// What kills and cuts off has the disk of everyday life.
if (!values.slow) writeTemporaryFilesToMemory();
process.env.NODE_COMPILE_CACHE = COMPILE_CACHE;
process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(await bundlePackages())}`;

const events = run({ files, concurrency: FILES_AT_A_TIME });
events.on('test:fail', () => {
  process.exitCode = 1;
});
events.on('test:summary', ({ file, counts, success, duration_ms }) => {
  // Those of a file come first, that of all has none.
  if (file !== undefined) {
    times.set(relative(ROOT, file), Math.round(duration_ms));
    return;
  }
  mkdirSync(dirname(TIMES), { recursive: true });
  writeFileSync(TIMES, JSON.stringify(Object.fromEntries(times)));
  if (!success) process.exitCode = 1;
  if (values['no-skips'] && counts.skipped + counts.todo > 0) {
    process.stderr.write(`${counts.skipped + counts.todo} tests were skipped: here each of them counts as failed\n`);
    process.exitCode = 1;
  }
});
events.compose(spec).pipe(process.stdout);

function chosenFiles(paths: readonly string[], slow: boolean): string[] {
  const all = globSync('test/**/*.test.ts', { exclude: (name) => name === 'node_modules' });
  const below = (file: string) => paths.some((path) => file === path || file.startsWith(`${path.replace(/\/$/, '')}/`));
  const chosen = paths.length > 0 ? all.filter(below) : all.filter((file) => SLOW.test(file) === slow);
  const timeOf = (file: string) => times.get(file) ?? Number.POSITIVE_INFINITY;
  return inGroups(chosen).sort((a, b) => {
    if (timeOf(a) !== timeOf(b)) return timeOf(b) - timeOf(a);
    return rankOf(a) - rankOf(b) || (a < b ? -1 : 1);
  });
}

function readTimes(): Map<string, number> {
  // Written by this program; without it the order is another, and nothing else.
  return new Map(existsSync(TIMES) ? Object.entries(JSON.parse(readFileSync(TIMES, 'utf8'))) : []);
}

function rankOf(file: string): number {
  const rank = FIRST.findIndex((folder) => file.startsWith(folder));
  return rank === -1 ? FIRST.length : rank;
}
