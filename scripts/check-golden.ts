/**
 * Compares this program with golden results, case by case.
 *
 *   npm run check:golden -- --data-root DIR GOLDENS            runs every case below GOLDENS and compares
 *   npm run check:golden -- --files DIR CASE                   compares nine files that are already there
 *
 * GOLDENS is a folder of cases; a case is a folder with `case.json` (the arguments; it names its baseline run),
 * `state_frame_summary.json`, `state_frame_sample.csv`, and `exact/` and `sklearn/` results. One line is printed for each
 * case with its worst deviations; the exit code is 1 when any is out of bounds, and 2 when nothing could be compared.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '../src/user-error.ts';
import { compareCase, findCases, runCase } from '../test/golden-comparison/compare-case.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'data-root': { type: 'string' }, files: { type: 'string' }, verbose: { type: 'boolean', default: false } },
});
const [goldens] = positionals;
if (
  goldens === undefined ||
  positionals.length > 1 ||
  (values['data-root'] === undefined) === (values.files === undefined)
) {
  process.stderr.write('usage: check-golden --data-root DIR GOLDENS, or check-golden --files DIR CASE\n');
  process.exit(2);
}

const cases = await findCases(goldens);
if (cases.length === 0) {
  process.stderr.write(`check-golden: ${goldens} holds no case.json\n`);
  process.exit(2);
}
const failed = new Set<string>();
for (const folder of cases) {
  const temporary = await mkdtemp(join(tmpdir(), 'check-golden-'));
  try {
    const files = values.files ?? (await runCase(folder, values['data-root'] ?? '', join(temporary, 'run')));
    const comparison = await compareCase(folder, files);
    const bad = comparison.deviations.filter((deviation) => !deviation.withinBound);
    if (bad.length > 0) failed.add(folder);
    const worst = comparison.worst.map(
      ({ kind, value, bound }) => `${kind} ${value.toExponential(1)}/${bound.toExponential(0)}`,
    );
    process.stdout.write(`${bad.length === 0 ? 'ok  ' : 'FAIL'}  ${comparison.name.padEnd(28)} ${worst.join('  ')}\n`);
    for (const { what, got, expected } of bad.slice(0, values.verbose ? 1000 : 8)) {
      process.stdout.write(`      ${what}: got ${got}, expected ${expected}\n`);
    }
  } catch (error) {
    failed.add(folder);
    process.stdout.write(`FAIL  ${folder}: ${messageOf(error)}\n`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
process.stdout.write(
  failed.size === 0 ? `all ${cases.length} cases agree\n` : `${failed.size} of ${cases.length} cases differ\n`,
);
process.exitCode = failed.size === 0 ? 0 : 1;
