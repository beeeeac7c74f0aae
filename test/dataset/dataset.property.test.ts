import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Data, FixedSizeList, type Table } from 'apache-arrow';
import { ALL_SPLITS, SIDES } from '../../src/baseline/splits.ts';
import {
  buildDataset,
  type Dataset,
  datasetSizeBytes,
  partMatrix,
  standardizeSide,
} from '../../src/dataset/dataset.ts';
import { datasetTable } from '../../src/dataset/dataset-table.ts';
import { STATE_FEATURES } from '../../src/dataset/state-features.ts';
import type { StateFrame } from '../../src/dataset/state-frame.ts';
import { SharedArena } from '../../src/numerics/memory.ts';
import { fitScaler } from '../../src/numerics/scaler.ts';
import { Workspace } from '../../src/numerics/workspace.ts';
import { assertSameBits } from '../support/closeness.ts';
import { frameOf, KEEP_ALL } from '../support/frame-of.ts';
import type { PlainRun } from '../support/plain-run.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { randomRun } from '../support/random-run.ts';
import { type SlowRow, slowPart, slowStateFrame } from './slow-state-frame.ts';

const DAY_MS = 86_400_000;

type Case = { run: PlainRun; frame: StateFrame; dataset: Dataset; memory: WebAssembly.Memory; random: Random };

/** Datasets of random frames, each in a memory range of the announced size and no more. */
function forEachDataset(count: number, check: (given: Case) => void): void {
  let rows = 0;
  forEachSeed(count, (random) => {
    const run = randomRun(random);
    const selection = { agesMinutes: [1, 2, 4], maxRowsPerSplit: random.pick([0, 5]), barGaps: 'keep' } as const;
    if (slowStateFrame(run, selection).length === 0) return;
    const { frame, arena } = frameOf(run, selection);
    const { memory } = arena;
    const size = datasetSizeBytes(frame.rowCount, run.featureOrder.length + STATE_FEATURES.length);
    const start = arena.mark();
    // Bytes that are not zero, as a range has them that was used before.
    new Uint8Array(memory.buffer, start).fill(0x55);
    const dataset = buildDataset(frame, new SharedArena(memory, start, start + size));
    rows += frame.rowCount;
    check({ run, frame, dataset, memory, random });
  });
  assert.ok(rows > 10 * count, `only ${rows} rows`);
}

