import { createHash, type Hash } from 'node:crypto';
import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { gatherBigInt64, gatherInt8, gatherInt32, gatherWholeNumbers } from './gather.ts';
import { STATE_FEATURES } from './state-features.ts';
import { type StateFrame, splitOf } from './state-frame.ts';
import { STATE_STRIDE } from './state-rows.ts';

const FORMAT = 'state-frame-v1';
/** Rows hashed at a time. */
const CHUNK_ROWS = 4096;

/**
 * SHA-256 of a state frame's content: names, types and values, in order. Equal data give an equal hash on every
 * machine, whatever file and column types they came from.
 *
 * Hashed, little-endian: a JSON line with format, row count, column names and types; then for text columns each row's
 * UTF-8 length (uint32) and bytes; event times as int64 ns; open times as int64 ms; folds as int32 (null as −2³¹);
 * targets as uint8; then row by row the float32 values of market features, state features and edge, side by side.
 */
export function contentHash(frame: StateFrame): string {
  const { rows, order } = frame;
  const { features } = rows.run;
  const hash = createHash('sha256');
  hash.update(`${JSON.stringify({ format: FORMAT, rows: order.length, columns: columnTypes(frame) })}\n`);
  const featureRows = gatherInt32(rows.featureRow, order);
  hashText(hash, features.sampleIds.values, (i) => features.sampleIds.codes[featureRows[i]!]!, order.length);
  hashText(hash, features.symbols.values, (i) => features.symbols.codes[featureRows[i]!]!, order.length);
  hashValues(hash, gatherBigInt64(features.eventTimesNs, featureRows));
  hashValues(hash, gatherWholeNumbers(features.openTimesMs, featureRows));
  hashText(hash, SIDES, (i) => rows.side[order[i]!]!, order.length);
  hashText(hash, ALL_SPLITS, (i) => splitOf(rows, order[i]!), order.length);
  hashValues(hash, gatherInt32(missingAsMinimum(features.folds), featureRows));
  hashValues(hash, gatherInt8(rows.continueTarget, order));
  hashNumbers(hash, frame);
  return hash.digest('hex');
}

function columnTypes(frame: StateFrame): [string, string][] {
  const float = (name: string): [string, string] => [name, 'float32'];
  return [
    ['sample_id', 'text'],
    ['symbol', 'text'],
    ['event_time', 'timestamp_ns_utc'],
    ['open_time_ms', 'int64'],
    ['position_side', 'text'],
    ['split_id', 'text'],
    ['walk_forward_fold', 'int32'],
    ['continue_target', 'uint8'],
    ...frame.rows.run.features.featureOrder.map(float),
    ...STATE_FEATURES.map(float),
    float('expected_continue_edge_bps'),
  ];
}

function hashValues(hash: Hash, values: BigInt64Array | Int32Array | Int8Array): void {
  hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** Folds are small whole numbers; the least int32 stands for a missing one. */
function missingAsMinimum(values: Float64Array): Float64Array {
  return values.map((value) => (Number.isNaN(value) ? -(2 ** 31) : value));
}

function hashText(hash: Hash, values: readonly string[], codeOf: (i: number) => number, count: number): void {
  // Length and bytes of each distinct value, encoded once; a null is a length that no text has.
  const encoded = values.map((value) => lengthAndBytes(new TextEncoder().encode(value)));
  const missing = new Uint8Array([255, 255, 255, 255]);
  for (let start = 0; start < count; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, count);
    let size = 0;
    for (let i = start; i < end; i += 1) size += (encoded[codeOf(i)] ?? missing).length;
    const chunk = new Uint8Array(size);
    let at = 0;
    for (let i = start; i < end; i += 1) {
      const bytes = encoded[codeOf(i)] ?? missing;
      chunk.set(bytes, at);
      at += bytes.length;
    }
    hash.update(chunk);
  }
}

function lengthAndBytes(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(4 + bytes.length);
  new DataView(out.buffer).setUint32(0, bytes.length, true);
  out.set(bytes, 4);
  return out;
}

function hashNumbers(hash: Hash, frame: StateFrame): void {
  const { rows, order } = frame;
  const nFeatures = rows.run.features.featureOrder.length;
  const width = nFeatures + STATE_STRIDE + 1;
  const chunk = new Float32Array(CHUNK_ROWS * width);
  for (let start = 0; start < order.length; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, order.length);
    let to = 0;
    for (let i = start; i < end; i += 1) {
      const row = order[i]!;
      const market = rows.featureRow[row]! * nFeatures;
      const state = row * STATE_STRIDE;
      for (let j = 0; j < nFeatures; j += 1) chunk[to++] = rows.marketFeatures[market + j]!;
      for (let j = 0; j < STATE_STRIDE; j += 1) chunk[to++] = rows.stateFeatures[state + j]!;
      chunk[to++] = rows.expectedContinueEdgeBps[row]!;
    }
    hash.update(new Uint8Array(chunk.buffer, 0, to * 4));
  }
}
