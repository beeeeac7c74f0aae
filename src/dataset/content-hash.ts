import { createHash, type Hash } from 'node:crypto';
import { ALL_SPLITS, SIDES } from '../baseline/splits.ts';
import { TextPool } from '../baseline/text-pool.ts';
import { gatherBigInt64, gatherInt8, gatherInt32, gatherWholeNumbers } from './gather.ts';
import { STATE_FEATURES, STATE_STRIDE } from './state-features.ts';
import type { StateFrame } from './state-frame.ts';

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
  hashText(hash, features.sampleIds.pool, gatherInt32(features.sampleIds.codes, featureRows));
  hashText(hash, features.symbols.pool, gatherInt32(features.symbols.codes, featureRows));
  hashValues(hash, gatherBigInt64(features.eventTimesNs, featureRows));
  hashValues(hash, gatherWholeNumbers(features.openTimesMs, featureRows));
  hashText(hash, TextPool.of(SIDES), gatherInt32(rows.side, order));
  hashText(hash, TextPool.of(ALL_SPLITS), gatherInt32(features.splits, featureRows));
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

function hashText(hash: Hash, pool: TextPool, codes: Int32Array): void {
  const { bytes, offsets } = pool;
  let chunk = new Uint8Array(0);
  for (let start = 0; start < codes.length; start += CHUNK_ROWS) {
    const rows = codes.subarray(start, start + CHUNK_ROWS);
    let size = 0;
    for (let i = 0; i < rows.length; i += 1) {
      const code = rows[i]!;
      size += 4 + (code < 0 ? 0 : offsets[code + 1]! - offsets[code]!);
    }
    if (chunk.length < size) chunk = new Uint8Array(2 * size);
    let at = 0;
    for (let i = 0; i < rows.length; i += 1) {
      const code = rows[i]!;
      const from = code < 0 ? 0 : offsets[code]!;
      const end = code < 0 ? 0 : offsets[code + 1]!;
      // A null is a length that no text has.
      const length = code < 0 ? 0xffffffff : end - from;
      chunk[at] = length;
      chunk[at + 1] = length >>> 8;
      chunk[at + 2] = length >>> 16;
      chunk[at + 3] = length >>> 24;
      at += 4;
      // A loop: the texts are short, and a subarray would cost more than its bytes.
      for (let j = from; j < end; j += 1, at += 1) chunk[at] = bytes[j]!;
    }
    hash.update(chunk.subarray(0, size));
  }
}

function hashNumbers(hash: Hash, { rows, order }: StateFrame): void {
  const { marketFeatures, stateFeatures, expectedContinueEdgeBps, featureRow } = rows;
  const nFeatures = rows.run.features.featureOrder.length;
  const width = nFeatures + STATE_STRIDE + 1;
  const chunk = new Float32Array(CHUNK_ROWS * width);
  for (let start = 0; start < order.length; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, order.length);
    let to = 0;
    for (let i = start; i < end; i += 1) {
      const row = order[i]!;
      const market = featureRow[row]! * nFeatures;
      const state = row * STATE_STRIDE;
      for (let j = 0; j < nFeatures; j += 1) chunk[to++] = marketFeatures[market + j]!;
      for (let j = 0; j < STATE_STRIDE; j += 1) chunk[to++] = stateFeatures[state + j]!;
      chunk[to++] = expectedContinueEdgeBps[row]!;
    }
    hash.update(new Uint8Array(chunk.buffer, 0, to * 4));
  }
}
