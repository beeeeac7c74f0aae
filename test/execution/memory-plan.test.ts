import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import type { RunFacts } from '../../src/dataset/state-rows.ts';
import { planMemory } from '../../src/execution/memory-plan.ts';
import { TINY_DATA_ROOT } from '../support/tiny-sweep.ts';

const GIB = 2 ** 30;
const AGES = [3, 5, 10, 15, 30];
/** Nine months of three symbols, a position a minute: rows of five ages, and features rows. */
const STATE_ROWS = 3_521_000;
const FEATURE_ROWS = 1_166_000;

let years: RunFacts;

before(async () => {
  using source = await openStateRows(TINY_DATA_ROOT, 'tiny', AGES, { cache: null });
  const { run } = source;
  const days = Float64Array.from({ length: FEATURE_ROWS }, (_, row) => Math.floor(row / 3) * 60_000);
  const splits = Uint8Array.from({ length: FEATURE_ROWS }, (_, row) => Math.floor((4 * row) / FEATURE_ROWS));
  const featureOrder = Array.from({ length: 66 }, (_, i) => `feature_${i}`);
  const features = { ...run.features, featureOrder, rowCount: FEATURE_ROWS, openTimesMs: days, splits };
  years = { ...run, features };
});

function planOf(rows: number, threads: number, maxMemoryBytes?: number) {
  const counts = new Map(AGES.map((age) => [age, Math.ceil(rows / AGES.length)]));
  return planMemory(years, counts, [rows], threads, maxMemoryBytes);
}

describe('the memory of a run', () => {
  test('holds nine months of three symbols, 3.5 million rows, on two threads in less than 4 GiB', () => {
    const { totalBytes, slots } = planOf(STATE_ROWS, 2);
    assert.equal(slots, 2);
    assert.ok(totalBytes < 3.4 * GIB, `${totalBytes / GIB} GiB`);
  });

  test('has a range for each thread and no others', () => {
    const [one, two, seven] = [1, 2, 7].map((threads) => planOf(400_000, threads));
    assert.equal(seven!.slots, 7);
    const perThread = two!.totalBytes - one!.totalBytes;
    assert.equal(seven!.totalBytes - one!.totalBytes, 6 * perThread);
    assert.ok(perThread - one!.slotBytes < 1024, `${perThread} bytes a thread, its range has ${one!.slotBytes}`);
  });

  test('grows in proportion to rows', () => {
    const [small, middle, large] = [500_000, 1_000_000, 1_500_000].map((rows) => planOf(rows, 2).totalBytes);
    assert.ok(Math.abs(large! - middle! - (middle! - small!)) < 4096);
  });
});