describe('a dataset', () => {
  test('holds the rows of each side and split side by side, in frame order, every row once', () => {
    forEachDataset(40, ({ run, frame, dataset }) => {
      const slow = slowStateFrame(run, frame);
      let next = 0;
      SIDES.forEach((side, s) => {
        ALL_SPLITS.forEach((_, split) => {
          const part = dataset.parts[s]![split]!;
          const expected = slowPart(run, slow, side, split);
          assert.equal(part.firstRow, next);
          assert.equal(part.rowCount, expected.length);
          expected.forEach((row, i) => {
            const at = part.firstRow + i;
            assert.equal(slow[dataset.frameRow[at]!], row, `row ${at}: its place in the frame`);
            assert.equal(dataset.expectedContinueEdgeBps[at], row.expectedContinueEdgeBps);
            assert.equal(dataset.continueTarget[at], row.continueTarget);
          });
          next += expected.length;
        });
      });
      assert.equal(next, dataset.rowCount);
      assert.deepEqual(
        [...dataset.frameRow].sort((a, b) => a - b),
        [...frame.order.keys()],
      );
    });
  });

  test('has rows of 1, market features in model order, state features, zeros', () => {
    forEachDataset(20, ({ run, frame, dataset }) => {
      const slow = slowStateFrame(run, frame);
      const { nMarketFeatures, features } = dataset;
      assert.deepEqual(
        [...features],
        [...features].toSorted((a, b) => a - b),
      );
      assert.equal(nMarketFeatures, features.filter((feature) => feature < run.featureOrder.length).length);
      assert.equal(dataset.nFeatures, features.length);
      for (let at = 0; at < dataset.rowCount; at += 1) {
        const row = slow[dataset.frameRow[at]!]!;
        const got = dataset.x.subarray(at * dataset.stride, (at + 1) * dataset.stride);
        assert.equal(got[0], 1);
        features.forEach((feature, j) => {
          const name = STATE_FEATURES[feature - run.featureOrder.length];
          // Scores are compared where state rows are.
          if (name?.startsWith('entry_')) return;
          const expected = name === undefined ? run.features[row.featureRow]!.values[feature] : row.state[name];
          assert.equal(got[1 + j], expected, `row ${at}: ${name ?? run.featureOrder[feature]}`);
        });
        const behind = got.subarray(1 + dataset.nFeatures);
        assert.ok(
          behind.length < 4 && behind.every((value) => value === 0),
          `row ${at}: what stands behind the features`,
        );
      }
    });
  });

  test('leaves out the features that are constant over the fit rows of both sides, and no others', () => {
    let left = 0;
    forEachDataset(60, ({ run, frame, dataset }) => {
      const slow = slowStateFrame(run, frame);
      const numberAt = (row: SlowRow, feature: number) =>
        feature < run.featureOrder.length
          ? run.features[row.featureRow]!.values[feature]
          : row.state[STATE_FEATURES[feature - run.featureOrder.length]!];
      const parts = SIDES.map((side) => slowPart(run, slow, side, 0));
      for (let feature = 0; feature < run.featureOrder.length + STATE_FEATURES.length; feature += 1) {
        const varies = parts.some((part) => new Set(part.map((row) => numberAt(row, feature))).size > 1);
        assert.equal(dataset.features.includes(feature), varies, `feature ${feature}`);
        if (!varies) left += 1;
      }
    });
    assert.ok(left > 60, 'add_count and minutes_since_last_add at least');
  });

  test('numbers the UTC days of each part, and counts their rows', () => {
    let parts = 0;
    forEachDataset(30, ({ run, frame, dataset }) => {
      const slow = slowStateFrame(run, frame);
      for (const part of dataset.parts.flat()) {
        const at = Array.from({ length: part.rowCount }, (_, i) => part.firstRow + i);
        const dayOf = (row: number) =>
          Math.floor(run.features[slow[dataset.frameRow[row]!]!.featureRow]!.openTimeMs! / DAY_MS);
        const days = [...new Set(at.map(dayOf))].sort((a, b) => a - b);
        assert.deepEqual([...part.days], days);
        assert.deepEqual(
          [...part.dayRowCounts],
          days.map((day) => at.filter((row) => dayOf(row) === day).length),
        );
        for (const row of at) assert.equal(part.days[dataset.dayIndex[row]!], dayOf(row));
        if (days.length > 1) parts += 1;
      }
    });
    assert.ok(parts > 5, 'parts with rows on both sides of midnight');
  });

  test('is standardized by the fit rows of each side alone, the other splits by the same numbers', () => {
    forEachDataset(20, ({ dataset, memory }) => {
      const workspace = new Workspace(new SharedArena(memory, memory.buffer.byteLength / 2));
      const before = dataset.x.slice();
      SIDES.forEach((_, side) => {
        const fitPart = dataset.parts[side]![0]!;
        if (fitPart.rowCount === 0) return;
        const expected = fitScaler(workspace, partMatrix(dataset, fitPart), dataset.nFeatures + 1);
        const scaler = standardizeSide(workspace, dataset, side);
        assert.deepEqual(scaler, expected);
        for (const part of dataset.parts[side]!) {
          for (
            let at = part.firstRow * dataset.stride;
            at < (part.firstRow + part.rowCount) * dataset.stride;
            at += 1
          ) {
            const j = at % dataset.stride;
            const centred = Math.fround(before[at]! - scaler.mean[j]!);
            assert.equal(dataset.x[at], Math.fround(centred / scaler.scale[j]!));
          }
        }
      });
    });
  });
});

