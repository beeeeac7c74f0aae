import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DailyLosses, EVAL_SPLITS, MODEL_KEYS } from '../../src/experiment/results.ts';
import { dailyLossesOf, lossDaysOf, lossSumsOf } from '../../src/store/daily-losses.ts';
import { randomFrom } from '../support/random.ts';

type Random = ReturnType<typeof randomFrom>;

describe('losses by day', () => {
  test('come back to the last bit, whatever the days', () => {
    const dayCounts = new Set<number>();
    for (let seed = 1; seed <= 200; seed += 1) {
      const losses = randomLosses(randomFrom(seed));
      const days = JSON.parse(JSON.stringify(lossDaysOf(losses)));
      assert.deepEqual(dailyLossesOf(days, lossSumsOf(losses)), losses, `seed ${seed}`);
      for (const entry of losses) dayCounts.add(entry.days.length);
    }
    assert.ok(dayCounts.size > 10, 'the days vary');
  });

  test('that are none are none', () => {
    assert.deepEqual(dailyLossesOf(lossDaysOf([]), lossSumsOf([])), []);
  });

  test('are refused when a side has other days for one model than for the other, and when days do not ascend', () => {
    const losses = randomLosses(randomFrom(3));
    const [first] = losses;
    const shifted = { ...first!, days: first!.days.map((day) => day + 1) };
    assert.throws(() => lossDaysOf([shifted, ...losses.slice(1)]), /the models of a side differ in their days/);
    assert.throws(() => lossDaysOf(losses.slice(1)), /1 models of LONG/);
    const backwards = losses.map((entry) => ({ ...entry, days: entry.days.toReversed() }));
    assert.throws(() => lossDaysOf(backwards), /days must ascend/);
    assert.throws(() => lossSumsOf([{ ...first!, absErrorSums: new Float64Array(1) }, ...losses.slice(1)]), /1 sums/);
  });

  test('are refused when sums are missing or left over', () => {
    const losses = randomLosses(randomFrom(4));
    const [days, sums] = [lossDaysOf(losses), lossSumsOf(losses)];
    assert.throws(() => dailyLossesOf(days, sums.subarray(1)), /fewer sums than days/);
    assert.throws(() => dailyLossesOf(days, Float64Array.from([...sums, 1])), /left over/);
    assert.throws(() => dailyLossesOf([{ ...days[0]!, side: 7 }], sums), /of no side/);
  });
});

/** Two to forty days for each side and split; numbers of every size. */
function randomLosses(random: Random): DailyLosses[] {
  const tables = new Map<string, { days: Int32Array; rowCounts: Int32Array }>();
  return MODEL_KEYS.flatMap((modelKey) =>
    EVAL_SPLITS.map((split) => {
      const key = `${modelKey.split('_')[0]} ${split}`;
      const table = tables.get(key) ?? randomDays(random);
      tables.set(key, table);
      const absErrorSums = Float64Array.from(table.days, () => random.uniform() * 10 ** random.integer(-300, 300));
      return { modelKey, split, ...table, absErrorSums };
    }),
  );
}

function randomDays(random: Random): { days: Int32Array; rowCounts: Int32Array } {
  const days = new Int32Array(random.integer(2, 40));
  let day = random.integer(-1000, 30_000);
  for (let i = 0; i < days.length; i += 1) {
    days[i] = day;
    day += random.integer(1, 5);
  }
  return { days, rowCounts: days.map(() => random.integer(1, 100_000)) };
}
