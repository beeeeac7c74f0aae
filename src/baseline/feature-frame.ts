import type { Vector } from 'apache-arrow';
import { UserError } from '../user-error.ts';
import { type CodedStrings, copyNumbers, numberColumn } from './columns.ts';
import { integers, readInto, requireColumns, texts, times } from './frame-reading.ts';
import { LARGEST_NUMBER, requireInRange } from './number-range.ts';
import { type OpenParquet, openParquet } from './parquet-file.ts';
import type { RunPaths } from './run-files.ts';
import { rowsOf, selectNumbers, selectTexts, selectTimes } from './select-rows.ts';
import { ALL_SPLITS } from './splits.ts';

/** Feature rows of usable quality in one of the four splits, in the file's order. */
export type FeatureFrame = {
  readonly rowCount: number;
  readonly sampleIds: CodedStrings;
  readonly symbols: CodedStrings;
  /** (rowCount) ns since 1970-01-01 UTC */
  readonly eventTimesNs: BigInt64Array;
  /** (rowCount) ms since 1970-01-01 UTC; NaN where null */
  readonly openTimesMs: Float64Array;
  /** (rowCount) index into ALL_SPLITS */
  readonly splits: Uint8Array;
  /** (rowCount) NaN where null */
  readonly folds: Float64Array;
  /** Market features in model order. */
  readonly featureOrder: readonly string[];
  /**
   * Reads every row's market features as float32 into `target`, rows `stride` apart; null becomes NaN.
   *
   * @throws UserError naming column, row and value for a finite one beyond `LARGEST_NUMBER`
   */
  readFeatures(target: Float32Array, stride: number): Promise<void>;
};

/** Quality flags of feature rows that take part. */
const USABLE_FLAGS = ['OK', 'PARTIAL_OPTIONAL'];

const SPLIT_NAMES: readonly string[] = ALL_SPLITS;

const KEYS = [
  'sample_id',
  'symbol',
  'event_time',
  'open_time_ms',
  'split_id',
  'walk_forward_fold',
  'data_quality_flag',
];

export async function readFeatureFrame(paths: RunPaths, featureOrder: readonly string[]): Promise<FeatureFrame> {
  const name = paths.name('featureFrame');
  const file = await openParquet(paths.path('featureFrame'), name);
  const found = featureOrder.filter((column) => file.columns.includes(column)).length;
  requireColumns(file, [...KEYS, ...featureOrder], `${found} of ${featureOrder.length} market features found`);
  // Types are checked here, so that reading the features later can fail by a value only.
  file.types(featureOrder, (j, none) => numberColumn(none, `${name}: column ${featureOrder[j]}`));

  const flags = texts(file);
  const splitIds = texts(file);
  await readInto(file, { data_quality_flag: flags, split_id: splitIds });
  const isUsable = flags.values.pool.texts().map((flag) => USABLE_FLAGS.includes(flag));
  const splitOf = splitIds.values.pool.texts().map((split) => SPLIT_NAMES.indexOf(split));
  const isKept = new Uint8Array(file.rowCount);
  for (let i = 0; i < isKept.length; i += 1) {
    const split = splitOf[splitIds.values.codes[i]!] ?? -1;
    if (split >= 0 && isUsable[flags.values.codes[i]!] === true) isKept[i] = 1;
  }
  const rows = rowsOf(isKept);
  const splits = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) splits[i] = splitOf[splitIds.values.codes[rows[i]!]!]!;

  const sampleIds = texts(file, isKept);
  const symbols = texts(file, isKept);
  const eventTimes = times(file);
  const openTimes = integers(file);
  const folds = integers(file);
  await readInto(file, {
    sample_id: sampleIds,
    symbol: symbols,
    event_time: eventTimes,
    open_time_ms: openTimes,
    walk_forward_fold: folds,
  });
  return {
    rowCount: rows.length,
    sampleIds: selectTexts(sampleIds.values, rows),
    symbols: selectTexts(symbols.values, rows),
    eventTimesNs: selectTimes(eventTimes.values, rows),
    openTimesMs: selectNumbers(openTimes.values, rows),
    splits,
    folds: int32Folds(selectNumbers(folds.values, rows), name),
    featureOrder,
    readFeatures: (target, stride) => readFeatures(file, featureOrder, rows, target, stride),
  };
}

/** Folds are written as int32. */
function int32Folds(folds: Float64Array, name: string): Float64Array {
  const large = folds.find((fold) => Math.abs(fold) >= 2 ** 31);
  if (large === undefined) return folds;
  throw new UserError(`${name}: column walk_forward_fold: expected numbers below 2147483648, got ${large}`);
}

/** @param rows rows of the file that are kept, ascending: the i-th is row i of `target` */
async function readFeatures(
  file: OpenParquet,
  featureOrder: readonly string[],
  rows: Int32Array,
  target: Float32Array,
  stride: number,
): Promise<void> {
  let piece = new Float32Array(0);
  const nextRow = new Int32Array(featureOrder.length);
  await file.read(featureOrder, (j, firstRow, values) => {
    const where = `${file.name}: column ${featureOrder[j]}`;
    if (piece.length < values.length) piece = new Float32Array(values.length);
    copyNumbers(values, where, piece, 1, 0);
    const endRow = firstRow + values.length;
    let isOutside = false;
    let i = nextRow[j]!;
    for (; i < rows.length && rows[i]! < endRow; i += 1) {
      const value = piece[rows[i]! - firstRow]!;
      isOutside ||= Math.abs(value) > LARGEST_NUMBER;
      target[i * stride + j] = value;
    }
    if (isOutside) requireRowsInRange(values, where, firstRow, rows.subarray(nextRow[j]!, i));
    nextRow[j] = i;
  });
}

/** Looks at the file's own numbers: a float64 that float32 rounds to infinity is none there. */
function requireRowsInRange(vector: Vector, where: string, firstRow: number, rows: Int32Array): void {
  const values = numberColumn(vector, where);
  for (const row of rows) requireInRange(values[row - firstRow]!, () => `${where}, row ${row}`);
}
