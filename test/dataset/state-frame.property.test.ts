import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ALL_SPLITS, SIDES } from '../../src/baseline/splits.ts';
import { totalRows } from '../../src/dataset/row-counts.ts';
import { STATE_FEATURES, STATE_STRIDE } from '../../src/dataset/state-features.ts';
import {
  type BarGaps,
  composeStateFrame,
  type FrameSelection,
  type StateFrame,
} from '../../src/dataset/state-frame.ts';
import {
  buildStateRows,
  countStateRows,
  joinBaselineRun,
  type StateRows,
  stateRowsSizeBytes,
} from '../../src/dataset/state-rows.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { UserError } from '../../src/user-error.ts';
import { baselineRunOf, numbersOf, type PlainRun } from '../support/plain-run.ts';
import { forEachSeed, type Random, randomFrom } from '../support/random.ts';
import { randomRun } from '../support/random-run.ts';
import { type SlowRow, slowStateFrame, slowStateRows } from './slow-state-frame.ts';

const AGES = [1, 2, 3, 5];
const RUNS = 120;
/** The frozen models' outputs are float32 sums of a dozen terms in an order of their own. */
const SCORES = new Set(['entry_predicted_edge_bps', 'entry_direction_prob']);
const SCORE_TOLERANCE = 5e-6;

/** State rows in a memory of the announced size and no more; null when no entry has a sample. */
function stateRowsOf(run: PlainRun, agesMinutes: readonly number[]): StateRows | null {
  const baseline = baselineRunOf(run);
  if (!run.entries.some((entry) => run.features.some((row) => row.sampleId === entry.sampleId))) {
    assert.throws(() => joinBaselineRun(baseline), UserError);
    return null;
  }
  const joins = joinBaselineRun(baseline);
  const counts = countStateRows(joins, agesMinutes);
  const capacity = totalRows(counts.values());
  const memory = createSharedMemory(2 ** 20);
  const arena = new SharedArena(memory, 64, 64 + stateRowsSizeBytes(baseline, capacity));
  return buildStateRows(joins, counts, numbersOf(run, arena), arena);
}

function assertRow(rows: StateRows, row: number, expected: SlowRow, what: string): void {
  assert.equal(rows.featureRow[row], expected.featureRow, `${what}: feature row`);
  assert.equal(SIDES[rows.side[row]!], expected.side, `${what}: side`);
  assert.equal(rows.continueTarget[row], expected.continueTarget, `${what}: continue_target`);
  assert.equal(rows.expectedContinueEdgeBps[row], expected.expectedContinueEdgeBps, `${what}: edge`);
  STATE_FEATURES.forEach((name, j) => {
    const got = rows.stateFeatures[row * STATE_STRIDE + j]!;
    const wanted = expected.state[name]!;
    const isSame = SCORES.has(name)
      ? Math.abs(got - wanted) <= SCORE_TOLERANCE * (1 + Math.abs(wanted))
      : got === wanted;
    assert.ok(isSame, `${what}: ${name}: got ${got}, expected ${wanted}`);
  });
}

function assertFrame(frame: StateFrame, expected: readonly SlowRow[], run: PlainRun): void {
  assert.equal(frame.rowCount, expected.length, 'row count');
  assert.equal(frame.order.length, expected.length, 'order');
  expected.forEach((row, i) => {
    assertRow(frame.rows, frame.order[i]!, row, `row ${i}, age ${row.ageMinutes}`);
  });
  const bySplit = ALL_SPLITS.map(
    (s) => [s, expected.filter((r) => run.features[r.featureRow]!.split === s).length] as const,
  );
  assert.deepEqual(
    sortedByName(frame.splitCounts),
    Object.fromEntries(bySplit.filter(([, n]) => n > 0).toSorted(byName)),
  );
  const counts = Object.values(frame.splitCounts);
  assert.deepEqual(
    counts,
    counts.toSorted((a, b) => b - a),
    'most rows first',
  );
  const bySide = SIDES.map((side) => [side, expected.filter((row) => row.side === side).length] as const);
  assert.deepEqual(
    sortedByName(frame.sideCounts),
    Object.fromEntries(bySide.filter(([, n]) => n > 0).toSorted(byName)),
  );
}

function byName(a: readonly [string, number], b: readonly [string, number]): number {
  return a[0] < b[0] ? -1 : 1;
}

function sortedByName(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).toSorted(byName));
}

function randomSelection(random: Random, barGaps: BarGaps): FrameSelection {
  const agesMinutes = AGES.filter(() => random.chance(0.6));
  const maxRowsPerSplit = random.pick([0, 0, 1, 3, 10]);
  return { agesMinutes: agesMinutes.length > 0 ? agesMinutes : [AGES[0]!], maxRowsPerSplit, barGaps };
}

/** Composes random selections of random runs both ways, and hands over what came out; an empty frame is an error. */
function compareFrames(
  barGaps: BarGaps,
  check: (frame: StateFrame, expected: readonly SlowRow[], run: PlainRun) => void,
): void {
  let frames = 0;
  let empty = 0;
  forEachSeed(RUNS, (random) => {
    const run = randomRun(random);
    const rows = stateRowsOf(run, AGES);
    if (rows === null) return;
    for (let trial = 0; trial < 3; trial += 1) {
      const selection = randomSelection(random, barGaps);
      const expected = slowStateFrame(run, selection);
      if (expected.length === 0) {
        assert.throws(() => composeStateFrame(rows, selection), UserError);
        empty += 1;
      } else {
        check(composeStateFrame(rows, selection), expected, run);
        frames += 1;
      }
    }
  });
  assert.ok(frames > RUNS && empty < frames / 2, `${frames} frames, ${empty} empty`);
}

