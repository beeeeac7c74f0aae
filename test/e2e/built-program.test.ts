import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { version } from '../../src/version.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { assertSameVerdicts, storedVerdicts } from '../support/stored-verdicts.ts';
import { sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/sweep.js', import.meta.url));

const folder = sharedFolder();
const definition = writeDefinition(folder, {
  name: 'built',
  axes: { agesMinutes: [[3, 10]], regressorKind: ['huber', 'ridge'], regressionTargetClipBps: [0, 60] },
});

/** The built program, as `npx sweep` starts it. */
async function built(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
  const { stdout } = await promisify(execFile)(process.execPath, [LAUNCHER, ...args], { env });
  return stdout;
}

before(() => runSweepFile(definition, join(folder, 'sources.db'), '--no-cache'));

test('the built program, bundled, says its version', async () => {
  assert.equal(await built('--version'), `${version()}\n`);
});

test('the built program and its threads store the same verdicts as the sources, of the same code, bit for bit', async () => {
  const db = join(folder, 'built.db');
  const { completed, error } = JSON.parse(await built('run', definition, '--db', db, '--no-cache', '--json'));
  assert.deepEqual([completed, error], [4, 0]);
  assertSameVerdicts(await storedVerdicts(db), await storedVerdicts(join(folder, 'sources.db')));
});
