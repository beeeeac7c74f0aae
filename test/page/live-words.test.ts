import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countWords, durationWords, paceWords, shareDone, titleWords } from '../../src/page/live/live-words.ts';
import type { LiveProgress } from '../../src/page-data/live.ts';

const RUNNING: LiveProgress = {
  sweep: 'grid',
  state: 'running',
  isFinal: false,
  counts: { configurations: 1200, pass: 3, notReady: 290, unconverged: 0, sealed: 0, error: 7, pending: 900 },
  known: 100,
  perMinute: 600,
  secondsLeft: 90,
  quietMs: 0,
  best: null,
  bestPass: null,
  datasets: [],
  current: null,
  problem: null,
};
const INTERRUPTED: LiveProgress = { ...RUNNING, state: 'interrupted', perMinute: null, secondsLeft: null };

test('how it goes is said in words: how far, how fast, how long still, and “so far” until the end', () => {
  assert.equal(titleWords(RUNNING), 'grid: 300 of 1,200 judged so far');
  assert.equal(titleWords(INTERRUPTED), 'grid: interrupted, 300 of 1,200 judged so far');
  const done = { ...RUNNING.counts, pending: 0 };
  assert.equal(
    titleWords({ ...RUNNING, counts: done, state: 'finished', isFinal: true }),
    'grid: all 1,200 configurations are judged',
  );
  assert.equal(titleWords({ ...RUNNING, sweep: null, state: 'waiting' }), 'Waiting for a run to begin');
  assert.equal(shareDone(RUNNING), 0.25);
  assert.equal(shareDone({ ...RUNNING, counts: { ...done, configurations: 0 } }), 0);
  assert.deepEqual(paceWords(RUNNING, 1000), ['600 a minute', 'about 2 min left']);
  assert.deepEqual(countWords(RUNNING), ['3 pass', '290 not ready', '7 could not be judged', '100 known before']);
});

test('a run from which nothing is heard is no promise any more, and what stands in the way is said', () => {
  assert.deepEqual(paceWords(RUNNING, 61_000), [
    'no verdict for 61 s: the run may be preparing a dataset, or have been killed',
  ]);
  assert.deepEqual(paceWords(INTERRUPTED, 0), ['interrupted; the same command goes on where it was']);
  assert.deepEqual(paceWords({ ...RUNNING, problem: 'x.db: no such store any more' }, 0), [
    'the store cannot be read just now (x.db: no such store any more); trying again',
  ]);
  const before = { ...RUNNING, counts: { ...RUNNING.counts, pending: 1200 } };
  assert.deepEqual(paceWords(before, 90_000), ['data are read, the first dataset is prepared']);
});

test('durations are said as people say them', () => {
  assert.deepEqual([400, 59_000, 89_000, 95_000, 5_300_000, 5_400_000, 7_200_000, 8_000_000].map(durationWords), [
    '0 s',
    '59 s',
    '89 s',
    '2 min',
    '88 min',
    '1 h 30 min',
    '2 h',
    '2 h 13 min',
  ]);
});
