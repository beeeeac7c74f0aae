/**
 * Feeds hostile input to every reader of the program and writes what came of it to docs/faults.md.
 *
 *   npm run test:fuzz                                   every reader, more than 10,000 inputs
 *   npm run test:fuzz -- --quick                        the short form, as in npm run test:slow; writes no file
 *   npm run test:fuzz -- --only 'cache files'           one reader; writes no file
 *   npm run test:fuzz -- --only 'cache files' --input 17 --seed 7     one input again
 *
 * The exit code is 1 when anything was wrong.
 */
import { parseArgs } from 'node:util';
import PQueue from 'p-queue';
import { madeLine, markdownTable, TITLES, writeSection } from '../test/faults/fault-report.ts';
import { type FuzzRow, fuzz } from '../test/fuzz/fuzz.ts';
import { READERS } from '../test/fuzz/readers.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    input: { type: 'string' },
    seed: { type: 'string', default: '20261122' },
  },
});
const seed = Number(values.seed);
const readers = READERS.filter(({ name }) => values.only === undefined || name.includes(values.only));
if (readers.length === 0 || !Number.isSafeInteger(seed)) {
  process.stderr.write(`usage: fuzz-suite [--quick] [--seed N] [--only READER [--input N]]\n`);
  process.exit(2);
}

const QUICK_SHARE = 1 / 50;
const AT_A_TIME = 2;
const MOST_SHOWN = 8;

const started = performance.now();
const queue = new PQueue({ concurrency: AT_A_TIME });
const rows = await Promise.all(
  readers.map((reader) =>
    queue.add(async () => {
      const count = values.quick ? Math.ceil(reader.count * QUICK_SHARE) : reader.count;
      const { input } = values;
      const row = await (input === undefined ? fuzz(reader, seed, count) : fuzz(reader, seed, 1, Number(input)));
      process.stderr.write(`${row.reader}: ${row.tried} inputs, ${row.wrong.size} wrong\n`);
      return row;
    }),
  ),
);
const made = { command: 'npm run test:fuzz', seed, durationMs: performance.now() - started };
const section = fuzzSection(rows, made);
process.stdout.write(`${section}\n`);
if (!values.quick && values.only === undefined) writeSection('docs/faults.md', TITLES.fuzz, section);
if (rows.some(({ wrong }) => wrong.size > 0)) process.exitCode = 1;

function fuzzSection(all: readonly FuzzRow[], by: typeof made): string {
  const head = [
    'reader',
    'inputs',
    'refused',
    'of these by a panic inside',
    'accepted',
    'wrong',
    'slowest, s of CPU',
    'most memory, MiB',
  ];
  const cells = all.map(({ reader, tried, outcomes, wrong, slowestMs, largestBytes }) => {
    const panicked = outcomes.get('panicked') ?? 0;
    const refused = (outcomes.get('refused') ?? 0) + panicked;
    const size = [(slowestMs / 1000).toFixed(1), Math.round(largestBytes / 2 ** 20)];
    return [reader, tried, refused, panicked, outcomes.get('accepted') ?? 0, wrong.size, ...size];
  });
  const total = all.reduce((sum, { tried }) => sum + tried, 0);
  const problems = all.flatMap(({ reader, wrong }) => {
    const lines = [...groups(wrong)].map(([what, inputs]) => {
      return `- ${reader}: ${inputs.length} × (input ${inputs.slice(0, 3).join(', ')}) ${what}`;
    });
    return lines.slice(0, MOST_SHOWN);
  });
  return [
    madeLine(by),
    '',
    `${total} inputs. Refused: one line that names the thing. Accepted: what was read is consistent, what was made of it finite; of a store and a cache, equal to what was stored.`,
    '',
    markdownTable(head, cells),
    ...(problems.length === 0 ? [] : ['', 'Wrong:', '', ...problems]),
  ].join('\n');
}

/** The same complaint of different inputs is one: numbers and quoted texts in it may differ. */
function groups(wrong: ReadonlyMap<number, string>): Map<string, number[]> {
  const byShape = new Map<string, { what: string; inputs: number[] }>();
  for (const [input, what] of wrong) {
    const shape = what.replace(/"(?:[^"\\]|\\.)*"?|\d+/g, '#').slice(0, 80);
    const group = byShape.get(shape) ?? { what: what.replace(/[\p{C}`|]/gu, '?').slice(0, 260), inputs: [] };
    group.inputs.push(input);
    byShape.set(shape, group);
  }
  return new Map([...byShape.values()].map(({ what, inputs }) => [what, inputs]));
}
