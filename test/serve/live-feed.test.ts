import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { LiveFeed } from '../../src/serve/live-feed.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { SYNTHETIC_DATA, syntheticConfigurations } from '../store/synthetic.ts';
import { storePath, WrittenRun } from './followed-store.ts';

const RECORDS = syntheticConfigurations(60);

/** A feed of a store, and a clock that the test turns. */
function follow(t: TestContext, path: string, sweep?: string) {
  const clock = { ms: 0 };
  const feed = new LiveFeed({ open: () => openVerdictStore(path, { mode: 'read' }), sweep, now: () => clock.ms });
  t.after(() => feed.close());
  const look = async (ms = 1000) => {
    clock.ms += ms;
    await feed.poll();
    return feed.progress();
  };
  return { feed, look };
}

test('a feed counts what a run stores, dataset by dataset, and knows the best and the best that passes', async (t) => {
  const path = storePath(t);
  const run = await WrittenRun.begin(path, RECORDS);
  const { feed, look } = follow(t, path);
  const before = await look();
  assert.deepEqual([before.state, before.counts.pending, before.best], ['running', 60, null]);
  await run.judge(0, 30);
  await run.fail(30, 32);
  const during = await look();
  const outcomes = await run.store.outcomes({ sweep: 'synthetic' });
  assert.equal(during.counts.pending, 28);
  assert.equal(during.counts.error, 2);
  assert.equal(during.counts.pass + during.counts.notReady + during.counts.unconverged, 30);
  assert.equal(feed.rows.length, 30);
  assert.deepEqual(
    feed.rows.map(({ configuration }) => configuration),
    RECORDS.slice(0, 30).map(({ id }) => id),
  );
  const byTune = outcomes.judged.toSorted((a, b) => a.tuneEdgeMaeRatio! - b.tuneEdgeMaeRatio!);
  assert.equal(during.best?.configuration, byTune[0]!.configurationId);
  const passing = byTune.find(({ passed, unconverged }) => passed === true && unconverged.length === 0);
  assert.equal(during.bestPass?.configuration, passing?.configurationId);
  assert.ok(during.datasets.length >= 2);
  assert.equal(
    during.datasets.reduce((sum, { judged }) => sum + judged, 0),
    30,
  );
  assert.equal(during.isFinal, false);
  await run.judge(32, 60);
  await run.finish();
  const after = await look();
  assert.deepEqual([after.state, after.isFinal, after.counts.pending], ['finished', true, 0]);
  assert.equal(feed.rows.length, 58);
});

test('a feed says how fast verdicts come, and how long the rest may take, of what came while it looked', async (t) => {
  const path = storePath(t);
  const run = await WrittenRun.begin(path, RECORDS);
  await run.judge(0, 10);
  const { look } = follow(t, path);
  assert.equal((await look()).perMinute, null, 'what was there says nothing');
  await run.judge(10, 20);
  await look(5000);
  await run.judge(20, 30);
  const progress = await look(5000);
  assert.equal(progress.perMinute, 120);
  assert.equal(progress.secondsLeft, 15);
  assert.equal(progress.quietMs, 0);
  await run.die();
  const quiet = await look(30_000);
  assert.equal(quiet.quietMs, 30_000);
  assert.equal(quiet.state, 'interrupted', 'it died without a word, and its lock is gone');
});

test('a run that was killed and is started again goes on in the feed: the same rows, then the new ones, known ones told', async (t) => {
  const path = storePath(t);
  const first = await WrittenRun.begin(path, RECORDS);
  await first.judge(0, 20);
  const { feed, look } = follow(t, path);
  await look();
  const { epoch } = feed;
  await first.die();
  await look();
  const second = await WrittenRun.begin(path, RECORDS);
  await second.judge(20, 25);
  const progress = await look();
  assert.equal(feed.epoch, epoch, 'places stay good');
  assert.equal(feed.rows.length, 25);
  assert.equal(progress.state, 'running');
  await second.finish('interrupted');
  assert.deepEqual([(await look()).state, (await look()).isFinal], ['interrupted', false]);
});

test('rows begin anew with other data, and with another file under the name', async (t) => {
  const path = storePath(t);
  const first = await WrittenRun.begin(path, RECORDS);
  await first.judge(0, 20);
  await first.finish('interrupted');
  const { feed, look } = follow(t, path);
  await look();
  const epochs = new Set([feed.epoch]);
  const other = await WrittenRun.begin(path, RECORDS, { data: { ...SYNTHETIC_DATA, hash: 'beef'.repeat(16) } });
  await look();
  epochs.add(feed.epoch);
  await other.finish('interrupted');
  rmSync(path);
  rmSync(`${path}-wal`, { force: true });
  rmSync(`${path}-shm`, { force: true });
  assert.match((await look()).problem ?? '', /sweeps\.db/);
  const third = await WrittenRun.begin(path, RECORDS);
  await third.judge(0, 3);
  assert.equal((await look()).problem, null);
  epochs.add(feed.epoch);
  assert.equal(epochs.size, 3);
  assert.equal(feed.rows.length, 3);
  await third.die();
});

test('verdicts that another sweep had made before are shown once the sweep has them', async (t) => {
  const path = storePath(t);
  const other = await WrittenRun.begin(path, RECORDS.slice(0, 10), { sweepName: 'other' });
  await other.judge(0, 10);
  await other.finish();
  const run = await WrittenRun.begin(path, RECORDS.slice(20, 30), { sweepName: 'mine' });
  await run.judge(0, 5);
  const { feed, look } = follow(t, path, 'mine');
  await look();
  assert.equal(feed.rows.length, 5);
  await run.finish('interrupted');
  const extended = await WrittenRun.begin(path, RECORDS.slice(0, 30), { sweepName: 'mine' });
  const progress = await look();
  assert.equal(feed.rows.length, 15);
  assert.equal(progress.known, 15);
  await extended.die();
});

test('without a name a feed follows the sweep that ran last, whichever that is; before there is one it waits', async (t) => {
  const path = storePath(t);
  const { feed, look } = follow(t, path);
  const waiting = await look();
  assert.deepEqual([waiting.state, waiting.sweep, waiting.problem], ['waiting', null, null]);
  const first = await WrittenRun.begin(path, RECORDS, { sweepName: 'first' });
  assert.equal((await look()).sweep, 'first');
  await first.finish('interrupted');
  const second = await WrittenRun.begin(path, RECORDS.slice(0, 5), { sweepName: 'second' });
  assert.equal((await look()).sweep, 'second');
  assert.deepEqual(feed.rows, []);
  await second.die();
});

test('sealed verdicts tell a feed their tune alone', async (t) => {
  const path = storePath(t);
  const run = await WrittenRun.begin(path, RECORDS, { seals: true });
  await run.judge(0, 12);
  const { feed, look } = follow(t, path);
  const { counts, best, bestPass } = await look();
  assert.deepEqual([counts.sealed, counts.pass, counts.notReady, counts.unconverged], [12, 0, 0, 0]);
  for (const row of feed.rows) {
    assert.deepEqual([row.verdict, row.gates, row.margin], ['sealed', null, null]);
    assert.notEqual(row.tune, null);
  }
  assert.notEqual(best, null);
  assert.equal(bestPass, null);
  await run.die();
});
