import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Timestamp, TimeUnit } from 'apache-arrow';
import { stateFrameTable, textVector } from '../../src/dataset/frame-table.ts';
import { STATE_FEATURES } from '../../src/dataset/state-features.ts';
import { frameOf, KEEP_ALL } from '../support/frame-of.ts';
import type { PlainRun } from '../support/plain-run.ts';
import { forEachSeed } from '../support/random.ts';
import { randomRun } from '../support/random-run.ts';
import { slowStateFrame } from './slow-state-frame.ts';

const SELECTION = { agesMinutes: [1, 3], ...KEEP_ALL };

describe('the state frame as an Arrow table', () => {
  test('has the seed’s columns in the seed’s order, and each row’s values, missing ones as null', () => {
    let nulls = 0;
    forEachSeed(30, (random) => {
      const run = randomRun(random);
      const expected = slowStateFrame(run, SELECTION);
      if (expected.length === 0) return;
      const table = stateFrameTable(frameOf(run, SELECTION).frame);
      assert.deepEqual(table.schema.names, [
        'sample_id',
        'symbol',
        'event_time',
        'open_time_ms',
        'position_side',
        'split_id',
        'walk_forward_fold',
        ...run.featureOrder,
        ...STATE_FEATURES,
        'continue_target',
        'expected_continue_edge_bps',
      ]);
      assert.equal(table.numRows, expected.length);
      const cell = (name: string, i: number): unknown => table.getChild(name)!.get(i);
      expected.forEach((row, i) => {
        const feature = run.features[row.featureRow]!;
        assert.equal(cell('sample_id', i), feature.sampleId);
        assert.equal(cell('symbol', i), feature.symbol);
        assert.equal(timeAt(table, i), feature.eventTimeNs);
        assert.equal(cell('open_time_ms', i), BigInt(feature.openTimeMs!));
        assert.equal(cell('position_side', i), row.side);
        assert.equal(cell('split_id', i), feature.split);
        assert.equal(cell('walk_forward_fold', i), feature.fold);
        run.featureOrder.forEach((name, j) => {
          assert.equal(cell(name, i), feature.values[j]);
        });
        assert.equal(cell('unrealized_pnl_bps', i), row.state.unrealized_pnl_bps);
        assert.equal(cell('minutes_since_last_add', i), 9999);
        assert.equal(cell('continue_target', i), row.continueTarget);
        assert.equal(cell('expected_continue_edge_bps', i), row.expectedContinueEdgeBps);
        if (feature.fold === null || feature.eventTimeNs === null) nulls += 1;
      });
    });
    assert.ok(nulls > 20, `only ${nulls} rows with a missing value`);
  });

  test('keeps times to the nanosecond where a time needs it, and writes microseconds otherwise', () => {
    forEachSeed(1, (random) => {
      const run = randomRun(random);
      const unit = (given: PlainRun) => {
        const { type } = stateFrameTable(frameOf(given, SELECTION).frame).getChild('event_time')!;
        return (type as Timestamp).unit;
      };
      assert.equal(unit(run), TimeUnit.MICROSECOND);
      const precise = run.features.map((row) => ({
        ...row,
        eventTimeNs: row.eventTimeNs === null ? null : row.eventTimeNs + 1n,
      }));
      assert.equal(unit({ ...run, features: precise }), TimeUnit.NANOSECOND);
    });
  });

  test('text columns hold any text, also none and empty text', () => {
    const texts = ['', 'LONG', 'żółw', '状态', '😀'];
    const codes = [4, -1, 0, 3, 2, 1, 4, -1];
    const vector = textVector(texts, Int32Array.from(codes));
    assert.deepEqual(
      [...vector],
      codes.map((code) => texts[code] ?? null),
    );
    assert.equal(vector.nullCount, 2);
  });
});

/** Arrow's own reading of a timestamp goes through milliseconds; the stored number does not. */
function timeAt(table: ReturnType<typeof stateFrameTable>, row: number): bigint | null {
  const vector = table.getChild('event_time')!;
  const [data] = vector.data;
  if (data === undefined) throw new Error('no data');
  if (!data.getValid(row)) return null;
  const values = data.values as BigInt64Array;
  return values[row]! * ((vector.type as Timestamp).unit === TimeUnit.MICROSECOND ? 1000n : 1n);
}
