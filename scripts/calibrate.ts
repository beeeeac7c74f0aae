// Does every interval and p-value hold what it claims? Synthetic sweeps with known truth: prints the tables of docs/trust.md.
//
//   npm run calibrate -- [PART …] [--draws N]
import { parseArgs } from 'node:util';
import * as parts from '../test/trust/calibration/parts.ts';

/** Draws a cell unless --draws says otherwise: what the tables of docs/trust.md were made with. */
const PARTS: Readonly<Record<string, { run: parts.Part; draws: number; title: string }>> = {
  intervals: { run: parts.intervals, draws: 600, title: '95% interval of a MAE ratio, true 0.95: coverage' },
  exact: {
    run: parts.exactIntervals,
    draws: 100_000,
    title: '95% interval of a mean of independent normal blocks: coverage',
  },
  luck: {
    run: parts.luck,
    draws: 150,
    title: 'Best of 200 when none beats the constant; StepM with a quarter better by 0.07',
  },
  plateau: { run: parts.plateau, draws: 60, title: 'Plateau of 200 (claim 95%: the best is in it)' },
  choice: { run: parts.choice, draws: 60, title: 'PBO and what choosing gained, 120 configurations' },
  flips: { run: parts.flips, draws: 1_000, title: 'Flip of a gate: stated / share whose truth has the other sign' },
  lists: { run: parts.lists, draws: 300, title: 'Lists: 300 equal rows, all truths 0' },
  decided: {
    run: parts.decided,
    draws: 20_000,
    title: 'All 16 conditions exactly at the limit: a missed condition with such a flip',
  },
  skewed: { run: parts.skewed, draws: 400, title: 'Skewed days: interval of one row, best of 200 under the null' },
};

const { values, positionals } = parseArgs({ options: { draws: { type: 'string' } }, allowPositionals: true });
const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
const draws = values.draws === undefined ? undefined : Number(values.draws);
const unknown = names.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined || (draws !== undefined && !(Number.isInteger(draws) && draws > 0))) {
  console.error(`calibrate: parts are ${Object.keys(PARTS).join(', ')}; --draws is a whole number above 0`);
  process.exit(2);
}
for (const name of names) {
  const { run, draws: usual, title } = PARTS[name]!;
  const lines = run(draws ?? usual);
  const columns = Object.keys(lines[0]!);
  const cell = (value: string | number | undefined): string =>
    typeof value === 'number' && value >= 0.001 && !Number.isInteger(value) ? value.toFixed(3) : String(value);
  console.log(`\n## ${title}\n\n| ${columns.join(' | ')} |\n| ${columns.map(() => '---').join(' | ')} |`);
  for (const line of lines) console.log(`| ${columns.map((column) => cell(line[column])).join(' | ')} |`);
}
