import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Table, Vector } from 'apache-arrow';
import { UserError } from '../user-error.ts';
import { type CodedStrings, copyNumbers, integerColumn, numberColumn, stringColumn, timeColumn } from './columns.ts';
import { type FrozenHead, readFrozenHeads } from './frozen-weights.ts';
import { asObject, describe, numberAt, readJson } from './json-file.ts';
import { NULL_TIME } from './null-time.ts';
import { LARGEST_NUMBER, requireInRange, requirePriceInRange } from './number-range.ts';
import { type OpenParquet, openParquet } from './parquet-file.ts';
import { runFolder } from './run-folder.ts';
import { shortName } from './short-name.ts';
import { ALL_SPLITS } from './splits.ts';

/** Market features that the state features are made from; every baseline run has to have them. */
export const REQUIRED_MARKET_FEATURES = [
  'ret_1m_bps',
  'ret_5m_bps',
  'taker_imbalance_1m',
  'taker_imbalance_5m',
  'book_microprice_basis_bps',
  'book_pressure_taker_1m',
  'book_pressure_taker_5m',
] as const;

/** Quality flags of feature rows that take part. */
const USABLE_FLAGS = ['OK', 'PARTIAL_OPTIONAL'];

const SPLIT_NAMES: readonly string[] = ALL_SPLITS;

/** Feature rows of usable quality in one of the four splits, in the file's order. */
export type FeatureFrame = {
  readonly rowCount: number;
  /** (rowCount) row numbers in the file */
  readonly fileRows: Int32Array;
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
   * Writes every row's market features as float32 into `target`, rows `stride` apart; null becomes NaN.
   *
   * @throws UserError naming column, row and value for a finite one beyond `LARGEST_NUMBER`
   */
  copyFeatures(target: Float32Array, stride: number): void;
};

/** Entry labels with entry_target 1 and a side, in the file's order. */
export type EntryFrame = {
  readonly rowCount: number;
  readonly sampleIds: CodedStrings;
  readonly symbols: CodedStrings;
  /** (rowCount) 0 LONG, 1 SHORT */
  readonly sides: Uint8Array;
  /** (rowCount) floor of the entry's event time, ms since 1970-01-01 UTC; NaN where null */
  readonly openTimesMs: Float64Array;
};

/** Bars as the file has them. Prices are NaN where null. */
export type ReplayFrame = {
  readonly rowCount: number;
  readonly symbols: CodedStrings;
  readonly openTimesMs: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
};

export type PricePlan = { readonly stopBps: number; readonly targetBps: number; readonly costBps: number };
export type ContinueLabel = { readonly horizonMinutes: number; readonly minExpectedContinueEdgeBps: number };

export type FrozenModels = {
  readonly direction: FrozenHead;
  readonly longExpectedNetEdgeBps: FrozenHead;
  readonly shortExpectedNetEdgeBps: FrozenHead;
};

/** What the report quotes of the baseline's own continue heads. */
export type BaselineContinueMetrics = {
  readonly longAuc: number | null;
  readonly shortAuc: number | null;
  readonly longMaeRatio: number | null;
  readonly shortMaeRatio: number | null;
};

export type BaselineRun = {
  readonly runId: string;
  readonly root: string;
  readonly features: FeatureFrame;
  readonly entries: EntryFrame;
  readonly replay: ReplayFrame;
  readonly pricePlan: PricePlan;
  readonly continueLabel: ContinueLabel;
  readonly frozenModels: FrozenModels;
  readonly continueMetrics: BaselineContinueMetrics;
};

/**
 * Reads a baseline run and checks it against the contract, file by file.
 *
 * @param featureOrderFile a JSON array of market feature names, instead of the run's own feature/feature_order.json
 * @throws UserError naming file, column and remedy
 */
export async function readBaselineRun(
  dataRoot: string,
  runId: string,
  featureOrderFile?: string,
): Promise<BaselineRun> {
  const root = runFolder(dataRoot, runId);
  if (!existsSync(root)) {
    throw new UserError(`baseline run ${runId}: there is no folder ${root}. Check the data root and the run's id.`);
  }
  const featureOrder = await readFeatureOrder(root, featureOrderFile);
  const pricePlan = await readPricePlan(root);
  const continueLabel = await readContinueLabel(root);
  const continueMetrics = await readContinueMetrics(root);
  const frozenModels = await readFrozenModels(root, featureOrder.length);
  const features = await readFeatureFrame(root, featureOrder);
  const entries = await readEntryFrame(root);
  const replay = await readReplayFrame(root);
  return { runId, root, features, entries, replay, pricePlan, continueLabel, frozenModels, continueMetrics };
}

