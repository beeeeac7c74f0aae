import {
  Float32,
  Int8,
  Int32,
  Int64,
  makeData,
  makeVector,
  Table,
  Timestamp,
  TimeUnit,
  type TypeMap,
  Utf8,
  type Vector,
} from 'apache-arrow';
import { NULL_TIME } from '../baseline/null-time.ts';
import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { TextPool } from '../baseline/text-pool.ts';
import { gatherBigInt64, gatherFloat32, gatherInt8, gatherInt32, gatherWholeNumbers } from './gather.ts';
import { STATE_FEATURES, STATE_STRIDE } from './state-features.ts';
import type { StateFrame } from './state-frame.ts';

/** The state frame as an Arrow table, the seed's columns in the seed's order. */
export function stateFrameTable(frame: StateFrame): Table<TypeMap> {
  const { rows, order } = frame;
  const { featureOrder } = rows.run.features;
  const featureRows = gatherInt32(rows.featureRow, order);
  const marketColumn = (j: number) => gatherFloat32(rows.marketFeatures, featureRows, featureOrder.length, j);
  const columns: Record<string, Vector> = {
    ...identityColumns(frame, order),
    ...Object.fromEntries(featureOrder.map((name, j) => [name, float32Vector(marketColumn(j))])),
    ...Object.fromEntries(STATE_FEATURES.map((name, j) => [name, stateColumn(frame, j)])),
    continue_target: int8Vector(gatherInt8(rows.continueTarget, order)),
    expected_continue_edge_bps: float32Vector(gatherFloat32(rows.expectedContinueEdgeBps, order)),
  };
  return new Table(columns);
}

/** sample_id, symbol, event_time, open_time_ms, position_side, split_id, walk_forward_fold of some state rows. */
export function identityColumns(frame: StateFrame, stateRows: Int32Array): Record<string, Vector> {
  const { rows } = frame;
  const { features } = rows.run;
  const featureRows = gatherInt32(rows.featureRow, stateRows);
  const openTimes = gatherWholeNumbers(features.openTimesMs, featureRows);
  return {
    sample_id: pooledTextVector(features.sampleIds.pool, gatherInt32(features.sampleIds.codes, featureRows)),
    symbol: pooledTextVector(features.symbols.pool, gatherInt32(features.symbols.codes, featureRows)),
    event_time: timeVector(gatherBigInt64(features.eventTimesNs, featureRows)),
    open_time_ms: makeVector(makeData({ type: new Int64(), length: openTimes.length, nullCount: 0, data: openTimes })),
    position_side: textVector(SIDES, gatherInt32(rows.side, stateRows)),
    split_id: textVector(ALL_SPLITS, gatherInt32(features.splits, featureRows)),
    walk_forward_fold: nullableInt32(features.folds, featureRows),
  };
}

/** Column j of the state features, for all rows of the frame or for some state rows. */
export function stateColumn(frame: StateFrame, j: number, stateRows = frame.order): Vector {
  return float32Vector(gatherFloat32(frame.rows.stateFeatures, stateRows, STATE_STRIDE, j));
}

export function float32Vector(values: Float32Array): Vector {
  return makeVector(makeData({ type: new Float32(), length: values.length, nullCount: 0, data: values }));
}

export function int8Vector(values: Int8Array): Vector {
  return makeVector(makeData({ type: new Int8(), length: values.length, nullCount: 0, data: values }));
}

/** A text column: row i holds values[codes[i]], or null where the code is negative. */
export function textVector(values: readonly string[], codes: Int32Array): Vector {
  return pooledTextVector(TextPool.of(values), codes);
}

function pooledTextVector(pool: TextPool, codes: Int32Array): Vector {
  const offsets = new Int32Array(codes.length + 1);
  let nullCount = 0;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i]!;
    if (code < 0) nullCount += 1;
    offsets[i + 1] = offsets[i]! + (code < 0 ? 0 : pool.sizeBytes(code));
  }
  const data = new Uint8Array(offsets[codes.length]!);
  for (let i = 0; i < codes.length; i += 1) if (codes[i]! >= 0) pool.copyTo(codes[i]!, data, offsets[i]!);
  const nullBitmap = nullCount > 0 ? bitmap(codes.length, (i) => codes[i]! >= 0) : undefined;
  return makeVector(
    makeData({ type: new Utf8(), length: codes.length, nullCount, nullBitmap, valueOffsets: offsets, data }),
  );
}

/** UTC timestamps in microseconds, or in nanoseconds where a time needs them. */
function timeVector(timesNs: BigInt64Array): Vector {
  const isWhole = timesNs.every((time) => time % 1000n === 0n || time === NULL_TIME);
  const divisor = isWhole ? 1000n : 1n;
  const type = new Timestamp(isWhole ? TimeUnit.MICROSECOND : TimeUnit.NANOSECOND, 'UTC');
  const data = new BigInt64Array(timesNs.length);
  let nullCount = 0;
  for (let i = 0; i < timesNs.length; i += 1) {
    if (timesNs[i] === NULL_TIME) nullCount += 1;
    else data[i] = timesNs[i]! / divisor;
  }
  const nullBitmap = nullCount > 0 ? bitmap(timesNs.length, (i) => timesNs[i] !== NULL_TIME) : undefined;
  return makeVector(makeData({ type, length: timesNs.length, nullCount, nullBitmap, data }));
}

function nullableInt32(values: Float64Array, rows: Int32Array): Vector {
  const data = new Int32Array(rows.length);
  let nullCount = 0;
  rows.forEach((row, i) => {
    if (Number.isNaN(values[row]!)) nullCount += 1;
    else data[i] = values[row]!;
  });
  const nullBitmap = nullCount > 0 ? bitmap(rows.length, (i) => !Number.isNaN(values[rows[i]!]!)) : undefined;
  return makeVector(makeData({ type: new Int32(), length: rows.length, nullCount, nullBitmap, data }));
}

function bitmap(length: number, isValid: (i: number) => boolean): Uint8Array {
  const bits = new Uint8Array(Math.ceil(length / 8));
  for (let i = 0; i < length; i += 1) if (isValid(i)) bits[i >> 3]! |= 1 << (i & 7);
  return bits;
}
