/**
 * Makes what `sweep doctor --self-test` judges, and what it has to come to:
 *
 *   node scripts/build-self-test.ts            the answers anew, of the run that is there
 *   node scripts/build-self-test.ts --data     the run, too, from the quickstart's bars (see its SOURCE.md)
 *
 * Answers change with whatever is meant to move a number, and with nothing else: read the difference.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildBaselineRun } from '../src/baseline/from-bars/build-baseline-run.ts';
import { runFolder } from '../src/baseline/run-folder.ts';
import { foundAnswers, SELF_TEST_ANSWERS, SELF_TEST_DATA_ROOT, SELF_TEST_RUN } from '../src/execution/self-test.ts';
import { packageFile } from '../src/package-files.ts';

const { values } = parseArgs({ options: { data: { type: 'boolean', default: false } } });
const dataRoot = packageFile(SELF_TEST_DATA_ROOT);
if (values.data) {
  const run = runFolder(dataRoot, SELF_TEST_RUN);
  await rm(run, { recursive: true, force: true });
  await buildBaselineRun({
    dataRoot,
    runId: SELF_TEST_RUN,
    bars: [{ symbol: 'BTCUSDT', path: packageFile('sweeps/quickstart/btcusdt-1m.parquet') }],
    start: '2024-05-01',
    end: '2024-05-03',
    entryStrideMinutes: 1,
    maxAgeMinutes: 10,
  });
  // Says when it was made and of which path: nothing that the test reads.
  await rm(join(run, 'baseline_build.json'));
}
const { answers, rowCount } = await foundAnswers(dataRoot, 2);
await writeFile(packageFile(SELF_TEST_ANSWERS), `${JSON.stringify(answers, null, 2)}\n`);
console.log(`${Object.keys(answers.verdicts).length} answers on ${rowCount} rows: ${SELF_TEST_ANSWERS}`);
