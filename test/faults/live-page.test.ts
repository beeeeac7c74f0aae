import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { LiveProgress, LiveRow } from '../../src/page-data/live.ts';
import { launchBrowser } from '../support/browser.ts';
import { EventSource } from '../support/event-source.ts';
import { TIME_LIMIT_MS } from '../support/opened-page.ts';
import { ask, SweepProcess, sharedFolder } from '../support/sweep-command.ts';
import { TINY_DATA_ROOT, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\//;
/** Enough for a run to be killed in the midst of it. */
const COUNT = 6 * 20 * 10;
const file = writeDefinition(folder, {
  name: 'killed',
  axes: {
    agesMinutes: [[3], [5], [10], [30], [3, 5], [5, 30]],
    huberAlpha: { logspace: [-4, 2, 20] },
    huberEpsilon: { linspace: [1.1, 2, 10] },
  },
  dataRoot: TINY_DATA_ROOT,
  runId: 'tiny',
});

const rowsOf = (source: EventSource): LiveRow[] =>
  source.events.filter(({ name }) => name === 'rows').flatMap(({ data }) => data as LiveRow[]);

describe('a page beside a run that is killed', () => {
  const processes: SweepProcess[] = [];
  after(() => {
    for (const process of processes) process.kill('SIGKILL');
  });
  const start = (args: readonly string[]): SweepProcess => {
    const process = new SweepProcess(args);
    processes.push(process);
    return process;
  };

  test('goes on with the run that is started again: every verdict once, and the numbers of the report', async () => {
    const db = join(folder, 'killed.db');
    const run = ['run', file, '--db', db, '--no-cache'];
    const browser = await launchBrowser();
    const first = start(run);
    // The store and the sweep have to be there before it can be followed.
    assert.ok(await first.reads(/rows, \d+ configurations/));
    const server = start(['serve', '--db', db, '--sweep', 'killed']);
    const [address] = (await server.reads(ADDRESS)) ?? [];
    assert.ok(address !== undefined);
    const source = await EventSource.open(address);
    await source.next('rows');
    // It stands still while the browser comes, so that it is killed in the midst of its work however fast the machine is.
    first.kill('SIGSTOP');
    try {
      const page = await (await browser.newContext()).newPage();
      await page.goto(address);
      await page.waitForSelector('.live', { timeout: TIME_LIMIT_MS });
      first.kill('SIGKILL');
      assert.equal((await first.ended).signal, 'SIGKILL', 'it was killed before its end');
      const before = rowsOf(source).length;
      assert.ok(before > 0 && before < COUNT, `${before} verdicts`);

      const lastId = source.lastId;
      source.close();
      const second = start([...run, '--json']);
      const back = await EventSource.open(address, lastId);
      await back.next('progress', ({ isFinal }: LiveProgress) => isFinal);
      await back.next('done');
      assert.equal((await second.ended).code, 0);
      const ids = [...rowsOf(source), ...rowsOf(back)].map(({ configuration }) => configuration);
      assert.equal(ids.length, COUNT);
      assert.equal(new Set(ids).size, COUNT);
      assert.ok(!back.events.some(({ name }) => name === 'restart'));
      back.close();

      await page.waitForFunction(
        (text: string) => document.querySelector('.live')?.textContent?.includes(text),
        'killed: all 1,200 configurations are judged',
        { timeout: TIME_LIMIT_MS },
      );
      await page.waitForSelector('.live button', { timeout: TIME_LIMIT_MS });
      const { counts } = JSON.parse((await ask(['report', '--db', db, '--format', 'json'])).stdout);
      assert.match(
        (await page.textContent('h1')) ?? '',
        new RegExp(`^(${counts.pass || 'None'}) of 1,200 configurations`),
      );
    } finally {
      await browser.close();
    }
    server.kill('SIGTERM');
    assert.equal((await server.ended).code, 130);
  });

  test('served by the run itself is gone with it, and leaves nothing running', async () => {
    const db = join(folder, 'own.db');
    const run = start(['run', file, '--db', db, '--no-cache', '--serve']);
    const [address] = (await run.reads(ADDRESS)) ?? [];
    assert.ok(address !== undefined);
    const source = await EventSource.open(address);
    await source.next('rows');
    run.kill('SIGKILL');
    await run.ended;
    await source.ended();
    await assert.rejects(EventSource.open(address), /ECONNREFUSED/);
  });

  test('Ctrl-C on a run tells its page how far it has come, and the exit code is the run’s', async () => {
    const db = join(folder, 'stopped.db');
    const run = start(['run', file, '--db', db, '--no-cache', '--serve']);
    const [address] = (await run.reads(ADDRESS)) ?? [];
    assert.ok(address !== undefined);
    const source = await EventSource.open(address);
    await source.next('rows');
    run.kill('SIGINT');
    const last = await source.next('progress', ({ state }: LiveProgress) => state === 'interrupted');
    await source.next('end');
    source.close();
    const { counts } = last.data as LiveProgress;
    assert.equal((await run.ended).code, 130);
    assert.ok(counts.pending > 0);
    const { stdout } = await ask(['list', '--db', db, '--json']);
    const { sweeps } = JSON.parse(stdout);
    assert.equal(sweeps[0].pending, counts.pending);
  });
});
