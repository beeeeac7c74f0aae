import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { CommanderError } from 'commander';
import { reportFailure } from '../../src/cli/failure.ts';
import { withTerminal } from '../../src/cli/terminal.ts';
import { UserError } from '../../src/user-error.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';
import { collector, sharedFolder } from '../support/sweep-command.ts';
import { writeDefinition } from '../support/tiny-sweep.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/sweep.js', import.meta.url));
const folder = sharedFolder();
const definition = writeDefinition(folder, { name: 'one', axes: { agesMinutes: [[38]], regressorKind: ['ridge'] } });

async function reported(error: unknown) {
  const stderr = collector();
  const code = await withTerminal({ stdout: process.stdout, stderr: stderr.stream, env: {} }, async () =>
    reportFailure(error),
  );
  return { code, said: stderr.text() };
}

/** The built program, started by a shell that limits it or takes something away. */
async function runBy(shell: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn('sh', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, LAUNCHER, ...args], {
    cwd: folder,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk));
  const [code] = await once(child, 'close');
  return { code, said };
}

describe('what was thrown is told', () => {
  test('in one sentence where the user can mend it, and nothing more where commander has told it', async () => {
    assert.deepEqual(await reported(new UserError('a.yaml: not there')), {
      code: 2,
      said: 'sweep: a.yaml: not there\n',
    });
    assert.deepEqual(await reported(new UserError('a.db: no such store. Make one with `sweep run FILE`')), {
      code: 2,
      said: 'sweep: a.db: no such store. Make one with `npx sweep run FILE`\n',
    });
    assert.deepEqual(await reported(new CommanderError(1, 'x', 'told')), { code: 2, said: '' });
    assert.deepEqual(await reported(new CommanderError(0, 'commander.help', '')), { code: 0, said: '' });
  });

  test('in one sentence with a remedy where the machine or its owner gives no more files, threads or memory', async () => {
    const limits: readonly (readonly [Error, RegExp])[] = [
      [
        Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' }),
        /files .+ulimit -n .+too many open/,
      ],
      // As Node's loader of modules has it: without a code.
      [
        new Error('Cannot read package config /a/package.json: too many open files.'),
        /files .+ulimit -n .+too many open/,
      ],
      [Object.assign(new Error('x', { cause: Object.assign(new Error('full'), { code: 'ENFILE' }) })), /ulimit -n/],
      [Object.assign(new Error('init: EAGAIN'), { code: 'ERR_WORKER_INIT_FAILED' }), /thread .+ulimit -u/],
      [new RangeError('WebAssembly.Memory(): could not allocate memory'), /memory .+ulimit -v/],
      [new RangeError('WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory'), /memory .+ulimit -v/],
      [
        Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' }),
        /--permission.+NODE_OPTIONS.+restricted/,
      ],
      [new RangeError('Array buffer allocation failed'), /memory .+ulimit -v/],
    ];
    for (const [error, rule] of limits) {
      const { code, said } = await reported(error);
      assert.equal(code, 2, error.message);
      assert.match(said, /^sweep: no more [^\n]+\n$|^sweep: (a thread|Node keeps) [^\n]+\n$/, error.message);
      assert.match(said, rule);
    }
  });

  test('with its stack and its causes where it is a bug, also one that speaks of memory', async () => {
    const { code, said } = await reported(new Error('cannot allocate 8 bytes', { cause: new TypeError('no arena') }));
    assert.equal(code, 1);
    assert.match(said, /^sweep: a bug in this program, please report it:\nError: cannot allocate 8 bytes\n +at /);
    assert.match(said, /\ncaused by: TypeError: no arena\n +at /);
  });
});

describe('a process that cannot do what it is for', { concurrency: 2 }, () => {
  test('because it may open no files ends in one sentence, whatever comes to the limit first', async () => {
    // Node itself takes some twenty; from some number on there are enough.
    let refused = 0;
    for (let limit = 22; limit <= 40; limit += 3) {
      const run = ['run', definition, '--db', `files-${limit}.db`, '--no-cache'];
      const { code, said } = await runBy(`ulimit -n ${limit}`, run);
      if (code === 0) break;
      refused += 1;
      assert.equal(code, 2, `${limit} files: ${said}`);
      // Behind what it says of its progress; in the words of whoever was at the limit first.
      const lines = said.trimEnd().split('\n');
      assert.match(lines.at(-1) ?? '', /^sweep: .*\b(EMFILE|too many open files)\b/, `${limit} files: ${said}`);
      assert.equal(lines.filter((line) => /^sweep: |^ +at /.test(line)).length, 1, said);
    }
    assert.ok(refused > 0, 'no limit was too low');
  });

  test('because Node keeps files from it says so', async () => {
    const { code, said } = await runBy(':', ['list'], { NODE_OPTIONS: '--permission' });
    assert.equal(code, 2, said);
    assert.match(said, /^sweep: Node keeps files from this program \(--permission\)[^\n]+\n$/);
  });

  test('because its files may not grow names that limit, and leaves a sound store', async () => {
    const run = ['run', definition, '--db', 'small-files.db', '--no-cache'];
    // In blocks of 512 or of 1024 bytes: less than a store's empty tables, more than a lock.
    const { code, said } = await runBy('ulimit -f 60', run);
    assert.equal(code, 2, said);
    assert.match(said.trimEnd().split('\n').at(-1) ?? '', /^sweep: small-files\.db.*ulimit -f/);
    // Git, asked for its commit, would have been killed by the limit over its index, and its lock left: it takes none.
    const tools = join(folder, 'tools');
    mkdirSync(tools);
    writeFileSync(join(tools, 'git'), `#!/bin/sh\necho "$@" > '${join(tools, 'asked')}'\n`, { mode: 0o755 });
    const again = await runBy(':', run, { PATH: `${tools}:${process.env.PATH}` });
    assert.equal(again.code, 0, again.said);
    if (existsSync(new URL('../../.git', import.meta.url))) {
      assert.match(readFileSync(join(tools, 'asked'), 'utf8'), /^--no-optional-locks status /);
    }
  });

  test('because its folder is gone says so, whatever the command', async () => {
    for (const command of ['--version', 'list', 'run']) {
      mkdirSync(join(folder, 'gone'), { recursive: true });
      const { code, said } = await runBy('cd gone && rmdir ../gone', [command]);
      assert.equal(code, 2, said);
      assert.match(said, /^sweep: the current folder is not there any more [^\n]+\n$/);
    }
  });

  test('because its Node runs without WebAssembly says so, whatever the command', async () => {
    for (const command of ['--version', 'list', 'run']) {
      const { code, said } = await runBy(':', [command], { NODE_OPTIONS: '--jitless' });
      assert.equal(code, 2, said);
      assert.match(said, /^sweep: this Node runs without WebAssembly, [^\n]+ without --jitless [^\n]+\n$/);
    }
  });
});
