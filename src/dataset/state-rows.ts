import type { BaselineRun } from '../baseline/baseline-run.ts';
import type { CodedStrings } from '../baseline/columns.ts';
import type { ReplayPrices } from '../baseline/replay-frame.ts';
import { RUN_FILES } from '../baseline/run-files.ts';
import { REQUIRED_MARKET_FEATURES } from '../baseline/run-json.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { MINUTE_MS } from '../time-units.ts';
import { UserError } from '../user-error.ts';
import { type EntryScores, scoreEntry } from './frozen-scores.ts';
import { brokenSteps, pathStatistics, wholeWindows } from './path-statistics.ts';
import { type ReplayBars, sortBars, withPrices } from './replay-bars.ts';
import { rollingMax, rollingMin } from './rolling.ts';
import { type AgeRows, RowCounter, totalRows } from './row-counts.ts';
import { RowIndex } from './row-index.ts';
import { type PositionState, STATE_FEATURES, STATE_STRIDE, writeStateFeatures } from './state-features.ts';

/** What of a baseline run is needed behind its state rows: who it is, its rules, and its feature rows' identities. */
export type RunFacts = Pick<
  BaselineRun,
  'runId' | 'root' | 'pricePlan' | 'continueLabel' | 'continueMetrics' | 'maxAgeMinutes'
> & {
  readonly features: Omit<BaselineRun['features'], 'readFeatures'>;
  /** the most replay bars that share a symbol and minute: 1 where no key stands twice */
  readonly barsPerMinute: number;
};

/** The state frame's columns but the market features. */
const FRAME_COLUMNS: ReadonlySet<string> = new Set([
  'sample_id',
  'symbol',
  'event_time',
  'open_time_ms',
  'position_side',
  'split_id',
  'walk_forward_fold',
  ...STATE_FEATURES,
  'continue_target',
  'expected_continue_edge_bps',
]);

/**
 * State rows of every age wanted, age after age, each age's rows in the order of the entry labels. A state frame is a
 * selection of them. All arrays are views on shared memory.
 */
export type StateRows = {
  readonly run: RunFacts;
  /** (nFeatureRows × nMarketFeatures) market features in model order, null as NaN */
  readonly marketFeatures: Float32Array<SharedArrayBuffer>;
  /** ageMinutes → [first, end) */
  readonly ranges: ReadonlyMap<number, readonly [number, number]>;
  /** (nRows) row of the feature frame that is "now" */
  readonly featureRow: Int32Array<SharedArrayBuffer>;
  /** (nRows) 0 LONG, 1 SHORT */
  readonly side: Uint8Array<SharedArrayBuffer>;
  /** (nRows) 1 where the path from entry to now or the label's path spans a gap between bars */
  readonly spansGap: Uint8Array<SharedArrayBuffer>;
  /** (nRows × STATE_STRIDE) */
  readonly stateFeatures: Float32Array<SharedArrayBuffer>;
  /** (nRows) 1 when continuing was right */
  readonly continueTarget: Uint8Array<SharedArrayBuffer>;
  /** (nRows) bps */
  readonly expectedContinueEdgeBps: Float32Array<SharedArrayBuffer>;
};

/** How entries, bars and feature rows meet; made once for all ages, and without their numbers. */
export type StateJoins = {
  readonly run: BaselineRun & RunFacts;
  readonly bars: ReplayBars;
  /** (nBars) 1 where the label's window is whole */
  readonly hasWindow: Uint8Array;
  readonly entrySymbol: Int32Array;
  /** (nEntries) feature row of the entry's own sample, where the frozen models look; −1 where there is none */
  readonly entryFeatureRow: Int32Array;
  readonly featureIndex: RowIndex;
  readonly barIndex: RowIndex;
  /** (nBars) the segment's first bar */
  readonly segmentStart: Int32Array;
};

/**
 * @throws UserError when no entry label has a usable feature row, or a market feature the name of a column of the state
 *   frame, which it would take the place of
 */
