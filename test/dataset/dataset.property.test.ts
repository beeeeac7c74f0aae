import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Data, FixedSizeList, List } from 'apache-arrow';
import { ALL_SPLITS, SIDES } from '../../src/baseline/splits.ts';
import { buildDataset, type Dataset, datasetSizeBytes, type Part } from '../../src/dataset/dataset.ts';
import type { DatasetSize } from '../../src/dataset/dataset-size.ts';
import { datasetTable, partRows, stateRowsOf } from '../../src/dataset/dataset-table.ts';
import { standardizeSide } from '../../src/dataset/standardize-side.ts';
import { STATE_FEATURES } from '../../src/dataset/state-features.ts';
import type { StateFrame } from '../../src/dataset/state-frame.ts';
import { SharedArena } from '../../src/numerics/memory.ts';
import { fitScaler } from '../../src/numerics/scaler.ts';
import { Workspace } from '../../src/numerics/workspace.ts';
import { DAY_MS } from '../../src/time-units.ts';
import { frameOf, KEEP_ALL } from '../support/frame-of.ts';
import { plainRows } from '../support/grouped-rows.ts';
import type { PlainRun } from '../support/plain-run.ts';
import { forEachSeed, type Random } from '../support/random.ts';
import { randomRun } from '../support/random-run.ts';
import { type SlowRow, slowPart, slowStateFrame } from './slow-state-frame.ts';

type Case = {
  run: PlainRun;
  frame: StateFrame;
  planned: DatasetSize;
  dataset: Dataset;
  memory: WebAssembly.Memory;
  random: Random;
};

/** Datasets of random frames, each in a memory range of the announced size and no more. */
function forEachDataset(count: number, check: (given: Case) => void): void {
  let rows = 0;
  forEachSeed(count, (random) => {
    const run = randomRun(random);
    const selection = { agesMinutes: [1, 2, 4], maxRowsPerSplit: random.pick([0, 5]), barGaps: 'keep' } as const;
    if (slowStateFrame(run, selection).length === 0) return;
    const { frame, arena, size: planned } = frameOf(run, selection);
    const { memory } = arena;
    const size = datasetSizeBytes(planned);
    const start = arena.mark();
    // Bytes that are not zero, as a range has them that was used before.
    new Uint8Array(memory.buffer, start).fill(0x55);
    const dataset = buildDataset(frame, new SharedArena(memory, start, start + size));
    rows += frame.rowCount;
    check({ run, frame, planned, dataset, memory, random });
  });
  assert.ok(rows > 10 * count, `only ${rows} rows`);
}

