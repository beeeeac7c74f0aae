import { Table, type Vector } from 'apache-arrow';
import { SIDES } from '../splits.ts';
import {
  float32Column,
  float64Column,
  int8Column,
  int32Column,
  int64Column,
  utcTimeColumn,
  utf8Column,
} from './arrow-columns.ts';
import { SPLIT_NAMES } from './assign-splits.ts';
import { DATA_QUALITY_FLAGS } from './data-quality.ts';
import { spreadBps } from './market-features/book-features.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';
import type { FrameRow, SymbolFrame } from './symbol-frame.ts';

/** `feature_frame.parquet`: a row a symbol and bar, symbols one after the other. */
export function featureFrameTable(frames: readonly SymbolFrame[]): Table {
  const rows = allRows(frames);
  return new Table({
    sample_id: utf8Column(rows.map(sampleId)),
    symbol: utf8Column(rows.map(({ frame }) => frame.bars.symbol)),
    event_time: utcTimeColumn(openTimes(rows)),
    open_time_ms: int64Column(openTimes(rows)),
    split_id: utf8Column(rows.map(splitId)),
    walk_forward_fold: int32Column(Int32Array.from(rows, ({ frame, bar }) => frame.fold[bar]!)),
    data_quality_flag: utf8Column(rows.map(({ frame, bar }) => DATA_QUALITY_FLAGS[frame.flag[bar]!]!)),
    ...Object.fromEntries(
      MARKET_FEATURES.map(({ name }, j) => [name, float32Column(joined(frames.map((frame) => frame.features[j]!)))]),
    ),
  });
}

/** `entry_labels.parquet`: a row a labelled bar and side. */
export function entryLabelTable(frames: readonly SymbolFrame[]): Table {
  const rows = frames.flatMap((frame) => Array.from(frame.entryLabels.bar, (bar) => ({ frame, bar })));
  const sides = frames.flatMap(({ entryLabels }) => Array.from(entryLabels.side, (code) => SIDES[code]!));
  const targets = frames.flatMap(({ entryLabels }) => Array.from(entryLabels.target));
  return new Table({
    sample_id: utf8Column(rows.map(sampleId)),
    symbol: utf8Column(rows.map(({ frame }) => frame.bars.symbol)),
    event_time: utcTimeColumn(openTimes(rows)),
    side: utf8Column(sides),
    entry_target: int8Column(Int8Array.from(targets)),
    split_id: utf8Column(rows.map(splitId)),
    walk_forward_fold: int32Column(Int32Array.from(rows, ({ frame, bar }) => frame.fold[bar]!)),
  });
}

/** The replay parquet: the bars themselves; `spread_bps` is 0 where a bar has no usable book. */
export function replayTable(frames: readonly SymbolFrame[]): Table {
  const rows = allRows(frames);
  const barColumn = (name: 'open' | 'high' | 'low' | 'close' | 'volume'): Vector =>
    float64Column(Float64Array.from(rows, ({ frame, bar }) => frame.bars[name][bar]!));
  return new Table({
    symbol: utf8Column(rows.map(({ frame }) => frame.bars.symbol)),
    event_time: utcTimeColumn(openTimes(rows)),
    open_time_ms: int64Column(openTimes(rows)),
    open: barColumn('open'),
    high: barColumn('high'),
    low: barColumn('low'),
    close: barColumn('close'),
    volume: barColumn('volume'),
    spread_bps: float64Column(Float64Array.from(rows, ({ frame, bar }) => spreadBps(frame.bars.book, bar))),
  });
}

function allRows(frames: readonly SymbolFrame[]): FrameRow[] {
  return frames.flatMap((frame) => Array.from(frame.flag, (_, bar) => ({ frame, bar })));
}

function joined(columns: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(columns.reduce((total, column) => total + column.length, 0));
  let offset = 0;
  for (const column of columns) {
    all.set(column, offset);
    offset += column.length;
  }
  return all;
}

function sampleId({ frame, bar }: FrameRow): string {
  return `${frame.bars.symbol}-${frame.bars.openTimeMs[bar]}`;
}

function splitId({ frame, bar }: FrameRow): string {
  return SPLIT_NAMES[frame.split[bar]!]!;
}

function openTimes(rows: readonly FrameRow[]): Float64Array {
  return Float64Array.from(rows, ({ frame, bar }) => frame.bars.openTimeMs[bar]!);
}
