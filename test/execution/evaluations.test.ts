import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL_SPLITS, type SplitId } from '../../src/baseline/splits.ts';
import { TextPool } from '../../src/baseline/text-pool.ts';
import { evaluationsOf } from '../../src/execution/evaluations.ts';

const DAY_MS = 86_400_000;
const PLAN = { stopBps: 40, targetBps: 60, costBps: 8 };
const LABEL = { horizonMinutes: 15, minExpectedContinueEdgeBps: 5 };

/** Bars by split, symbol and day. */
function factsOf(bars: readonly (readonly [split: SplitId, symbol: number, day: number, count: number])[]) {
  const rows = bars.flatMap(([split, symbol, day, count]) =>
    Array.from({ length: count }, (_, i) => ({ split, symbol, time: day * DAY_MS + i * 60_000 })),
  );
  return {
    pricePlan: PLAN,
    continueLabel: LABEL,
    features: {
      rowCount: rows.length,
      splits: Uint8Array.from(rows, ({ split }) => ALL_SPLITS.indexOf(split)),
      openTimesMs: Float64Array.from(rows, ({ time }) => time),
      symbols: { codes: Int32Array.from(rows, ({ symbol }) => symbol), pool: TextPool.of(['BTC', 'ETH']) },
    },
  };
}

const BARS = [
  ['tune', 0, 9, 10],
  ['validation_locked', 0, 10, 10],
  ['validation_locked', 0, 11, 10],
  ['validation_locked', 1, 11, 10],
  ['latest_stress', 0, 12, 10],
] as const;

test('what locked splits are of: symbols, their days, the label, the gap policy, each in the key', () => {
  const { validation_locked: validation, latest_stress: stress } = evaluationsOf(factsOf(BARS), 'keep');
  assert.deepEqual([validation!.days, stress!.days], [{ BTC: [10, 11], ETH: [11] }, { BTC: [12] }]);
  assert.deepEqual(stress!.label, { ...LABEL, ...PLAN });
  const keyOf = (facts: Parameters<typeof evaluationsOf>[0], gaps: 'keep' | 'drop' = 'keep') =>
    evaluationsOf(facts, gaps).latest_stress!.key;
  const base = keyOf(factsOf(BARS));
  assert.equal(keyOf(factsOf(BARS.slice(1).toReversed())), base);
  assert.equal(stress!.key, base);
  const changed = [
    keyOf(factsOf(BARS), 'drop'),
    keyOf({ ...factsOf(BARS), pricePlan: { ...PLAN, costBps: 9 } }),
    keyOf({ ...factsOf(BARS), pricePlan: { ...PLAN, stopBps: 41 } }),
    keyOf({ ...factsOf(BARS), pricePlan: { ...PLAN, targetBps: 61 } }),
    keyOf({ ...factsOf(BARS), continueLabel: { ...LABEL, horizonMinutes: 30 } }),
    keyOf({ ...factsOf(BARS), continueLabel: { ...LABEL, minExpectedContinueEdgeBps: 6 } }),
    keyOf(factsOf([...BARS, ['latest_stress', 0, 13, 10]])),
    keyOf(factsOf([...BARS, ['latest_stress', 1, 12, 10]])),
  ];
  assert.equal(new Set([base, ...changed]).size, changed.length + 1);
});

test('a day that two splits share is of the one that has most of it', () => {
  const shared = [...BARS, ['validation_locked', 0, 12, 3], ['latest_stress', 0, 13, 10]] as const;
  const { validation_locked: validation, latest_stress: stress } = evaluationsOf(factsOf(shared), 'keep');
  assert.deepEqual(validation!.days.BTC, [10, 11]);
  assert.deepEqual(stress!.days.BTC, [12, 13]);
  // Splits of less than a day have nothing else.
  const day = [
    ['validation_locked', 0, 10, 5],
    ['latest_stress', 0, 10, 5],
  ] as const;
  const within = evaluationsOf(factsOf(day), 'keep');
  assert.deepEqual([within.validation_locked!.days, within.latest_stress!.days], [{ BTC: [10] }, { BTC: [10] }]);
});

test('a locked split without rows is of nothing', () => {
  assert.deepEqual(Object.keys(evaluationsOf(factsOf(BARS.slice(0, 4)), 'keep')), ['validation_locked']);
});