describe('a dataset', () => {
  test('is no larger than planned, and as large where no row is dropped and each minute has one bar', () => {
    const seen = { exact: 0, capped: 0, ofFewerGroups: 0 };
    forEachDataset(120, ({ frame, planned, dataset }) => {
      const parts = dataset.parts.flat();
      const fit = dataset.parts.map(([part]) => part!);
      const total = (of: readonly Part[], what: 'rowCount' | 'groupCount') => of.reduce((n, part) => n + part[what], 0);
      const found = {
        rows: dataset.rowCount,
        groups: dataset.groupCount,
        fitRows: total(fit, 'rowCount'),
        fitGroups: total(fit, 'groupCount'),
        largestPart: Math.max(...parts.map(({ rowCount }) => rowCount)),
      };
      for (const name of ['rows', 'groups', 'fitRows', 'fitGroups', 'largestPart'] as const) {
        assert.ok(found[name] <= planned[name], `${name}: planned ${planned[name]}, found ${found[name]}`);
      }
      if (frame.maxRowsPerSplit > 0) seen.capped += 1;
      else if (found.rows === planned.rows && frame.rows.run.barsPerMinute === 1) {
        const { nMarket: _, nState: __, ...sizes } = planned;
        assert.deepEqual(found, sizes);
        seen.exact += 1;
        if (found.groups < found.rows) seen.ofFewerGroups += 1;
      }
    });
    assert.ok(
      Object.values(seen).every((times) => times > 0),
      JSON.stringify(seen),
    );
  });

  test('holds the rows of each side and split side by side, every row once', () => {
    forEachDataset(40, ({ run, frame, dataset }) => {
      const slow = slowStateFrame(run, frame);
      const placeOf = placesIn(frame);
      let nextRow = 0;
      let nextGroup = 0;
      SIDES.forEach((side, s) => {
        ALL_SPLITS.forEach((_, split) => {
          const part = dataset.parts[s]![split]!;
          const expected = new Set(slowPart(run, slow, side, split));
          assert.equal(part.number, s * ALL_SPLITS.length + split);
          assert.equal(part.firstRow, nextRow);
          assert.equal(part.firstGroup, nextGroup);
          assert.equal(part.rowCount, expected.size);
          for (const stateRow of stateRowsOf(dataset, part)) assert.ok(expected.delete(slow[placeOf.get(stateRow)!]!));
          assert.equal(expected.size, 0);
          nextRow += part.rowCount;
          nextGroup += part.groupCount;
        });
      });
      assert.equal(nextRow, dataset.rowCount);
      assert.equal(nextGroup, dataset.groupCount);
    });
  });

  test('has a group for each feature row and outcome, its rows in frame order', () => {
    let several = 0;
    let split = 0;
    forEachDataset(80, ({ run, frame, dataset }) => {
      const slow = slowStateFrame(run, frame);
      const placeOf = placesIn(frame);
      for (const part of dataset.parts.flat()) {
        const { first, target, label, nGroups } = partRows(dataset, part);
        const stateRows = stateRowsOf(dataset, part);
        const outcomes = new Set<string>();
        const featureRows = new Set<number>();
        assert.equal(first[0], 0);
        assert.equal(first[nGroups], part.rowCount);
        for (let g = 0; g < nGroups; g += 1) {
          assert.ok(first[g + 1]! > first[g]!, 'a group has rows');
          const places = Array.from(stateRows.subarray(first[g]!, first[g + 1]!), (row) => placeOf.get(row)!);
          assert.deepEqual(
            places,
            places.toSorted((a, b) => a - b),
          );
          for (const place of places) {
            const row = slow[place]!;
            assert.equal(row.featureRow, dataset.featureRow[part.firstGroup + g]);
            assert.equal(row.expectedContinueEdgeBps, target[g]);
            assert.equal(row.continueTarget, label[g]);
          }
          featureRows.add(dataset.featureRow[part.firstGroup + g]!);
          outcomes.add(`${dataset.featureRow[part.firstGroup + g]} ${target[g]} ${label[g]}`);
          if (places.length > 1) several += 1;
        }
        assert.equal(outcomes.size, nGroups, 'no two groups are one');
        split += nGroups - featureRows.size;
      }
    });
    assert.ok(several > 100, `only ${several} groups have several rows`);
    assert.ok(split > 3, `only ${split} feature rows have more than one outcome`);
  });

  test('has rows of 1, market features in model order, state features, zeros', () => {
    forEachDataset(20, ({ run, frame, dataset }) => {
      const slow = slowStateFrame(run, frame);
      const placeOf = placesIn(frame);
      const { nMarketFeatures, features, marketStride, stateStride } = dataset;
      assert.deepEqual(
        [...features],
        [...features].toSorted((a, b) => a - b),
      );
      assert.equal(nMarketFeatures, features.filter((feature) => feature < run.featureOrder.length).length);
      assert.equal(dataset.nFeatures, features.length);
      for (const part of dataset.parts.flat()) {
        const { market, state } = partRows(dataset, part);
        const stateRows = stateRowsOf(dataset, part);
        forEachRow(dataset, part, (row, group) => {
          const expected = slow[placeOf.get(stateRows[row]!)!]!;
          const shared = market.subarray(group * marketStride, (group + 1) * marketStride);
          const own = state.subarray(row * stateStride, (row + 1) * stateStride);
          assert.equal(shared[0], 1);
          features.forEach((feature, j) => {
            const name = STATE_FEATURES[feature - run.featureOrder.length];
            // Scores are compared where state rows are.
            if (name?.startsWith('entry_')) return;
            const value = j < nMarketFeatures ? shared[1 + j] : own[j - nMarketFeatures];
            const wanted =
              name === undefined ? run.features[expected.featureRow]!.values[feature] : expected.state[name];
            assert.equal(value, wanted, `row ${row}: ${name ?? run.featureOrder[feature]}`);
          });
          const behind = [
            ...shared.subarray(1 + nMarketFeatures),
            ...own.subarray(dataset.nFeatures - nMarketFeatures),
          ];
          assert.ok(behind.length < 8 && behind.every((value) => value === 0), 'what stands behind the features');
        });
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
    forEachDataset(30, ({ run, dataset }) => {
      for (const part of dataset.parts.flat()) {
        const dayOf = (group: number) =>
          Math.floor(run.features[dataset.featureRow[part.firstGroup + group]!]!.openTimeMs! / DAY_MS);
        const rowDays: number[] = [];
        forEachRow(dataset, part, (_, group) => {
          rowDays.push(dayOf(group));
          assert.equal(part.days[partRows(dataset, part).day[group]!], dayOf(group));
        });
        const days = [...new Set(rowDays)].sort((a, b) => a - b);
        assert.deepEqual([...part.days], days);
        assert.deepEqual(
          [...part.dayRowCounts],
          days.map((day) => rowDays.filter((other) => other === day).length),
        );
        if (days.length > 1) parts += 1;
      }
    });
    assert.ok(parts > 5, 'parts with rows on both sides of midnight');
  });

  test('is standardized by the fit rows of each side alone, the other splits by the same numbers', () => {
    forEachDataset(20, ({ dataset, memory }) => {
      const workspace = new Workspace(new SharedArena(memory, memory.buffer.byteLength / 2));
      SIDES.forEach((_, side) => {
        const parts = dataset.parts[side]!;
        if (parts[0]!.rowCount === 0) return;
        const before = parts.map((part) => plainRows(partRows(dataset, part)));
        const expected = fitScaler(workspace, partRows(dataset, parts[0]!));
        const scaler = standardizeSide(workspace, dataset, side);
        assert.deepEqual(scaler, expected);
        parts.forEach((part, split) => {
          const after = plainRows(partRows(dataset, part));
          before[split]!.forEach((row, i) => {
            const standardized = row.map((x, j) => Math.fround(Math.fround(x - scaler.mean[j]!) / scaler.scale[j]!));
            assert.deepEqual(after[i], standardized);
          });
        });
      });
    });
  });
});

/** The place of each state row in the frame. */
function placesIn({ order }: StateFrame): Map<number, number> {
  return new Map(Array.from(order, (stateRow, place) => [stateRow, place]));
}

function forEachRow(dataset: Dataset, part: Part, visit: (row: number, group: number) => void): void {
  const { first, nGroups } = partRows(dataset, part);
  for (let g = 0; g < nGroups; g += 1) for (let row = first[g]!; row < first[g + 1]!; row += 1) visit(row, g);
}

describe('a feature that hardly moves on the fit rows and leaps later', () => {
  test('is refused by its number and split, where float32 cannot hold the standardized value', () => {
    let refused = 0;
    forEachDataset(20, ({ dataset, memory }) => {
      const [fit, ...later] = dataset.parts[0]!;
      const split = later.findIndex((part) => part.rowCount > 0) + 1;
      if (fit!.groupCount < 2 || split === 0 || dataset.nMarketFeatures === 0) return;
      const { market, marketStride } = dataset;
      const cell = (group: number): number => group * marketStride + 1;
      for (let g = 0; g < fit!.groupCount; g += 1) market[cell(fit!.firstGroup + g)] = g % 2 === 0 ? 1e-30 : -1e-30;
      market[cell(dataset.parts[0]![split]!.firstGroup)] = 1e16;
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
  test('has a batch a side and split, a row a group, on the shared memory itself: no value is copied', () => {
    forEachDataset(5, ({ dataset, memory }) => {
      const table = datasetTable(dataset);
      assert.equal(datasetTable(dataset), table, 'one table a dataset');
      assert.equal(table.numRows, dataset.groupCount);
      assert.equal(table.batches.length, SIDES.length * ALL_SPLITS.length);
      for (const part of dataset.parts.flat()) {
        const batch = table.batches[part.number]!;
        assert.equal(batch.numRows, part.groupCount);
        for (const [name, view, depth] of [
          ['market', dataset.market.subarray(part.firstGroup * dataset.marketStride), 1],
          ['state', dataset.state.subarray(part.firstRow * dataset.stateStride), 2],
          ['state_row', dataset.stateRow.subarray(part.firstRow), 1],
          ['feature_row', dataset.featureRow.subarray(part.firstGroup), 0],
          ['expected_continue_edge_bps', dataset.expectedContinueEdgeBps.subarray(part.firstGroup), 0],
          ['continue_target', dataset.continueTarget.subarray(part.firstGroup), 0],
          ['day_index', dataset.dayIndex.subarray(part.firstGroup), 0],
        ] as const) {
          let data: Data = batch.getChild(name)!.data[0]!;
          assert.equal(data.nullCount, 0, name);
          for (let level = 0; level < depth; level += 1) data = data.children[0]!;
          assert.ok(Object.is(data.values.buffer, memory.buffer), name);
          assert.equal(data.values.byteOffset, view.byteOffset, name);
        }
      }
    });
  });

  test('shows a change of the matrix, and lists a group’s rows', () => {
    forEachDataset(5, ({ dataset }) => {
      const part = dataset.parts.flat().find(({ groupCount }) => groupCount > 0)!;
      const batch = datasetTable(dataset).batches[part.number]!;
      dataset.market[part.firstGroup * dataset.marketStride + 1] = 42.5;
      assert.equal(batch.getChild('market')!.get(0)!.get(1), 42.5);
      const { first } = partRows(dataset, part);
      const states = batch.getChild('state')!.get(0)!;
      assert.equal(states.length, first[1]);
      const rows = batch.getChild('state_row')!.get(0)!;
      assert.deepEqual([...rows], [...stateRowsOf(dataset, part).subarray(0, first[1])]);
      const { type } = batch.getChild('market')!;
      assert.ok(type instanceof FixedSizeList && type.listSize === dataset.marketStride);
      assert.ok(batch.getChild('state')!.type instanceof List);
    });
  });
});

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
