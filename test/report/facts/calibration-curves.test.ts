import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrationFacts } from '../../../src/report/facts/calibration-curves.ts';
import type { DatasetLosses, SplitDays } from '../../../src/trust/losses.ts';
import { syntheticDataset } from '../../store/synthetic.ts';

const BINS = [
  { rows: 10, positives: 2, meanPredicted: 0.25 },
  { rows: 10, positives: 5, meanPredicted: 0.4 },
];

/** A dataset whose classifiers all have the same two bins, or none. */
function lossesOf(id: string, calibration: typeof BINS | undefined): DatasetLosses {
  const set = { sq: [], pair2: null, calibration };
  const days: SplitDays = {
    days: [],
    rows: [],
    pos: [],
    constAbs: [],
    constSq: [],
    sets: { market_only: set, market_plus_state: set },
  };
  const side = { splits: { tune: days, validation_locked: days, latest_stress: days } };
  return { id, ages: [5, 15], sides: { long: side, short: side } };
}

test('a curve has what was said and what came of each bin, and the finding is the mean distance of a row', () => {
  const dataset = syntheticDataset([5, 15]);
  const facts = calibrationFacts([dataset], [lossesOf(dataset.contentHash, BINS)], () => true);
  assert.equal(facts!.curves.length, 2 * 3 * 2);
  const [first] = facts!.curves;
  assert.deepEqual([first!.dataset, first!.side, first!.set, first!.split], [0, 'LONG', 'market_only', 'tune']);
  assert.deepEqual(first!.bins, [
    { rows: 10, meanProbability: 0.25, sharePositive: 0.2 },
    { rows: 10, meanProbability: 0.4, sharePositive: 0.5 },
  ]);
  // (10 · 5 + 10 · 10)/20 points.
  assert.match(
    facts!.finding,
    /by 7\.5 percentage points on tune, 7\.5 percentage points on locked and 7\.5 percentage points on stress\.$/,
  );
});

test('of a dataset whose gates are all sealed only tune is told', () => {
  const dataset = syntheticDataset([5, 15]);
  const facts = calibrationFacts([dataset], [lossesOf(dataset.contentHash, BINS)], () => false);
  assert.deepEqual(
    facts!.curves.map(({ split }) => split),
    ['tune', 'tune', 'tune', 'tune'],
  );
  assert.match(facts!.finding, /by 7\.5 percentage points on tune\.$/);
});

test('of a store that has none there is no figure', () => {
  const dataset = syntheticDataset([5, 15]);
  assert.equal(
    calibrationFacts([dataset], [lossesOf(dataset.contentHash, undefined)], () => true),
    null,
  );
});
