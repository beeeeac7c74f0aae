import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { readColumns } from '../../src/page-data/columns.ts';
import type { LiveProgress, LiveReport, LiveReportNews, LiveRow } from '../../src/page-data/live.ts';
import { readReport } from '../../src/page-data/reading.ts';
import { LiveFeed } from '../../src/serve/live-feed.ts';
import { LiveReports } from '../../src/serve/live-reports.ts';
import { type LiveServer, startLiveServer } from '../../src/serve/live-server.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { syntheticConfigurations } from '../store/synthetic.ts';
import { EventSource, fetchRaw } from '../support/event-source.ts';
import { userError } from '../support/user-error.ts';
import { storePath, WrittenRun } from './followed-store.ts';

const RECORDS = syntheticConfigurations(60);

async function serve(t: TestContext, path: string, port = 0): Promise<LiveServer> {
  const now = () => performance.now();
  const server = await startLiveServer({
    feed: new LiveFeed({ open: () => openVerdictStore(path, { mode: 'read' }), now }),
    reports: new LiveReports('0.2.0', { withMachine: false, db: [] }, now),
    page: { html: '<!doctype html>page', script: Buffer.from('script'), style: Buffer.from('style') },
    fileOf: ({ computed }) => `<!doctype html>${computed.report.sweeps[0].counts.configurations}`,
    port,
    now,
    pollMs: 20,
  });
  t.after(() => server.close());
  return server;
}

async function open(t: TestContext, address: string, lastEventId?: string | null): Promise<EventSource> {
  const source = await EventSource.open(address, lastEventId);
  t.after(() => source.close());
  return source;
}

const rowsOf = (source: EventSource): LiveRow[] =>
  source.events.filter(({ name }) => name === 'rows').flatMap(({ data }) => data as LiveRow[]);

async function hasRows(source: EventSource, count: number): Promise<void> {
  while (rowsOf(source).length < count) await source.next('rows');
}

test('the page, its script and style are served with a strict policy, and nothing of it is kept or sent on', async (t) => {
  const { address } = await serve(t, storePath(t));
  assert.match(address, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/);
  for (const [name, type, body] of [
    ['', 'text/html; charset=utf-8', '<!doctype html>page'],
    ['live.js', 'text/javascript; charset=utf-8', 'script'],
    ['live.css', 'text/css; charset=utf-8', 'style'],
  ] as const) {
    const answer = await fetchRaw(address + name);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.toString(), body);
    assert.equal(answer.headers['content-type'], type);
    assert.equal(
      answer.headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    );
    assert.equal(answer.headers['cache-control'], 'no-store');
    assert.equal(answer.headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(answer.headers['referrer-policy'], 'no-referrer');
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
    assert.equal(answer.headers['access-control-allow-origin'], undefined);
  }
});

test('a wrong token is 404, another host 421, another method 405, each without a word of what there is', async (t) => {
  const { address } = await serve(t, storePath(t));
  const { origin, pathname, port } = new URL(address);
  const wrong = `${origin}${pathname.replace(/[\w-](?=\/$)/, (c) => (c === 'A' ? 'B' : 'A'))}`;
  assert.equal((await fetchRaw(wrong)).status, 404);
  assert.equal((await fetchRaw(`${wrong}events`)).status, 404);
  assert.equal((await fetchRaw(origin)).status, 404);
  assert.equal((await fetchRaw(address, { headers: { host: `evil.example:${port}` } })).status, 421);
  assert.equal((await fetchRaw(address, { headers: { host: `localhost:${port}` } })).status, 200);
  for (const method of ['POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS']) {
    const answer = await fetchRaw(`${address}events`, { method });
    assert.equal(answer.status, 405, method);
    assert.equal(answer.headers.allow, 'GET');
  }
  for (const answer of [await fetchRaw(wrong), await fetchRaw(address, { method: 'POST' })]) {
    assert.ok(!answer.body.toString().includes('sweep') && answer.headers['content-security-policy']);
  }
});

