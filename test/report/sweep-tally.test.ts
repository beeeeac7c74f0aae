import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { roughDuration, SweepTally } from '../../src/report/sweep-tally.ts';
import { planSweep } from '../../src/sweep/plan.ts';

const AGES = [[5, 15], [3, 5, 10, 15, 30], [30], [1, 2, 3]];
const PER_DATASET = 100;
const plan = planSweep({
  name: 'grid',
  baseline: { dataRoot: '.', runId: 'run' },
  axes: { agesMinutes: AGES, huberAlpha: Array.from({ length: PER_DATASET }, (_, i) => i + 1) },
});

describe('the line of progress', () => {
  test('says the phase before there is anything to count', () => {
    const tally = new SweepTally('grid', plan.datasets);
    assert.equal(tally.text(0), 'grid  ░░░░░░░░░░░░ 0/400  reading');
    tally.enter('building rows', undefined, 100);
    assert.equal(tally.text(300), 'grid  ░░░░░░░░░░░░ 0/400  building rows');
    tally.enter('classifiers', plan.datasets[1], 400);
    assert.match(tally.text(900), / 0\/400 {2}classifiers 2 of 4$/);
  });

  test('has one bar for the whole sweep, full at its end, and counts what the store knew', () => {
    const tally = new SweepTally('grid', plan.datasets);
    let judged = 0;
    let filled = -1;
    for (const [i, planned] of plan.datasets.entries()) {
      tally.enter('laying out', planned, i * 1000);
      const remaining = i === 0 ? 40 : i === 2 ? 0 : PER_DATASET;
      tally.built(planned, remaining);
      if (remaining === 0) continue;
      tally.enter('judging', planned, i * 1000 + 500);
      judged += remaining;
      tally.judged({ known: 60, completed: judged, failed: 0 }, 0.9, i * 1000 + 800);
      const now = tally.text(i * 1000 + 900).split('█').length;
      assert.ok(now > filled, tally.text(i * 1000 + 900));
      filled = now;
    }
    tally.judged({ known: 160, completed: judged - 1, failed: 1 }, null, 4000);
    assert.match(
      tally.text(4000),
      /^grid {2}█{12} 400\/400 {2}(?:\d+ s left {2})?judging 4 of 4 {2}.*1 error {2}best 0\.90000$/,
    );
  });

  test('has an estimate that is steady, and right within a fifth', () => {
    const tally = new SweepTally('grid', plan.datasets);
    const told: { at: number; left: number }[] = [];
    let at = 0;
    let judged = 0;
    for (const planned of plan.datasets) {
      const weight = planned.agesMinutes.length * 40;
      tally.enter('laying out', planned, at);
      tally.built(planned, PER_DATASET);
      // Preparing takes longer than the line supposes, and verdicts come sixteen at a time.
      for (const end = at + 90 * weight; at < end; at += 100) note();
      tally.enter('judging', planned, at);
      for (let done = 0; done < PER_DATASET; ) {
        const now = Math.min(16, PER_DATASET - done);
        for (const end = at + now * weight; at < end; at += 100) note();
        done += now;
        judged += now;
        tally.judged({ known: 0, completed: judged, failed: 0 }, 0.9, at);
      }
    }
    function note(): void {
      const [, value, unit] = / (\d+) (s|min) left/.exec(tally.text(at)) ?? [];
      if (value !== undefined) told.push({ at, left: Number(value) * (unit === 'min' ? 60_000 : 1000) });
    }
    assert.ok(told.length > 300, `${told.length} of ${at / 100} told`);
    for (const [i, { at: when, left }] of told.entries()) {
      const truth = at - when;
      // A fifth, and what the words round up to.
      assert.ok(Math.abs(left - truth) < 0.2 * at + 5000, `at ${when}: ${left} told, ${truth} true`);
      const jump = left - (told[i - 1]?.left ?? left);
      assert.ok(jump <= 60_000 && jump <= Math.max(5000, 0.1 * at), `at ${when}: it grew by ${jump}`);
    }
  });

  test('tells a time no finer than it is known', () => {
    assert.deepEqual([900, 19_200, 41_000, 99_000, 130_000, 3_000_000, 7_200_000].map(roughDuration), [
      '1 s',
      '20 s',
      '45 s',
      '100 s',
      '3 min',
      '50 min',
      '2.0 h',
    ]);
  });
});
