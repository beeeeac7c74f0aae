import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type ExperimentResult, MODEL_KEYS } from '../../src/experiment/results.ts';
import { ask } from '../support/sweep-command.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TINY_DATA_ROOT } from '../support/tiny-run.ts';

test('fewer fit rows than coefficients: each regressor is certified with sigma at its bound, and says so', async (t) => {
  const out = await temporaryFolder(t);
  const options = [
    '--ages-minutes',
    '3,5',
    '--max-rows-per-split',
    '60',
    '--huber-alpha',
    '1',
    '--huber-epsilon',
    '1.1',
  ];
  const run = [
    '--data-root',
    TINY_DATA_ROOT,
    '--baseline-run-id',
    'tiny',
    '--run-id',
    'few',
    '--out',
    join(out, 'few'),
  ];
  const { code, stderr } = await ask(['experiment', ...run, ...options]);
  assert.equal(code, 0, stderr);
  const result = JSON.parse(await readFile(join(out, 'few', 'state_continue_result.json'), 'utf8')) as ExperimentResult;
  for (const key of MODEL_KEYS) {
    const model = result[key];
    assert.equal(model.regressor_converged, true, key);
    assert.equal(model.regressor_scale_at_bound, true, key);
    // Rounding over a sigma of 1e-14 would leave a tolerance of tens, below which everything is an optimum.
    assert.ok(model.regressor_kkt_tolerance! < 1e-4, `${key}: tolerance ${model.regressor_kkt_tolerance}`);
    assert.ok(model.regressor_kkt_residual! <= model.regressor_kkt_tolerance!, key);
  }
});