export function joinBaselineRun(run: BaselineRun): StateJoins {
  const taken = run.features.featureOrder.find((name) => FRAME_COLUMNS.has(name));
  if (taken !== undefined) {
    throw new UserError(
      `market feature ${taken}: a column of the state frame has that name. Rename it in ${RUN_FILES.featureFrame} and in the feature order.`,
    );
  }
  const bars = sortBars(run.replay);
  const symbolNumbers = new Map(bars.symbols.map((symbol, s) => [symbol, s]));
  const numberOf = (strings: CodedStrings): Int32Array => {
    const map = strings.pool.texts().map((symbol) => symbolNumbers.get(symbol) ?? -1);
    return strings.codes.map((code) => map[code] ?? -1);
  };
  const nSymbols = bars.symbols.length;
  const barSymbol = new Int32Array(bars.openTimesMs.length);
  const segmentStart = new Int32Array(bars.openTimesMs.length);
  for (let s = 0; s < nSymbols; s += 1) {
    barSymbol.fill(s, bars.segments[s]!, bars.segments[s + 1]!);
    segmentStart.fill(bars.segments[s]!, bars.segments[s]!, bars.segments[s + 1]!);
  }
  const entryFeatureRow = matchSamples(run);
  if (!entryFeatureRow.some((row) => row >= 0)) {
    throw new UserError(
      `label/entry_labels.parquet: the entry set is empty: ${run.entries.rowCount} labels have entry_target 1 and a side, ` +
        'none of them a feature row of usable quality in the four splits with its sample_id',
    );
  }
  const barIndex = new RowIndex(barSymbol, bars.openTimesMs, nSymbols);
  // Nobody looks for a text from here on.
  for (const { pool } of [run.features.sampleIds, run.entries.sampleIds]) pool.compact();
  return {
    run: { ...run, barsPerMinute: barIndex.longestChain() },
    bars,
    hasWindow: wholeWindows(bars, run.continueLabel.horizonMinutes),
    entrySymbol: numberOf(run.entries.symbols),
    entryFeatureRow,
    featureIndex: new RowIndex(numberOf(run.features.symbols), run.features.openTimesMs, nSymbols),
    barIndex,
    segmentStart,
  };
}

/** An upper bound of the rows that `buildStateRows` makes for each age: joined rows before any is dropped. */
export function countStateRows(joins: StateJoins, agesMinutes: readonly number[]): Map<number, AgeRows> {
  const { entries, features } = joins.run;
  const counts = new Map<number, AgeRows>();
  for (const age of agesMinutes) {
    const counter = new RowCounter(features.splits);
    forEachJoinedRow(joins, age, (entry, _bar, featureRow) => {
      counter.add(entries.sides[entry] === 0 ? 0 : 1, featureRow);
    });
    counts.set(age, counter.result());
  }
  return counts;
}

/** Bytes of shared memory that `buildStateRows` takes for so many rows. */
export function stateRowsSizeBytes(run: Pick<RunFacts, 'features'>, rowCount: number): number {
  const perRow = 4 + 1 + 1 + 4 * STATE_STRIDE + 1 + 4;
  return rowCount * perRow + 4 * run.features.rowCount * run.features.featureOrder.length + 16 * 64;
}

/** Arrays for so many state rows. */
export function allocateRows(arena: SharedArena, capacity: number) {
  return {
    featureRow: arena.int32(capacity, 'dirty'),
    side: arena.uint8(capacity, 'dirty'),
    spansGap: arena.uint8(capacity, 'dirty'),
    stateFeatures: arena.float32(capacity * STATE_STRIDE, 'dirty'),
    continueTarget: arena.uint8(capacity, 'dirty'),
    expectedContinueEdgeBps: arena.float32(capacity, 'dirty'),
  };
}

/** The numbers that state rows are made of, and joins are not. */
export type RunNumbers = {
  /** (nFeatureRows × nMarketFeatures) market features in model order, null as NaN */
  readonly marketFeatures: Float32Array<SharedArrayBuffer>;
  /** of bars, as the file has them */
  readonly prices: ReplayPrices;
};

/** @throws UserError naming column, row and value for a number that is out of range */
export async function readRunNumbers(run: BaselineRun, arena: SharedArena): Promise<RunNumbers> {
  const nFeatures = run.features.featureOrder.length;
  const marketFeatures = arena.float32(run.features.rowCount * nFeatures, 'dirty');
  await run.features.readFeatures(marketFeatures, nFeatures);
  return { marketFeatures, prices: await run.replay.readPrices() };
}