describe('a feature that hardly moves on the fit rows and leaps later', () => {
  test('is refused by its number and split, where float32 cannot hold the standardized value', () => {
    let refused = 0;
    forEachDataset(20, ({ dataset, memory }) => {
      const [fit, ...later] = dataset.parts[0]!;
      const split = later.findIndex((part) => part.rowCount > 0) + 1;
      if (fit!.rowCount < 2 || split === 0) return;
      const cell = (row: number): number => row * dataset.stride + 1;
      for (let i = 0; i < fit!.rowCount; i += 1) dataset.x[cell(fit!.firstRow + i)] = i % 2 === 0 ? 1e-30 : -1e-30;
      dataset.x[cell(dataset.parts[0]![split]!.firstRow)] = 1e16;
      const workspace = new Workspace(new SharedArena(memory, memory.buffer.byteLength / 2));
      const expected = new RegExp(
        `LONG: feature ${dataset.features[0]} .* on ${ALL_SPLITS[split]} .* Leave the feature out`,
      );
      assert.throws(() => standardizeSide(workspace, dataset, 0), { name: 'UserError', message: expected });
      refused += 1;
    });
    assert.ok(refused > 5, `only ${refused} datasets had rows to test it on`);
  });
});

describe('a dataset as an Arrow table', () => {
  test('stands on the shared memory itself: no value is copied, and a change in one shows in the other', () => {
    forEachDataset(5, ({ dataset, memory }) => {
      const table = datasetTable(dataset);
      assert.equal(table.numRows, dataset.rowCount);
      for (const [name, view] of [
        ['expected_continue_edge_bps', dataset.expectedContinueEdgeBps],
        ['continue_target', dataset.continueTarget],
        ['day_index', dataset.dayIndex],
        ['frame_row', dataset.frameRow],
      ] as const) {
        const data = onlyData(table, name);
        assert.equal(data.values.buffer, memory.buffer, name);
        assert.equal(data.values.byteOffset, view.byteOffset, name);
      }
      const x = onlyData(table, 'x').children[0]!;
      assert.equal(x.values.buffer, memory.buffer);
      assert.equal(x.values.byteOffset, dataset.x.byteOffset);
      dataset.x[1] = 42.5;
      assert.equal(table.getChild('x')!.get(0).get(1), 42.5);
    });
  });

  test('has a fixed-size list of a row’s floats in each cell, and no nulls', () => {
    forEachDataset(5, ({ dataset }) => {
      const table = datasetTable(dataset);
      const { type } = table.getChild('x')!;
      assert.ok(type instanceof FixedSizeList && type.listSize === dataset.stride);
      const last = dataset.rowCount - 1;
      assertSameBits(
        table.getChild('x')!.get(last).toArray(),
        dataset.x.subarray(last * dataset.stride, (last + 1) * dataset.stride),
        'last row',
      );
      for (const vector of table.schema.names.map((name) => table.getChild(name)!)) assert.equal(vector.nullCount, 0);
    });
  });
});

function onlyData(table: Table, name: string): Data {
  const { data } = table.getChild(name)!;
  assert.equal(data.length, 1);
  return data[0]!;
}

test('a frame without a row for one side still has all of that side’s parts, empty', () => {
  forEachSeed(5, (random) => {
    const run = randomRun(random);
    const longOnly = { ...run, entries: run.entries.map((entry) => ({ ...entry, side: 'LONG' as const })) };
    const { frame, arena } = frameOf(longOnly, { agesMinutes: [1, 2], ...KEEP_ALL });
    const dataset = buildDataset(frame, arena);
    assert.deepEqual(
      dataset.parts[1]!.map((part) => part.rowCount),
      [0, 0, 0, 0],
    );
    assert.deepEqual(frame.sideCounts, { LONG: frame.rowCount });
  });
});
