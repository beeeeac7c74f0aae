import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { storedVerdicts } from '../support/stored-verdicts.ts';
import { sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, TINY_DATA_ROOT, writeDefinition } from '../support/tiny-sweep.ts';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Every write to it fails as on a full disk. */
const FULL = '/dev/full';
const folder = sharedFolder();
const CONFIGURATIONS = 4;
const axes = { agesMinutes: [[30], [38]], regressorKind: ['ridge'], ridgeAlpha: [1, 10] } as const;
const definition = writeDefinition(folder, { name: 'streams', axes });
const stored = join(folder, 'stored.db');
let stores = 0;

type Sink = 'read' | 'closed' | 'full';

/** Runs the program with its outputs going to somebody who reads, who has gone already, or to a full device. */
async function run(args: readonly string[], sinks: { stdout?: Sink; stderr?: Sink }) {
  const { stdout = 'read', stderr = 'read' } = sinks;
  const target = (sink: Sink) => (sink === 'full' ? openSync(FULL, 'w') : 'pipe');
  const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
  const stdio = ['ignore', target(stdout), target(stderr)] as const;
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder, env, stdio: [...stdio] });
  let said = '';
  for (const [stream, sink] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    if (sink === 'closed') stream?.destroy();
    else stream?.on('data', (chunk: Buffer) => (said += chunk));
  }
  const [code] = await once(child, 'close');
  return { code, said };
}

async function runSweep(sinks: { stdout?: Sink; stderr?: Sink }, ...options: string[]) {
  const db = join(folder, `${++stores}.db`);
  const ended = await run(['run', definition, '--db', db, '--no-cache', ...options], sinks);
  return { ...ended, verdicts: (await storedVerdicts(db)).size };
}

describe('what cannot be written ends no run', { concurrency: 2, skip: !existsSync(FULL) && `no ${FULL}` }, () => {
  before(async () => {
    await runSweepFile(definition, stored);
  });

  for (const stderr of ['closed', 'full'] as const) {
    test(`a sweep whose stderr is ${stderr} judges everything and exits as it would otherwise`, async () => {
      const { code, verdicts, said } = await runSweep({ stderr });
      assert.deepEqual({ code, verdicts }, { code: 0, verdicts: CONFIGURATIONS });
      assert.match(said, /^streams: 4 judged/);
    });
  }

  test('a sweep whose both outputs nobody reads (2>&1 | head) judges everything', async () => {
    const { code, verdicts } = await runSweep({ stdout: 'closed', stderr: 'closed' });
    assert.deepEqual({ code, verdicts }, { code: 0, verdicts: CONFIGURATIONS });
  });

  test('a sweep whose stdout is on a full disk judges everything, and says in one line that its results could not be written', async () => {
    const { code, verdicts, said } = await runSweep({ stdout: 'full' });
    assert.deepEqual({ code, verdicts }, { code: 2, verdicts: CONFIGURATIONS });
    assert.match(said, /\nsweep: standard output cannot be written \(.*ENOSPC.*\)\n$/);
    assert.equal(said.match(/standard output/g)?.length, 1);
  });

  test('results that nobody reads to their end are no mistake, and long ones are not made to theirs', async () => {
    for (const command of ['report', 'list', 'export']) {
      const { code, said } = await run([command, '--db', stored], { stdout: 'closed' });
      assert.deepEqual({ code, said }, { code: 0, said: '' }, command);
    }
  });

  test('results that cannot be written are one line and exit code 2', async () => {
    for (const command of ['report', 'list', 'export']) {
      const { code, said } = await run([command, '--db', stored], { stdout: 'full' });
      assert.equal(code, 2, command);
      assert.match(said, /^sweep: standard output cannot be written \(.+\)\n$/, command);
    }
  });

  test('the exit code that a script asked for comes through, whether or not its results are read', async () => {
    const quick = ['--ages-minutes', '30', '--regressor-kind', 'ridge', '--require-pass', '--out', 'out', '--force'];
    const args = ['experiment', '--data-root', TINY_DATA_ROOT, '--baseline-run-id', 'tiny', '--run-id', 'x', ...quick];
    assert.equal((await run(args, { stdout: 'closed' })).code, 3);
  });
});