test('events tell rows as they are stored, how it goes, and when there is a report to fetch', async (t) => {
  const path = storePath(t);
  const run = await WrittenRun.begin(path, RECORDS);
  await run.judge(0, 10);
  const { address } = await serve(t, path);
  const source = await open(t, address);
  await hasRows(source, 10);
  await source.next('report');
  await run.judge(10, 60);
  await hasRows(source, 60);
  assert.deepEqual(
    rowsOf(source).map(({ configuration }) => configuration),
    RECORDS.map(({ id }) => id),
  );
  await run.finish();
  const last = (await source.next('progress', ({ isFinal }: LiveProgress) => isFinal)).data as LiveProgress;
  assert.deepEqual([last.state, last.counts.pending], ['finished', 0]);
  const final = (await source.next('done')).data as LiveReportNews;
  const { body } = await fetchRaw(`${address}report`);
  const report: LiveReport = JSON.parse(gunzipSync(body).toString());
  assert.equal(report.version, final.version);
  const read = await readReport(report.header, report.columns);
  const [sweep] = read.report.sweeps;
  assert.equal(sweep.state.isFinal, true);
  assert.equal(sweep.counts.configurations, 60);
  assert.equal(readColumns(sweep, read.bytes).get('id')?.values.length, 60);
});

test('the report is a file to save, named for its sweep; before there is one that is said', async (t) => {
  const path = storePath(t);
  const { address } = await serve(t, path);
  assert.equal((await fetchRaw(`${address}report.html`)).status, 503);
  assert.equal((await fetchRaw(`${address}report`)).status, 503);
  const source = await open(t, address);
  assert.equal(((await source.next('progress')).data as LiveProgress).state, 'waiting');
  const run = await WrittenRun.begin(path, RECORDS, { sweepName: 'a "hostile"\r\nname/../x' });
  await run.judge(0, 60);
  await run.finish();
  await source.next('done');
  const { status, headers, body } = await fetchRaw(`${address}report.html`);
  assert.equal(status, 200);
  assert.match(headers['content-disposition'] ?? '', /^attachment; filename="[\w.-]+\.html"$/);
  assert.equal(body.toString(), '<!doctype html>60');
});

test('who comes back goes on behind what he had; who had something else begins anew; two pages are told the same', async (t) => {
  const path = storePath(t);
  const run = await WrittenRun.begin(path, RECORDS);
  await run.judge(0, 20);
  const { address } = await serve(t, path);
  const first = await open(t, address);
  await hasRows(first, 20);
  const lastId = first.lastId;
  assert.match(lastId ?? '', /^[0-9a-f]{12}\.\d+$/);
  first.close();
  await run.judge(20, 30);
  const back = await open(t, address, lastId);
  await hasRows(back, 10);
  assert.deepEqual(
    rowsOf(back).map(({ configuration }) => configuration),
    RECORDS.slice(20, 30).map(({ id }) => id),
  );
  assert.ok(!back.events.some(({ name }) => name === 'restart'));
  for (const stale of ['0123456789ab.7', 'nonsense', `${lastId}9999`]) {
    const other = await open(t, address, stale);
    if (stale.startsWith(lastId!)) {
      // A place behind all that there is: nothing is told twice.
      await other.next('progress');
      assert.deepEqual(rowsOf(other), []);
      continue;
    }
    await other.next('restart');
    await hasRows(other, 30);
    assert.equal(rowsOf(other).length, 30);
  }
  await run.judge(30, 60);
  const second = await open(t, address);
  await Promise.all([hasRows(back, 40), hasRows(second, 60)]);
  assert.deepEqual(rowsOf(second).slice(20), rowsOf(back));
  await run.die();
});

test('a run that dies beside an open page is gone on with by the next one, on the same stream', async (t) => {
  const path = storePath(t);
  const first = await WrittenRun.begin(path, RECORDS);
  await first.judge(0, 20);
  const { address } = await serve(t, path);
  const source = await open(t, address);
  await hasRows(source, 20);
  await first.die();
  const second = await WrittenRun.begin(path, RECORDS);
  await second.judge(20, 60);
  await second.finish();
  await hasRows(source, 60);
  await source.next('progress', ({ isFinal }: LiveProgress) => isFinal);
  assert.ok(!source.events.some(({ name }) => name === 'restart'), 'nothing was told twice');
});

test('a port that is in use is refused in one line; a server that ends says so and leaves its port', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  t.after(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await assert.rejects(
    serve(t, storePath(t), port),
    userError(new RegExp(`^--port ${port}: is in use by another program on 127\\.0\\.0\\.1\\. Name another one`)),
  );

  const path = storePath(t);
  const run = await WrittenRun.begin(path, RECORDS.slice(0, 3));
  const server = await serve(t, path);
  const source = await open(t, server.address);
  await source.next('progress');
  await run.judge(0, 3);
  await run.finish();
  const finished = server.finish(60_000);
  await source.next('done');
  await source.next('end');
  // What a page fetches before it leaves is still there.
  assert.equal((await fetchRaw(`${server.address}report.html`)).status, 200);
  source.close();
  await finished;
  await assert.rejects(fetchRaw(server.address), /ECONNREFUSED/);
});
