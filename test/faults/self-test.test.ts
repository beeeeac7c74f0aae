import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { foundAnswers, SELF_TEST_ANSWERS, SELF_TEST_DATA_ROOT } from '../../src/execution/self-test.ts';
import { MODEL_KEYS } from '../../src/experiment/results.ts';
import { packageFile } from '../../src/package-files.ts';
import { sharedFolder } from '../support/sweep-command.ts';
import { writeDefinition } from '../support/tiny-sweep.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const OTHER_NODE = join(ROOT, 'test/real/node_modules/node/bin/node');
const folder = sharedFolder();

/** A copy of the built program, as npm installs it, to be tampered with. */
function installed(name: string): string {
  const copy = join(folder, name);
  for (const part of ['bin', 'dist', 'sweeps/self-test', 'package.json']) {
    cpSync(join(ROOT, part), join(copy, part), { recursive: true, filter: (path) => !path.endsWith('compile-cache') });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function run(copy: string, args: readonly string[], node = process.execPath) {
  const { status, stdout, stderr } = spawnSync(node, [join(copy, 'bin/sweep.js'), ...args], {
    cwd: copy,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

/** Changes the last bit of one float64 wherever a kernel has it. */
function flipConstant(path: string, value: number): void {
  const bytes = readFileSync(path);
  const pattern = Buffer.alloc(8);
  pattern.writeDoubleLE(value);
  const at = bytes.indexOf(pattern);
  assert.ok(at > 0, `${value} stands in ${path}`);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
}

describe('the self test', () => {
  test('has sixteen answers: both kinds, fits found from inside, directions left open, ties of probabilities', async () => {
    const { outcomes, rowCount, answers } = await foundAnswers(packageFile(SELF_TEST_DATA_ROOT), 1);
    assert.deepEqual(answers, JSON.parse(readFileSync(packageFile(SELF_TEST_ANSWERS), 'utf8')));
    assert.equal(outcomes.length, 16);
    assert.ok(rowCount > 4000 && rowCount < 6000, String(rowCount));
    const models = outcomes.flatMap((outcome) => {
      assert.equal(outcome.kind, 'completed');
      return outcome.kind === 'completed' ? MODEL_KEYS.map((key) => outcome.result[key]) : [];
    });
    const counted = (has: (model: (typeof models)[number]) => boolean) => models.filter(has).length;
    assert.equal(
      counted((model) => !model.regressor_converged),
      0,
    );
    assert.ok(counted((model) => model.regressor_undetermined > 0) >= 16, 'no penalty, and columns that are constant');
    // Where the fast way gets lost the slow one begins: its steps and those before it are counted together.
    assert.ok(counted((model) => model.regressor_iterations > 100) >= 8, 'some are found from inside');
  });

  test('is passed by the installed program, on this Node and on the newest', () => {
    const copy = installed('whole');
    assert.ok(existsSync(OTHER_NODE), `${OTHER_NODE} is missing: npm test installs it`);
    for (const node of [process.execPath, OTHER_NODE]) {
      const { status, stdout, stderr } = run(copy, ['doctor', '--self-test', '--json'], node);
      assert.equal(status, 0, `${stdout}${stderr}`);
      const finding = JSON.parse(stdout).at(-1);
      assert.match(finding.detail, /^16 configurations on [\d,]+ rows: as known, to the last bit$/);
    }
  });

  test('is failed by kernels with another last bit in one constant: exit code 5, and a shard writes nothing', () => {
    const copy = installed('tampered');
    // The high part of ln 2, by which eˣ is taken apart.
    flipConstant(join(copy, 'dist/kernels.wasm'), 3048493539143 / 4398046511104);
    const doctor = run(copy, ['doctor', '--self-test', '--json']);
    assert.equal(doctor.status, 5, `${doctor.stdout}${doctor.stderr}`);
    assert.match(JSON.parse(doctor.stdout).at(-1).detail, /\d+ differ, first /);
    const definition = writeDefinition(copy, {
      name: 'shard',
      axes: { ridgeAlpha: [1, 10], regressorKind: ['ridge'] },
    });
    const shard = run(copy, ['run', definition, '--shard', '1/1', '--db', 's.db', '--cache', 'cache']);
    assert.equal(shard.status, 5, shard.stderr);
    assert.match(
      shard.stderr,
      /^sweep: self test: this machine computes otherwise than it should \(.*\)\. .*Nothing was written$/m,
    );
    assert.ok(!existsSync(join(copy, 's.db')) && !existsSync(join(copy, 'cache')));
  });
});