/**
 * Builds the state rows of every age in `counts`. Rows with a market feature, state feature or edge that is null or
 * infinite are dropped; a row's age depends on no other age, so ages can be built once and combined at will.
 *
 * @param counts from `countStateRows`
 */
export function buildStateRows(
  joins: StateJoins,
  counts: ReadonlyMap<number, AgeRows>,
  { marketFeatures, prices }: RunNumbers,
  arena: SharedArena,
): StateRows {
  const { run } = joins;
  const bars = withPrices(joins.bars, prices);
  const paths = pathStatistics(bars, run.continueLabel.horizonMinutes);
  const { features, entries, pricePlan, continueLabel } = run;
  const nFeatures = features.featureOrder.length;
  const complete = completeRows(marketFeatures, features.rowCount, nFeatures);
  const scores = scoreEntries(joins, marketFeatures);
  const capacity = totalRows(counts.values());
  const rows = allocateRows(arena, capacity);
  const sidedColumns = REQUIRED_MARKET_FEATURES.map((name) => features.featureOrder.indexOf(name));
  const sided = new Float32Array(sidedColumns.length);
  const broken = brokenSteps(bars);
  const highSince = new Float64Array(bars.close.length);
  const lowSince = new Float64Array(bars.close.length);
  const ranges = new Map<number, readonly [number, number]>();
  const state: PositionState = {
    isLong: true,
    ageMinutes: 0,
    entryPrice: 0,
    currentPrice: 0,
    highSinceEntry: 0,
    lowSinceEntry: 0,
    entryPredictedEdgeBps: 0,
    entryDirectionProb: 0,
  };
  let at = 0;
  for (const age of [...counts.keys()].sort((a, b) => a - b)) {
    const first = at;
    for (let s = 0; s < bars.symbols.length; s += 1) {
      rollingMax(bars.high, age + 1, bars.segments[s]!, bars.segments[s + 1]!, highSince);
      rollingMin(bars.low, age + 1, bars.segments[s]!, bars.segments[s + 1]!, lowSince);
    }
    state.ageMinutes = age;
    forEachJoinedRow(joins, age, (entry, bar, featureRow, pathBar) => {
      state.entryPrice = bars.close[bar - age]!;
      state.currentPrice = bars.close[bar]!;
      state.highSinceEntry = highSince[bar]!;
      state.lowSinceEntry = lowSince[bar]!;
      if (complete[featureRow] === 0 || hasMissingPrice(state)) return;
      state.isLong = entries.sides[entry] === 0;
      state.entryPredictedEdgeBps = scores.predictedEdgeBps[entry]!;
      state.entryDirectionProb = scores.directionProb[entry]!;
      for (let k = 0; k < sided.length; k += 1) {
        sided[k] = marketFeatures[featureRow * nFeatures + sidedColumns[k]!]!;
      }
      const futureReturnBps = (state.isLong ? paths.longReturnBps : paths.shortReturnBps)[pathBar]!;
      const adverseBps = (state.isLong ? paths.downBps : paths.upBps)[pathBar]!;
      const edgeBps = futureReturnBps - pricePlan.costBps;
      const finite = writeStateFeatures(state, sided, pricePlan, rows.stateFeatures, at * STATE_STRIDE);
      if (!finite || !Number.isFinite(Math.fround(edgeBps))) return;
      rows.featureRow[at] = featureRow;
      rows.side[at] = state.isLong ? 0 : 1;
      rows.spansGap[at] = (broken[bar]! > broken[bar - age]! ? 1 : 0) | paths.spansGap[pathBar]!;
      // A comparison with a missing adverse excursion is false, as the seed's is.
      rows.continueTarget[at] =
        edgeBps >= continueLabel.minExpectedContinueEdgeBps && adverseBps < pricePlan.stopBps ? 1 : 0;
      rows.expectedContinueEdgeBps[at] = edgeBps;
      at += 1;
    });
    ranges.set(age, [first, at]);
  }
  return { run, marketFeatures, ranges, ...rows };
}

