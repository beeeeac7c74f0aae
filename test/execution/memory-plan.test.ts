import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import type { AgeRows } from '../../src/dataset/row-counts.ts';
import type { RunFacts } from '../../src/dataset/state-rows.ts';
import { type MemoryLimit, planMemory } from '../../src/execution/memory-plan.ts';
import { UserError } from '../../src/user-error.ts';
import { TINY_DATA_ROOT } from '../support/tiny-sweep.ts';

const GIB = 2 ** 30;
const AGES = [3, 5, 10, 15, 30];
/** Nine months of three symbols, a position a minute: rows of five ages, and features rows. */
const STATE_ROWS = 3_521_000;
const FEATURE_ROWS = 1_166_000;
/** two sides, four splits */
const PARTS = 8;

type Datasets = Parameters<typeof planMemory>[2];

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

const ALL_AGES = { agesMinutes: AGES, maxRowsPerSplit: 0 };

/** So many rows of each age, on all sides and splits alike; of four feature rows three have some, on either side. */
function countsOf(ages: readonly number[], rows: number): Map<number, AgeRows> {
  const byPart = Array.from({ length: PARTS }, () => Math.ceil(rows / PARTS));
  const reached = new Uint8Array(Math.ceil((2 * FEATURE_ROWS) / 8)).fill(0b01110111);
  return new Map(ages.map((age) => [age, { byPart, reached }]));
}

function planOf(rows: number, threads: number, limit?: MemoryLimit, datasets: Datasets = [ALL_AGES]) {
  return planMemory(years, countsOf(AGES, rows / AGES.length), datasets, threads, limit);
}

describe('the memory of a run', () => {
  test('holds nine months of three symbols, 3.5 million rows, on two threads in 500 bytes a row', () => {
    const { totalBytes, slots, addressBits } = planOf(STATE_ROWS, 2);
    assert.equal(slots, 2);
    assert.ok(totalBytes < 500 * STATE_ROWS, `${totalBytes / GIB} GiB`);
    assert.equal(addressBits, 32);
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

  test('has 64-bit addresses where it is more than 4 GiB', () => {
    const { totalBytes, addressBits } = planOf(6 * STATE_ROWS, 2);
    assert.ok(totalBytes > 4 * GIB);
    assert.equal(addressBits, 64);
  });

  test('has a place for the next dataset, unless that costs wider addresses or is more than may be used', () => {
    const two = [ALL_AGES, { ...ALL_AGES, maxRowsPerSplit: 10_000 }];
    const [rows, limit] = [400_000, { bytes: 4 * GIB, from: 'option' } as const];
    const alone = planOf(rows, 2, limit);
    const both = planOf(rows, 2, limit, two);
    assert.deepEqual([alone.datasetPlaces, both.datasetPlaces], [1, 2]);
    assert.equal(both.totalBytes, alone.totalBytes + alone.datasetBytes);
    assert.deepEqual(both.datasetRows, [rows, 40_000]);
    const tight = { ...limit, bytes: both.totalBytes - 1 };
    assert.deepEqual(planOf(rows, 2, tight, two), { ...alone, datasetRows: both.datasetRows });
    assert.equal(planOf(3 * STATE_ROWS, 2, undefined, two).datasetPlaces, 1);
  });
});

describe('a run that does not fit', () => {
  const limit = { bytes: 3 * GIB, from: 'machine' } as const;
  const refused = (rows: number, where: MemoryLimit = limit): string => {
    let message = '';
    assert.throws(
      () => planOf(rows, 2, where),
      (error) => {
        assert.ok(error instanceof UserError);
        message = error.message;
        return true;
      },
    );
    return message;
  };

  test('is refused with what is needed, by which addresses, and whose limit it is', () => {
    assert.match(
      refused(6 * STATE_ROWS),
      /^memory: \d+ MiB of shared memory are needed \(21,126,000 state rows, largest dataset 21,126,000 rows, 2 threads; 64-bit addresses\), the limit is 3072 MiB \(what this machine has; --max-memory can raise it\)\. /,
    );
    assert.match(refused(4 * STATE_ROWS, { ...limit, from: 'option' }), /3072 MiB \(--max-memory\)\. /);
    assert.match(refused(30 * STATE_ROWS, { ...limit, bytes: 64 * GIB }), /16384 MiB \(the largest memory that can/);
  });

  test('is told a cap, ages, and a distance of entries that fit, each of which does', () => {
    const rows = 4 * STATE_ROWS;
    const message = refused(rows);
    const cap = Number(/maxRowsPerSplit: \[(\d+)\]/.exec(message)?.[1]);
    const ages = /agesMinutes: \[\[([\d, ]+)\]\]/.exec(message)?.[1]?.split(', ').map(Number) ?? [];
    const stride = Number(
      /entries (\d+) times as far apart \(`sweep baseline build --entry-stride-minutes`\)/.exec(message)?.[1],
    );
    assert.ok(cap > 10_000 && ages.length > 0 && ages.length < AGES.length && stride > 1, message);
    planOf(rows, 2, limit, [{ agesMinutes: AGES, maxRowsPerSplit: cap }]);
    const perAge = Math.ceil(rows / AGES.length);
    planMemory(years, countsOf(ages, perAge), [{ agesMinutes: ages, maxRowsPerSplit: 0 }], 2, limit);
    planOf(rows / stride, 2, limit);
    // And no more than that would.
    assert.throws(() => planOf(rows, 2, limit, [{ agesMinutes: AGES, maxRowsPerSplit: Math.ceil(1.15 * cap) }]));
    assert.throws(() => planOf(rows / (stride - 1), 2, limit));
  });

  test('whatever its rows is told that its feature rows are too many', () => {
    assert.match(
      refused(STATE_ROWS, { bytes: GIB / 8, from: 'option' }),
      /--max-memory\)\. Raise it, or give it fewer feature rows: fewer days or symbols\.$/,
    );
    assert.match(refused(STATE_ROWS, { bytes: GIB / 8, from: 'machine' }), /\. Give it fewer feature rows: .+$/);
  });
});