describe('the state frame', () => {
  test('of random small runs is that of nested loops over plain objects: rows, order, values, counts', () => {
    compareFrames('keep', assertFrame);
  });

  test('leaves out the rows whose bars are not minute after minute, when asked to', () => {
    compareFrames('drop', assertFrame);
  });

  test('counts the rows whose bars are not minute after minute, before the cap and whether they are kept or not', () => {
    for (const barGaps of ['keep', 'drop'] as const) {
      compareFrames(barGaps, (frame, _, run) => {
        const spanning = slowStateRows(run, frame.agesMinutes).filter((row) => row.spansGap).length;
        assert.equal(frame.rowsSpanningGap, spanning);
      });
    }
  });

  test('the random runs have what makes frames hard', () => {
    const seen = { rows: 0, gaps: 0, targets: 0, multiplied: 0, dropped: 0, capTies: 0, withoutTime: 0, symbols: 0 };
    forEachSeed(120, (random) => {
      const run = randomRun(random);
      const rows = slowStateRows(run, AGES);
      seen.rows += rows.length;
      seen.gaps += rows.filter((row) => row.spansGap).length;
      seen.targets += rows.filter((row) => row.continueTarget === 1).length;
      const keys = rows.map((row) => `${row.ageMinutes} ${row.featureRow} ${row.side}`);
      seen.multiplied += keys.length - new Set(keys).size;
      seen.symbols = Math.max(seen.symbols, new Set(rows.map((row) => run.features[row.featureRow]!.symbol)).size);
      seen.withoutTime += rows.filter((row) => run.features[row.featureRow]!.eventTimeNs === null).length;
      const times = rows.map((row) => run.features[row.featureRow]!.eventTimeNs);
      seen.capTies += times.length - new Set(times).size;
      const joins = countStateRowsOf(run);
      seen.dropped += joins - rows.length;
    });
    assert.ok(
      Object.values(seen).every((count) => count > 50 || count === 3),
      JSON.stringify(seen),
    );
  });

  test('a row’s age depends on no other age: ages built together and alone give the same rows', () => {
    forEachSeed(20, (random) => {
      const run = randomRun(random);
      const together = stateRowsOf(run, AGES);
      const alone = stateRowsOf(run, [AGES[2]!]);
      if (together === null || alone === null) return;
      const [first, end] = together.ranges.get(AGES[2]!)!;
      assert.deepEqual(alone.ranges.get(AGES[2]!), [0, end - first]);
      const slice = (values: Float32Array) => values.slice(first * STATE_STRIDE, end * STATE_STRIDE);
      assert.deepEqual(alone.stateFeatures.slice(0, (end - first) * STATE_STRIDE), slice(together.stateFeatures));
      assert.deepEqual(alone.featureRow.slice(0, end - first), together.featureRow.slice(first, end));
    });
  });

  test('an age that was not built is a mistake of ours, not an empty frame', () => {
    forEachSeed(1, (random) => {
      const rows = stateRowsOf(randomRun(random), [1]);
      assert.ok(rows !== null);
      const selection = { agesMinutes: [2], maxRowsPerSplit: 0, barGaps: 'keep' } as const;
      assert.throws(() => composeStateFrame(rows, selection), /age 2 was not built/);
    });
  });
});

function countStateRowsOf(run: PlainRun): number {
  if (!run.entries.some((entry) => run.features.some((row) => row.sampleId === entry.sampleId))) return 0;
  return totalRows(countStateRows(joinBaselineRun(baselineRunOf(run)), AGES).values());
}

describe('a frame that cannot be made', () => {
  /** A run of which some frame has rows. */
  const run = randomRun(randomFrom(5));
  const everyAge = { agesMinutes: AGES, maxRowsPerSplit: 0, barGaps: 'keep' } as const;

  for (const name of ['position_side', 'continue_target', 'unrealized_pnl_bps', 'sample_id', 'side_ret_1m_bps']) {
    test(`because a market feature is called ${name}, as a column of the frame is, says so`, () => {
      const renamed = { ...run, featureOrder: run.featureOrder.with(-1, name) };
      const message = `market feature ${name}: a column of the state frame has that name. Rename it in feature/`;
      assert.throws(
        () => joinBaselineRun(baselineRunOf(renamed)),
        (error) => error instanceof UserError && error.message.startsWith(message),
      );
    });
  }

  test('because features are null in every row names them', () => {
    assert.ok(composeStateFrame(stateRowsOf(run, AGES)!, everyAge).rowCount > 0);
    const features = run.features.map((row) => ({ ...row, values: row.values.with(2, null).with(4, Infinity) }));
    const rows = stateRowsOf({ ...run, features }, AGES)!;
    const names = `${run.featureOrder[2]}, ${run.featureOrder[4]}`;
    assert.throws(
      () => composeStateFrame(rows, everyAge),
      (error) =>
        error instanceof UserError && error.message.includes(`and ${names} is null or infinite in every row of`),
    );
  });
});
