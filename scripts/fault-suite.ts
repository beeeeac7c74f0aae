/**
 * Breaks the program on purpose and writes what came of it to docs/faults.md.
 *
 *   npm run test:faults                        every fault, at least 200 kills: some 25 minutes
 *   npm run test:faults -- --quick             the short form, as in npm run test:slow; writes no file
 *   npm run test:faults -- --only twoRuns      one kind of fault; writes no file
 *   npm run test:faults -- --seed 7            other moments
 *
 * The exit code is 1 when anything was lost or wrong.
 */
import { parseArgs } from 'node:util';
import { SCENARIO_NAMES, tryFaults } from '../test/faults/all-faults.ts';
import { faultSection, TITLES, writeSection } from '../test/faults/fault-report.ts';
import { installTestPackages } from './test-packages.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: '20261122' },
  },
});
const seed = Number(values.seed);
const names = SCENARIO_NAMES.filter((name) => values.only === undefined || values.only.split(',').includes(name));
if (names.length === 0 || !Number.isSafeInteger(seed) || (values.quick && values.full)) {
  process.stderr.write(`usage: fault-suite [--quick | --full] [--seed N] [--only ${SCENARIO_NAMES.join(',')}]\n`);
  process.exit(2);
}

installTestPackages();
const started = performance.now();
const rows = await tryFaults(names, values.quick ? 'short' : 'full', seed, (line) => process.stderr.write(`${line}\n`));
const made = { command: 'npm run test:faults', seed, durationMs: performance.now() - started };
const section = faultSection(rows, made);
process.stdout.write(`${section}\n`);
if (!values.quick && values.only === undefined) writeSection('docs/faults.md', TITLES.faults, section);
if (rows.some(({ lost, wrong }) => lost.length + wrong.length > 0)) process.exitCode = 1;