async function readFeatureOrder(root: string, file: string | undefined): Promise<string[]> {
  const name = file ?? 'feature/feature_order.json';
  let value: unknown;
  try {
    value = await readJson(file ?? join(root, name), name);
  } catch (error) {
    if (error instanceof UserError && file === undefined) {
      throw new UserError(`${error.message}. Or name the market features in model order with --feature-order FILE.`, {
        cause: error,
      });
    }
    throw error;
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every((item) => typeof item === 'string' && item !== '')) {
    throw new UserError(`${name}: expected a JSON array of feature names, got ${describe(value)}`);
  }
  const names: string[] = value;
  const duplicate = names.find((item, index) => names.indexOf(item) !== index);
  if (duplicate !== undefined) throw new UserError(`${name}: feature ${describe(duplicate)} stands twice`);
  const missing = REQUIRED_MARKET_FEATURES.filter((feature) => !names.includes(feature));
  if (missing.length > 0) {
    throw new UserError(
      `${name}: market feature ${missing.join(', ')} is missing; the state features are made from it`,
    );
  }
  return names;
}

async function readPricePlan(root: string): Promise<PricePlan> {
  const name = 'label/price_plan_context.json';
  const plan = asObject(await readJson(join(root, name), name), name);
  const bps = (key: string, minimum?: number): number => {
    const value = numberAt(plan, key, name, minimum);
    requireInRange(value, () => `${name}: ${key}`);
    return value;
  };
  return {
    stopBps: bps('stopDistanceBps', 0),
    targetBps: bps('targetDistanceBps', 0),
    costBps: bps('costBps'),
  };
}

const DEFAULT_CONTINUE_LABEL: ContinueLabel = { horizonMinutes: 15, minExpectedContinueEdgeBps: 5 };