/**
 * Joins entries, bars and feature rows at entry time + age: inner and many-to-many, so duplicate keys multiply rows.
 * The state looks `age` rows back and the label `horizon` rows ahead, within the symbol.
 *
 * @param visit entry, bar that is now, feature row that is now, bar whose path is the label's (the same but for duplicates)
 */
function forEachJoinedRow(
  joins: StateJoins,
  age: number,
  visit: (entry: number, bar: number, featureRow: number, pathBar: number) => void,
): void {
  const { run, entrySymbol, entryFeatureRow, featureIndex, barIndex, segmentStart, hasWindow } = joins;
  const { openTimesMs } = run.entries;
  for (let entry = 0; entry < run.entries.rowCount; entry += 1) {
    if (entryFeatureRow[entry]! < 0) continue;
    const symbol = entrySymbol[entry]!;
    const now = openTimesMs[entry]! + age * MINUTE_MS;
    const firstFeature = featureIndex.first(symbol, now);
    if (firstFeature < 0) continue;
    const firstBar = barIndex.first(symbol, now);
    for (let bar = firstBar; bar >= 0; bar = barIndex.next(bar)) {
      if (bar - age < segmentStart[bar]!) continue;
      for (let feature = firstFeature; feature >= 0; feature = featureIndex.next(feature)) {
        for (let path = firstBar; path >= 0; path = barIndex.next(path)) {
          if (hasWindow[path] === 1) visit(entry, bar, feature, path);
        }
      }
    }
  }
}

/** For each entry the first usable feature row with its sample_id, or −1. A missing id finds a missing id. */
function matchSamples(run: BaselineRun): Int32Array {
  const { codes, pool } = run.features.sampleIds;
  const rowOfCode = new Int32Array(pool.count).fill(-1);
  let rowWithoutId = -1;
  for (let row = codes.length - 1; row >= 0; row -= 1) {
    if (codes[row]! < 0) rowWithoutId = row;
    else rowOfCode[codes[row]!] = row;
  }
  const entries = run.entries.sampleIds;
  const rowOfText = new Int32Array(entries.pool.count);
  for (let code = 0; code < rowOfText.length; code += 1) {
    const known = pool.find(entries.pool, code);
    rowOfText[code] = known < 0 ? -1 : rowOfCode[known]!;
  }
  const rows = new Int32Array(entries.codes.length);
  for (let entry = 0; entry < rows.length; entry += 1) {
    const code = entries.codes[entry]!;
    rows[entry] = code < 0 ? rowWithoutId : rowOfText[code]!;
  }
  return rows;
}

function scoreEntries(joins: StateJoins, marketFeatures: Float32Array) {
  const { entries, features, frozenModels } = joins.run;
  const predictedEdgeBps = new Float32Array(entries.rowCount);
  const directionProb = new Float32Array(entries.rowCount);
  for (let entry = 0; entry < entries.rowCount; entry += 1) {
    const row = joins.entryFeatureRow[entry]!;
    if (row < 0) continue;
    const at = row * features.featureOrder.length;
    const scores: EntryScores = scoreEntry(frozenModels, marketFeatures, at, entries.sides[entry] === 0);
    predictedEdgeBps[entry] = scores.predictedEdgeBps;
    directionProb[entry] = scores.directionProb;
  }
  return { predictedEdgeBps, directionProb };
}

/** (nRows) 1 where every market feature is finite. */
function completeRows(marketFeatures: Float32Array, nRows: number, nFeatures: number): Uint8Array {
  const complete = new Uint8Array(nRows).fill(1);
  for (let row = 0; row < nRows; row += 1) {
    for (let j = row * nFeatures; j < (row + 1) * nFeatures; j += 1) {
      if (!Number.isFinite(marketFeatures[j]!)) {
        complete[row] = 0;
        break;
      }
    }
  }
  return complete;
}

function hasMissingPrice(state: PositionState): boolean {
  return (
    Number.isNaN(state.entryPrice) ||
    Number.isNaN(state.currentPrice) ||
    Number.isNaN(state.highSinceEntry) ||
    Number.isNaN(state.lowSinceEntry)
  );
}
