import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openerOf } from '../../src/cli/open-browser.ts';
import type { LiveProgress } from '../../src/page-data/live.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';
import { EventSource, fetchRaw } from '../support/event-source.ts';
import { ask, refusalIn, SweepProcess, sharedFolder } from '../support/sweep-command.ts';
import { TINY_DATA_ROOT, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\//;

async function makeStore(name: string): Promise<string> {
  const db = join(folder, name);
  await using store = await openVerdictStore(db, { mode: 'write' });
  const records = syntheticConfigurations(12);
  const runId = await beginSyntheticRun(store, records);
  await store.record(
    runId,
    records.map((record) => syntheticOutcome(record)),
  );
  return db;
}

/** A port that another program listens on. */
async function takenPort(t: { after(work: () => void): void }): Promise<number> {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('sweep serve', () => {
  test('prints the address of its page, serves what the build made, and ends cleanly with Ctrl-C', async (t) => {
    const db = await makeStore('served.db');
    const process = new SweepProcess(['serve', '--db', db]);
    t.after(() => process.kill('SIGKILL'));
    const [address] = (await process.reads(ADDRESS)) ?? [];
    assert.ok(address !== undefined);
    const page = await fetchRaw(address);
    assert.equal(page.status, 200);
    for (const [, name] of page.body.toString().matchAll(/(?:src|href)="([^"]+)"/g)) {
      const part = await fetchRaw(address + name);
      assert.equal(part.status, 200, name);
      assert.ok(part.body.length > 10_000, name);
    }
    const source = await EventSource.open(address);
    const progress = (await source.next('progress')).data as LiveProgress;
    assert.deepEqual([progress.sweep, progress.counts.configurations], ['synthetic', 12]);
    // All is judged, and nobody writes the store: this is its last report.
    await source.next('done');
    assert.match((await fetchRaw(`${address}report.html`)).body.toString(), /^<!doctype html>[\s\S]+<\/html>\n$/);
    process.kill('SIGINT');
    const { code, stdout, stderr } = await process.ended;
    assert.equal(code, 130);
    assert.equal(stdout, `${address}\n`);
    assert.equal(stderr, 'Ctrl-C ends it; a run that it shows goes on\n');
    assert.ok(source.isClosed);
  });

  test('refuses a missing store, an unknown sweep and a port in use in one line each', async (t) => {
    const missing = await ask(['serve', '--db', join(folder, 'none.db')]);
    assert.equal(missing.code, 2);
    assert.match(refusalIn(missing), /none\.db: no such store/);
    const db = await makeStore('refused.db');
    const unknown = await ask(['serve', '--db', db, '--sweep', 'x']);
    assert.equal(unknown.code, 2);
    assert.match(refusalIn(unknown), /^sweep: --sweep "x": not in .+refused\.db, which has "synthetic"\n$/);
    const port = String(await takenPort(t));
    const taken = await ask(['serve', '--db', db, '--port', port]);
    assert.equal(taken.code, 2);
    assert.match(
      refusalIn(taken),
      new RegExp(`^sweep: --port ${port}: is in use by another program on 127\\.0\\.0\\.1\\. .+\n$`),
    );
    const wrong = await ask(['serve', '--db', db, '--port', '65536']);
    assert.equal(wrong.code, 2);
    assert.match(refusalIn(wrong), /expected a whole number from 0 to 65535/);
  });

  test('opens the address with the platform’s own program, as an argument of its own', () => {
    const address = 'http://127.0.0.1:4000/abc/';
    assert.deepEqual(openerOf('linux', address), ['xdg-open', address]);
    assert.deepEqual(openerOf('darwin', address), ['open', address]);
    assert.deepEqual(openerOf('win32', address), ['rundll32', 'url.dll,FileProtocolHandler', address]);
  });
});

describe('sweep run --serve', () => {
  const file = writeDefinition(folder, {
    name: 'watched',
    axes: { agesMinutes: [[30], [5, 10]], huberAlpha: [0.001, 0.1], huberEpsilon: [1.1, 1.35, 1.6] },
    dataRoot: TINY_DATA_ROOT,
    runId: 'tiny',
  });

  test('says where its page is, tells it every verdict and the end, and ends with the run’s own exit code', async (t) => {
    const db = join(folder, 'watched.db');
    const run = new SweepProcess(['run', file, '--db', db, '--no-cache', '--json', '--serve']);
    t.after(() => run.kill('SIGKILL'));
    const [address] = (await run.reads(ADDRESS)) ?? [];
    assert.ok(address !== undefined);
    const source = await EventSource.open(address);
    await source.next('progress', ({ isFinal }: LiveProgress) => isFinal);
    await source.next('done');
    await source.next('end');
    // The run waits for its pages: the report is still there.
    assert.equal((await fetchRaw(`${address}report`)).status, 200);
    const rows = source.events.filter(({ name }) => name === 'rows').flatMap(({ data }) => data as unknown[]);
    assert.equal(rows.length, 12);
    source.close();
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    assert.equal(JSON.parse(stdout).completed, 12, 'stdout has the summary and nothing else');
    assert.ok(stderr.includes(`page: ${address}\n`));
    await assert.rejects(fetchRaw(address), /ECONNREFUSED/);
  });

  test('a port in use is refused before anything is judged', async (t) => {
    const db = join(folder, 'never.db');
    const port = String(await takenPort(t));
    const run = await new SweepProcess(['run', file, '--db', db, '--no-cache', '--port', port]).ended;
    assert.equal(run.code, 2);
    assert.match(refusalIn(run), new RegExp(`^sweep: --port ${port}: is in use`));
    const missing = await ask(['list', '--db', db]);
    assert.match(missing.stderr, /no such store/);
  });
});
