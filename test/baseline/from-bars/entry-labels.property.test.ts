import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Bars } from '../../../src/baseline/from-bars/bars.ts';
import { entryLabels } from '../../../src/baseline/from-bars/entry-labels.ts';
import { pathOutcomes } from '../../../src/baseline/from-bars/path-outcomes.ts';
import { SIDES, type Side } from '../../../src/baseline/splits.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { randomBars } from './random-bars.ts';

const HORIZON = 12;
const RULE = { costBps: 2, stopDistanceBps: 15, minExpectedEdgeBps: 3 };

describe('path outcomes', () => {
  const bars = randomBars({ count: 300, seed: 9, gapChance: 0.05, quietChance: 0.1 });
  const outcomes = pathOutcomes(bars, HORIZON);

  test('are the return and the worst move against the position over the next rows, for both sides', () => {
    assert.equal(outcomes.count, 300 - HORIZON);
    for (let bar = 0; bar < outcomes.count; bar += 1) {
      for (const side of SIDES) {
        const slow = slowOutcome(bars, bar, side);
        assert.ok(Math.abs(outcomes.bySide[side].returnBps[bar]! - slow.returnBps) < 1e-9);
        assert.ok(Math.abs(outcomes.bySide[side].adverseBps[bar]! - slow.adverseBps) < 1e-9);
        assert.ok(outcomes.bySide[side].adverseBps[bar]! >= 0);
      }
    }
  });

  test('say which windows take longer than their rows', () => {
    const slow = Array.from({ length: outcomes.count }, (_, bar) => {
      return bars.openTimeMs[bar + HORIZON]! === bars.openTimeMs[bar]! + HORIZON * MINUTE_MS ? 0 : 1;
    });
    assert.deepEqual([...outcomes.spansGap], slow);
    assert.deepEqual(new Set(slow), new Set([0, 1]));
  });

  test('a position that never stands at a loss has no adverse excursion', () => {
    const same = (value: number) => new Float64Array(5).fill(value);
    const above = pathOutcomes({ ...bars, close: same(90), low: same(100), high: same(110) }, 1);
    assert.deepEqual([...above.bySide.LONG.adverseBps], [0, 0, 0, 0]);
  });

  test('of fewer bars than the horizon are none', () => {
    assert.equal(pathOutcomes(bars, 300).count, 0);
    assert.equal(pathOutcomes(bars, 299).count, 1);
  });
});

describe('entry labels', () => {
  const bars = randomBars({ count: 400, seed: 10, gapChance: 0.02 });
  const outcomes = pathOutcomes(bars, HORIZON);

  test('are 1 where the edge after cost is enough and the stop stays untouched, on every whole window', () => {
    const labels = entryLabels(bars, outcomes, RULE, 1);
    const expected: [number, Side, number][] = [];
    for (let bar = 0; bar + HORIZON < 400; bar += 1) {
      if (bars.openTimeMs[bar + HORIZON]! - bars.openTimeMs[bar]! !== HORIZON * MINUTE_MS) continue;
      for (const side of SIDES) {
        const { returnBps, adverseBps } = slowOutcome(bars, bar, side);
        expected.push([bar, side, returnBps - 2 >= 3 && adverseBps < 15 ? 1 : 0]);
      }
    }
    const made = [...labels.bar].map((bar, i) => [bar, SIDES[labels.side[i]!], labels.target[i]]);
    assert.deepEqual(made, expected);
    for (const side of SIDES) {
      const targets = expected.filter((label) => label[1] === side).map((label) => label[2]);
      assert.deepEqual(new Set(targets), new Set([0, 1]), `${side} labels vary`);
    }
  });

  test('an edge exactly at the least one counts, a stop exactly touched does not', () => {
    const flat = Float64Array.of(100, 100);
    const path = (exit: number, low: number): Bars => ({
      ...randomBars({ count: 2, seed: 1 }),
      open: flat,
      close: Float64Array.of(100, exit),
      high: Float64Array.of(100, Math.max(exit, 100)),
      low: Float64Array.of(100, low),
    });
    const target = (exit: number, low: number, minExpectedEdgeBps: number, stopDistanceBps: number): number => {
      const outcomes = pathOutcomes(path(exit, low), 1);
      const rule = { costBps: 0, minExpectedEdgeBps, stopDistanceBps };
      return entryLabels(path(exit, low), outcomes, rule, 1).target[0]!;
    };
    // 100 / 80 − 1 and 125 / 100 − 1 are exact: 2500 bps.
    assert.equal(target(125, 80, 2500, 2500.5), 1);
    assert.equal(target(125, 80, 2500.5, 2500.5), 0);
    assert.equal(target(125, 80, 2500, 2500), 0);
  });

  test('a stride keeps the bars whose minute since 1970 is a multiple of it', () => {
    const labels = entryLabels(bars, outcomes, RULE, 5);
    assert.ok(labels.bar.length > 0);
    for (const bar of labels.bar) assert.equal((bars.openTimeMs[bar]! / MINUTE_MS) % 5, 0);
    const all = entryLabels(bars, outcomes, RULE, 1);
    const onStride = all.bar.filter((bar) => (bars.openTimeMs[bar]! / MINUTE_MS) % 5 === 0);
    assert.deepEqual(labels.bar, onStride);
  });

  test('every bar is labelled twice or counted as left out', () => {
    for (const stride of [1, 5]) {
      const labels = entryLabels(bars, outcomes, RULE, stride);
      const leftOut = [labels.barsWithoutWindow, labels.barsOverGap, labels.barsOffStride];
      assert.equal(leftOut.reduce((a, b) => a + b) + labels.bar.length / 2, 400);
      assert.equal(labels.barsWithoutWindow, HORIZON);
      assert.ok(labels.barsOverGap > 0);
      assert.equal(labels.barsOffStride > 0, stride > 1);
    }
  });
});

function slowOutcome({ high, low, close }: Bars, bar: number, side: Side): { returnBps: number; adverseBps: number } {
  const entry = close[bar]!;
  const exit = close[bar + HORIZON]!;
  const highest = Math.max(...high.slice(bar + 1, bar + 1 + HORIZON));
  const lowest = Math.min(...low.slice(bar + 1, bar + 1 + HORIZON));
  return side === 'LONG'
    ? { returnBps: (exit / entry - 1) * 1e4, adverseBps: Math.max((entry / lowest - 1) * 1e4, 0) }
    : { returnBps: (entry / exit - 1) * 1e4, adverseBps: Math.max((highest / entry - 1) * 1e4, 0) };
}
