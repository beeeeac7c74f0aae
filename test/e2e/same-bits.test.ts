import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../support/result-bits.ts', import.meta.url));
const OTHER_LAST_BITS = new URL('../support/other-last-bits.ts', import.meta.url).href;
/** Another Node, of the tests' own packages (`test/real`): another V8, with other last bits in its own functions. */
const OTHER_NODE = fileURLToPath(new URL('../real/node_modules/node/bin/node', import.meta.url));

/**
 * What every Node has to give, to the last bit. A change of the numerics that is meant to move last bits puts its own hashes
 * here: the code's identity moves with it, and verdicts are judged anew.
 */
const STORED = {
  elementary: '11f5099236ab140d',
  baselineFromBars: '5739cd7262c338e5',
  results: 'ab3f623ca2c599e6',
  coefficients: '0698066c424cf4e6',
};

function bitsBy(node: string, ...options: readonly string[]): unknown {
  const { status, stdout, stderr } = spawnSync(node, [...options, PROGRAM], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

describe('the same bits on every Node', { concurrency: 3 }, () => {
  test(`this Node, ${process.version}, gives the stored ones`, () => {
    assert.deepEqual(bitsBy(process.execPath), STORED);
  });

  test('the newest Node gives the stored ones', () => {
    assert.ok(existsSync(OTHER_NODE), `${OTHER_NODE} is missing: npm test installs it`);
    const version = spawnSync(OTHER_NODE, ['--version'], { encoding: 'utf8' }).stdout;
    assert.notEqual(version.split('.')[0], process.version.split('.')[0]);
    assert.deepEqual(bitsBy(OTHER_NODE), STORED);
  });

  test('an engine whose exp, log, pow, sin and the like end in other bits gives the stored ones', () => {
    assert.deepEqual(bitsBy(process.execPath, '--import', OTHER_LAST_BITS), STORED);
  });
});