async function readContinueLabel(root: string): Promise<ContinueLabel> {
  const name = 'label/label_config.json';
  let value: unknown;
  try {
    value = await readJson(join(root, name), name);
  } catch (error) {
    if (error instanceof UserError && isMissing(error.cause)) return DEFAULT_CONTINUE_LABEL;
    throw error;
  }
  const config = asObject(value, name);
  if (config.continue === undefined) return DEFAULT_CONTINUE_LABEL;
  const label = asObject(config.continue, `${name}: continue`);
  const horizonMinutes =
    label.horizon_minutes === undefined
      ? DEFAULT_CONTINUE_LABEL.horizonMinutes
      : numberAt(label, 'horizon_minutes', `${name}: continue`, 1);
  if (!Number.isInteger(horizonMinutes)) {
    throw new UserError(`${name}: continue.horizon_minutes: expected whole minutes, got ${horizonMinutes}`);
  }
  const minExpectedContinueEdgeBps =
    label.min_expected_continue_edge_bps === undefined
      ? DEFAULT_CONTINUE_LABEL.minExpectedContinueEdgeBps
      : numberAt(label, 'min_expected_continue_edge_bps', `${name}: continue`);
  return { horizonMinutes, minExpectedContinueEdgeBps };
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

async function readContinueMetrics(root: string): Promise<BaselineContinueMetrics> {
  const name = 'model/model_train_manifest.json';
  const manifest = asObject(await readJson(join(root, name), name), name);
  const metrics = asObject(asObject(manifest.CONTINUE, `${name}: CONTINUE`).metrics, `${name}: CONTINUE.metrics`);
  const quoted = (head: string, key: string): number | null => {
    const value = asObject(metrics[head], `${name}: CONTINUE.metrics.${head}`)[key];
    if (value === undefined || value === null) return null;
    if (typeof value !== 'number') {
      throw new UserError(`${name}: CONTINUE.metrics.${head}.${key}: expected a number, got ${describe(value)}`);
    }
    return value;
  };
  return {
    longAuc: quoted('long_continue_prob', 'auc'),
    shortAuc: quoted('short_continue_prob', 'auc'),
    longMaeRatio: quoted('long_expected_continue_edge_bps', 'mae_vs_constant_ratio'),
    shortMaeRatio: quoted('short_expected_continue_edge_bps', 'mae_vs_constant_ratio'),
  };
}

async function readFrozenModels(root: string, nFeatures: number): Promise<FrozenModels> {
  const directionName = 'model/direction/direction.onnx';
  const entryName = 'model/entry/entry.onnx';
  const direction = await readFrozenHeads(join(root, directionName), directionName, nFeatures, { direction: 3 });
  // The two probability heads are not used, but a model without them is not the model that the contract names.
  const entry = await readFrozenHeads(join(root, entryName), entryName, nFeatures, {
    long_entry_prob: 1,
    short_entry_prob: 1,
    long_expected_net_edge_bps: 1,
    short_expected_net_edge_bps: 1,
  });
  return {
    direction: direction.direction!,
    longExpectedNetEdgeBps: entry.long_expected_net_edge_bps!,
    shortExpectedNetEdgeBps: entry.short_expected_net_edge_bps!,
  };
}

async function readFeatureFrame(root: string, featureOrder: readonly string[]): Promise<FeatureFrame> {
  const name = 'feature/feature_frame.parquet';
  const keys = [
    'sample_id',
    'symbol',
    'event_time',
    'open_time_ms',
    'split_id',
    'walk_forward_fold',
    'data_quality_flag',
  ];
  const file = await openParquet(join(root, name), name);
  const found = featureOrder.filter((column) => file.schema.names.includes(column)).length;
  const table = await readColumns(
    file,
    [...keys, ...featureOrder],
    `${found} of ${featureOrder.length} market features found`,
  );
  const flags = stringColumn(column(table, 'data_quality_flag'), `${name}: column data_quality_flag`);
  const splitIds = stringColumn(column(table, 'split_id'), `${name}: column split_id`);
  const usable = flags.pool.texts().map((flag) => USABLE_FLAGS.includes(flag));
  const splitOf = splitIds.pool.texts().map((split) => SPLIT_NAMES.indexOf(split));
  const kept: number[] = [];
  for (let i = 0; i < table.numRows; i += 1) {
    if (usable[flags.codes[i]!] === true && (splitOf[splitIds.codes[i]!] ?? -1) >= 0) kept.push(i);
  }
  const fileRows = Int32Array.from(kept);
  const featureVectors = featureOrder.map((feature) => column(table, feature));
  featureVectors.forEach((vector, j) => {
    // Types are checked here, so that copying later can fail by a value only.
    copyNumbers(vector.slice(0, 0), `${name}: column ${featureOrder[j]}`, new Float32Array(0), 1, 0);
  });
  return {
    rowCount: fileRows.length,
    fileRows,
    sampleIds: select(stringColumn(column(table, 'sample_id'), `${name}: column sample_id`), fileRows),
    symbols: select(stringColumn(column(table, 'symbol'), `${name}: column symbol`), fileRows),
    eventTimesNs: selectTimes(timeColumn(column(table, 'event_time'), `${name}: column event_time`), fileRows),
    openTimesMs: selectNumbers(integerColumn(column(table, 'open_time_ms'), `${name}: column open_time_ms`), fileRows),
    splits: Uint8Array.from(fileRows, (row) => splitOf[splitIds.codes[row]!]!),
    folds: selectFolds(table, name, fileRows),
    featureOrder,
    copyFeatures: (target, stride) => {
      const whole = new Float32Array(table.numRows);
      featureVectors.forEach((vector, j) => {
        const where = `${name}: column ${featureOrder[j]}`;
        copyNumbers(vector, where, whole, 1, 0);
        let isOutside = false;
        for (let i = 0; i < fileRows.length; i += 1) {
          const value = whole[fileRows[i]!]!;
          isOutside ||= Math.abs(value) > LARGEST_NUMBER;
          target[i * stride + j] = value;
        }
        if (isOutside) requireColumnInRange(vector, where, fileRows);
      });
    },
  };
}

/** Looks at the file's own numbers: a float64 that float32 rounds to infinity is none there. */
function requireColumnInRange(vector: Vector, where: string, rows: Int32Array): void {
  const values = numberColumn(vector, where);
  for (const row of rows) requireInRange(values[row]!, () => `${where}, row ${row}`);
}

async function readEntryFrame(root: string): Promise<EntryFrame> {
  const name = 'label/entry_labels.parquet';
  const file = await openParquet(join(root, name), name);
  const required = ['sample_id', 'symbol', 'event_time', 'side', 'entry_target', 'split_id', 'walk_forward_fold'];
  requireColumns(file, required, '');
  const table = await file.read(['sample_id', 'symbol', 'event_time', 'side', 'entry_target']);
  const sides = stringColumn(column(table, 'side'), `${name}: column side`);
  const sideOf = sides.pool.texts().map((side) => ['LONG', 'SHORT'].indexOf(side));
  const targets = numberColumn(column(table, 'entry_target'), `${name}: column entry_target`);
  const kept: number[] = [];
  for (let i = 0; i < table.numRows; i += 1) if (targets[i] === 1 && (sideOf[sides.codes[i]!] ?? -1) >= 0) kept.push(i);
  const rows = Int32Array.from(kept);
  const times = timeColumn(column(table, 'event_time'), `${name}: column event_time`);
  return {
    rowCount: rows.length,
    sampleIds: select(stringColumn(column(table, 'sample_id'), `${name}: column sample_id`), rows),
    symbols: select(stringColumn(column(table, 'symbol'), `${name}: column symbol`), rows),
    sides: Uint8Array.from(rows, (row) => sideOf[sides.codes[row]!]!),
    openTimesMs: Float64Array.from(rows, (row) => floorMs(times[row]!)),
  };
}

async function readReplayFrame(root: string): Promise<ReplayFrame> {
  const manifestName = 'split/split_manifest.json';
  const manifest = asObject(await readJson(join(root, manifestName), manifestName), manifestName);
  const source = manifest.source_replay_path;
  if (typeof source !== 'string' || source === '') {
    throw new UserError(`${manifestName}: source_replay_path: expected a path, got ${describe(source)}`);
  }
  const name = `replay ${source}`;
  const file = await openParquet(isAbsolute(source) ? source : join(root, source), name);
  requireColumns(file, ['symbol', 'event_time', 'open_time_ms', 'high', 'low', 'close', 'spread_bps'], '');
  const table = await file.read(['symbol', 'open_time_ms', 'high', 'low', 'close']);
  const prices = (key: string): Float64Array => {
    const values = numberColumn(column(table, key), `${name}: column ${key}`);
    for (let row = 0; row < values.length; row += 1) {
      requirePriceInRange(values[row]!, () => `${name}: column ${key}, row ${row}`);
    }
    return values;
  };
  return {
    rowCount: table.numRows,
    symbols: stringColumn(column(table, 'symbol'), `${name}: column symbol`),
    openTimesMs: integerColumn(column(table, 'open_time_ms'), `${name}: column open_time_ms`),
    high: prices('high'),
    low: prices('low'),
    close: prices('close'),
  };
}

async function readColumns(file: OpenParquet, columns: readonly string[], found: string): Promise<Table> {
  requireColumns(file, columns, found);
  return file.read(columns);
}

function requireColumns(file: OpenParquet, columns: readonly string[], found: string): void {
  const names = new Set<string>(file.schema.names.map(String));
  const missing = columns.filter((name) => !names.has(name)).map(shortName);
  if (missing.length === 0) return;
  const list =
    missing.length > 4 ? `${missing.slice(0, 4).join(', ')} and ${missing.length - 4} more` : missing.join(', ');
  const hint = found === '' ? `it has ${[...names].slice(0, 8).map(shortName).join(', ')}` : found;
  throw new UserError(`${file.name}: column ${list} is missing (${hint})`);
}

function column(table: Table, name: string): Vector {
  const vector = table.getChild(name);
  if (vector === null) throw new Error(`column ${name} was asked for and not read`);
  return vector;
}

function select(strings: CodedStrings, rows: Int32Array): CodedStrings {
  const codes = new Int32Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) codes[i] = strings.codes[rows[i]!]!;
  return { codes, pool: strings.pool };
}

function selectNumbers(numbers: Float64Array, rows: Int32Array): Float64Array {
  const out = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = numbers[rows[i]!]!;
  return out;
}

/** Folds are written as int32. */
function selectFolds(table: Table, name: string, rows: Int32Array): Float64Array {
  const where = `${name}: column walk_forward_fold`;
  const folds = selectNumbers(integerColumn(column(table, 'walk_forward_fold'), where), rows);
  const large = folds.find((fold) => Math.abs(fold) >= 2 ** 31);
  if (large !== undefined) throw new UserError(`${where}: expected numbers below 2147483648, got ${large}`);
  return folds;
}

function selectTimes(times: BigInt64Array, rows: Int32Array): BigInt64Array {
  const out = new BigInt64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) out[i] = times[rows[i]!]!;
  return out;
}

/** Whole milliseconds at or before a time, as the seed's integer division has it. */
function floorMs(timeNs: bigint): number {
  if (timeNs === NULL_TIME) return Number.NaN;
  const ms = timeNs / 1_000_000n;
  return Number(timeNs < 0n && ms * 1_000_000n !== timeNs ? ms - 1n : ms);
}
