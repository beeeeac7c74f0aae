import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/sweep.js', import.meta.url));
const STOP_SIGNALS = new URL('../../src/cli/stop-signals.ts', import.meta.url).href;
const COMMANDS = ['--version', 'quickstart', 'baseline', 'plan', 'run', 'report', 'doctor', 'experiment', 'nonsense'];

/** Stands for the program: says who it is, counts what asks it to stop, and ends when it is told to. */
const PROGRAM = `
  import { followLauncher, onStopSignal } from ${JSON.stringify(STOP_SIGNALS)};
  followLauncher();
  const [asked] = process.argv.slice(2);
  if (asked === 'exit') process.exit(6);
  if (asked === 'die') process.kill(process.pid, 'SIGKILL');
  let count = 0;
  if (asked !== 'plain') onStopSignal(() => console.log('asked to stop ' + (count += 1)));
  console.log('pid ' + process.pid);
  setInterval(() => {}, 1000);
`;

/** A package whose needs this Node does not meet; `beside` it a newer one may be installed, as npm would do it. */
async function packageFor(t: TestContext, beside: string | undefined): Promise<string> {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'dist/program'), { recursive: true });
  await copyFile(LAUNCHER, join(folder, 'bin/sweep.js'));
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type: 'module', engines: { node: '>=99.15' } }));
  await writeFile(join(folder, 'dist/program/main.js'), PROGRAM);
  if (beside !== undefined) {
    const node = join(folder, 'node_modules/node');
    await mkdir(join(node, 'bin'), { recursive: true });
    await writeFile(join(node, 'package.json'), JSON.stringify({ name: 'node', version: beside }));
    await symlink(process.execPath, join(node, 'bin/node'));
  }
  return join(folder, 'bin/sweep.js');
}

function launch(launcher: string, ...args: string[]) {
  return spawn(process.execPath, [launcher, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function endOf(child: ChildProcessByStdio<null, Readable, Readable>) {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** The number of the process that stands for the program. */
async function programPid(child: ChildProcessByStdio<null, Readable, Readable>): Promise<number> {
  const [line] = await once(child.stdout, 'data');
  const pid = /^pid (\d+)/.exec(String(line))?.[1];
  assert.ok(pid !== undefined, String(line));
  return Number(pid);
}

describe('on a Node that is too old for the program', { concurrency: 2 }, () => {
  for (const beside of [undefined, '99.14.2']) {
    const what = beside === undefined ? 'no other' : 'too old a one';
    test(`with ${what} beside it, every command ends in one sentence that says how to get one, and does nothing`, async (t) => {
      const launcher = await packageFor(t, beside);
      const before = await readdir(join(launcher, '../..'), { recursive: true });
      for (const command of COMMANDS) {
        const { code, stdout, stderr } = await endOf(launch(launcher, command));
        const version = process.versions.node;
        assert.equal(
          stderr,
          `sweep: needs Node 99.15 or newer, this is ${version}. Install one beside it, which it then takes: npm install node@24\n`,
        );
        assert.deepEqual({ code, stdout }, { code: 2, stdout: '' });
      }
      assert.deepEqual(await readdir(join(launcher, '../..'), { recursive: true }), before);
    });
  }

  test('a newer one that is installed beside it takes over, and the program’s end is the launcher’s', async (t) => {
    const launcher = await packageFor(t, '99.15.0');
    assert.equal((await endOf(launch(launcher, 'exit'))).code, 6);
    assert.equal((await endOf(launch(launcher, 'die'))).code, 128 + 9);
  });

  test('the program ends when its launcher is killed, whatever it is doing', { timeout: 180_000 }, async (t) => {
    const launcher = await packageFor(t, '99.15.0');
    const child = launch(launcher, 'run');
    const pid = await programPid(child);
    child.kill('SIGKILL');
    // Its output ends with the last process that holds it: of a program that runs on, never. Its number may still be
    // known for a while, to whom it was left.
    await once(child, 'close');
    t.diagnostic(`process ${pid} has closed its output`);
  });

  test('a signal that a terminal sends to both is one, in any order; one that only the launcher gets is handed on', async (t) => {
    const launcher = await packageFor(t, '99.15.0');
    const child = launch(launcher, 'run');
    const pid = await programPid(child);
    const said = async (text: string) => assert.equal(String((await once(child.stdout, 'data'))[0]), `${text}\n`);
    child.kill('SIGINT');
    await said('asked to stop 1');
    process.kill(pid, 'SIGINT');
    process.kill(pid, 'SIGHUP');
    await said('asked to stop 2');
    child.kill('SIGHUP');
    child.kill('SIGQUIT');
    await said('asked to stop 3');
    child.kill('SIGKILL');
    await once(child, 'close');
  });

  test('a signal ends a program that does not listen for it, as it would alone', async (t) => {
    const launcher = await packageFor(t, '99.15.0');
    const child = launch(launcher, 'plain');
    await programPid(child);
    const ended = endOf(child);
    child.kill('SIGTERM');
    assert.equal((await ended).code, 128 + 15);
  });
});
