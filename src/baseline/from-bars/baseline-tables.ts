import { Table, type Vector } from 'apache-arrow';
import { SIDES } from '../splits.ts';
import { ROW_GROUP_ROWS } from '../write-parquet.ts';
import {
  codedTextColumn,
  float32Column,
  float64Column,
  int8Column,
  int32Column,
  int64Column,
  minuteIdColumn,
  utcTimeColumn,
} from './arrow-columns.ts';
import { SPLIT_NAMES } from './assign-splits.ts';
import { DATA_QUALITY_FLAGS } from './data-quality.ts';
import { spreadBps } from './market-features/book-features.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';
import type { SymbolFrame } from './symbol-frame.ts';

/** Rows `from` to `to − 1` of one symbol's bars, or of its labels. */
type Piece = { readonly frame: SymbolFrame; readonly from: number; readonly to: number };

/**
 * `feature_frame.parquet`: a row a symbol and bar, symbols one after the other; as tables of a row group each, so that
 * the whole is never held twice.
 */
export function* featureFrameTables(frames: readonly SymbolFrame[]): Generator<Table> {
  for (const pieces of rowGroups(frames, (frame) => frame.flag.length)) {
    yield new Table({
      sample_id: sampleIds(frames, pieces, openTimes(pieces)),
      symbol: symbols(frames, pieces),
      event_time: utcTimeColumn(openTimes(pieces)),
      open_time_ms: int64Column(openTimes(pieces)),
      split_id: codedTextColumn(
        joined(pieces, Uint8Array, ({ split }) => split),
        SPLIT_NAMES,
      ),
      walk_forward_fold: int32Column(joined(pieces, Int32Array, ({ fold }) => fold)),
      data_quality_flag: codedTextColumn(
        joined(pieces, Uint8Array, ({ flag }) => flag),
        DATA_QUALITY_FLAGS,
      ),
      ...Object.fromEntries(
        MARKET_FEATURES.map(({ name }, j) => [
          name,
          float32Column(joined(pieces, Float32Array, ({ features }) => features[j]!)),
        ]),
      ),
    });
  }
}

/** `entry_labels.parquet`: a row a labelled bar and side. */
export function* entryLabelTables(frames: readonly SymbolFrame[]): Generator<Table> {
  for (const pieces of rowGroups(frames, ({ entryLabels }) => entryLabels.bar.length)) {
    const times = ofLabelledBars(pieces, Float64Array, ({ bars }) => bars.openTimeMs);
    yield new Table({
      sample_id: sampleIds(frames, pieces, times),
      symbol: symbols(frames, pieces),
      event_time: utcTimeColumn(times),
      side: codedTextColumn(
        joined(pieces, Uint8Array, ({ entryLabels }) => entryLabels.side),
        SIDES,
      ),
      entry_target: int8Column(Int8Array.from(joined(pieces, Uint8Array, ({ entryLabels }) => entryLabels.target))),
      split_id: codedTextColumn(
        ofLabelledBars(pieces, Uint8Array, ({ split }) => split),
        SPLIT_NAMES,
      ),
      walk_forward_fold: int32Column(ofLabelledBars(pieces, Int32Array, ({ fold }) => fold)),
    });
  }
}

/** The replay parquet: the bars themselves; `spread_bps` is 0 where a bar has no usable book. */
export function* replayTables(frames: readonly SymbolFrame[]): Generator<Table> {
  for (const pieces of rowGroups(frames, (frame) => frame.flag.length)) {
    const barColumn = (name: 'open' | 'high' | 'low' | 'close' | 'volume'): Vector =>
      float64Column(joined(pieces, Float64Array, ({ bars }) => bars[name]));
    const spread = new Float64Array(rowCount(pieces));
    let row = 0;
    for (const { frame, from, to } of pieces) {
      for (let bar = from; bar < to; bar += 1, row += 1) spread[row] = spreadBps(frame.bars.book, bar);
    }
    yield new Table({
      symbol: symbols(frames, pieces),
      event_time: utcTimeColumn(openTimes(pieces)),
      open_time_ms: int64Column(openTimes(pieces)),
      open: barColumn('open'),
      high: barColumn('high'),
      low: barColumn('low'),
      close: barColumn('close'),
      volume: barColumn('volume'),
      spread_bps: float64Column(spread),
    });
  }
}

/** All rows of all symbols in groups of `ROW_GROUP_ROWS`, one at least; a group may end one symbol and begin the next. */
function* rowGroups(frames: readonly SymbolFrame[], rowsOf: (frame: SymbolFrame) => number): Generator<Piece[]> {
  let group: Piece[] = [];
  let free = ROW_GROUP_ROWS;
  let groups = 0;
  for (const frame of frames) {
    const rows = rowsOf(frame);
    for (let from = 0; from < rows; ) {
      const to = Math.min(rows, from + free);
      group.push({ frame, from, to });
      free -= to - from;
      from = to;
      if (free > 0) continue;
      yield group;
      groups += 1;
      group = [];
      free = ROW_GROUP_ROWS;
    }
  }
  if (group.length > 0 || groups === 0) yield group;
}

function rowCount(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { from, to }) => sum + to - from, 0);
}

type Columns = Float32Array | Float64Array | Int32Array | Uint8Array;

function joined<T extends Columns>(
  pieces: readonly Piece[],
  make: new (length: number) => T,
  columnOf: (frame: SymbolFrame) => T,
): T {
  const column = new make(rowCount(pieces));
  let at = 0;
  for (const { frame, from, to } of pieces) {
    column.set(columnOf(frame).subarray(from, to), at);
    at += to - from;
  }
  return column;
}

/** A column of the bars, at the bars that are labelled. */
function ofLabelledBars<T extends Columns>(
  pieces: readonly Piece[],
  make: new (length: number) => T,
  columnOf: (frame: SymbolFrame) => T,
): T {
  const column = new make(rowCount(pieces));
  let at = 0;
  for (const { frame, from, to } of pieces) {
    const values = columnOf(frame);
    const { bar } = frame.entryLabels;
    for (let row = from; row < to; row += 1, at += 1) column[at] = values[bar[row]!]!;
  }
  return column;
}

function symbolNames(frames: readonly SymbolFrame[]): string[] {
  return frames.map(({ bars }) => bars.symbol);
}

function symbolCodes(frames: readonly SymbolFrame[], pieces: readonly Piece[]): Int32Array {
  const codes = new Int32Array(rowCount(pieces));
  let at = 0;
  for (const { frame, from, to } of pieces) {
    codes.fill(frames.indexOf(frame), at, at + to - from);
    at += to - from;
  }
  return codes;
}

function symbols(frames: readonly SymbolFrame[], pieces: readonly Piece[]): Vector {
  return codedTextColumn(symbolCodes(frames, pieces), symbolNames(frames));
}

function sampleIds(frames: readonly SymbolFrame[], pieces: readonly Piece[], openTimeMs: Float64Array): Vector {
  return minuteIdColumn(symbolCodes(frames, pieces), symbolNames(frames), openTimeMs);
}

function openTimes(pieces: readonly Piece[]): Float64Array {
  return joined(pieces, Float64Array, ({ bars }) => bars.openTimeMs);
}
