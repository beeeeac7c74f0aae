import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DailyLosses, EVAL_SPLITS, MODEL_KEYS } from '../../src/experiment/results.ts';
import { decodeDailyLosses, encodeDailyLosses } from '../../src/store/daily-losses-codec.ts';
import { forEachSeed, type Random, randomFrom } from '../support/random.ts';

describe('daily losses', () => {
  test('come back as they were, whatever their days and counts', () => {
    const dayCounts = new Set<number>();
    forEachSeed(200, (random) => {
      const entries = randomLosses(random);
      for (const entry of entries) dayCounts.add(entry.days.length);
      assert.deepEqual(decodeDailyLosses(encodeDailyLosses(entries)), entries);
    });
    assert.ok(dayCounts.size > 20 && dayCounts.has(0));
  });

  test('of four models with the same days take little more than their sums', () => {
    const days = Int32Array.from({ length: 100 }, (_, i) => 20_000 + i);
    const rowCounts = days.map((day) => 1000 + (day % 50));
    const absErrorSums = Float64Array.from(days, (day) => day / 7);
    const entries = EVAL_SPLITS.flatMap((split) =>
      MODEL_KEYS.map((modelKey) => ({ modelKey, split, days, rowCounts, absErrorSums })),
    );
    const sums = 12 * 100 * 8;
    assert.ok(encodeDailyLosses(entries).length < sums + 3 * 100 * 3 + 100);
  });

  test('cut short, prolonged or of another version are refused, never misread', () => {
    const bytes = encodeDailyLosses(randomLosses(randomFrom(7)));
    for (let length = 0; length < bytes.length; length += 1) {
      assert.throws(() => decodeDailyLosses(bytes.subarray(0, length)), RangeError);
    }
    assert.throws(() => decodeDailyLosses(new Uint8Array([...bytes, 0])), /bytes are left over/);
    assert.throws(() => decodeDailyLosses(new Uint8Array([2, ...bytes.subarray(1)])), /expected encoding 1, got 2/);
  });

  test('that claim more days than there are bytes are refused before anything is allocated', () => {
    // Version 1, one entry, place 0, own days, 2^31 of them.
    const bytes = new Uint8Array([1, 1, 0, 0, 0x80, 0x80, 0x80, 0x80, 0x08, 0, 0]);
    assert.throws(() => decodeDailyLosses(bytes), /more days than bytes/);
  });

  test('with random bytes give an error or losses, never anything else', () => {
    forEachSeed(500, (random) => {
      const bytes = encodeDailyLosses(randomLosses(random));
      bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
      try {
        assert.ok(Array.isArray(decodeDailyLosses(bytes)));
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    });
  });

  test('whose columns do not fit together are refused', () => {
    const entry: DailyLosses = {
      modelKey: 'long_market_only',
      split: 'tune',
      days: Int32Array.of(3, 3),
      rowCounts: Int32Array.of(1, 1),
      absErrorSums: Float64Array.of(1, 1),
    };
    assert.throws(() => encodeDailyLosses([entry]), /days must ascend/);
    assert.throws(() => encodeDailyLosses([{ ...entry, days: Int32Array.of(3) }]), /1 days, 2 counts, 2 sums/);
  });
});

function randomLosses(random: Random): DailyLosses[] {
  return EVAL_SPLITS.flatMap((split) => {
    const shared = randomDays(random);
    return MODEL_KEYS.map((modelKey) => {
      const table = random.chance(0.8) ? shared : randomDays(random);
      return { modelKey, split, ...table, absErrorSums: Float64Array.from(table.days, () => random.normal() * 1e5) };
    });
  });
}

function randomDays(random: Random): { days: Int32Array; rowCounts: Int32Array } {
  const days = new Int32Array(random.integer(0, 40));
  let day = random.integer(-3000, 30_000);
  for (let i = 0; i < days.length; i += 1) {
    days[i] = day;
    day += random.chance(0.9) ? 1 : random.integer(1, 100_000);
  }
  return { days, rowCounts: days.map(() => random.integer(0, random.pick([1, 200, 40_000, 2 ** 31 - 1]))) };
}
