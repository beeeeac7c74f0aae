import { type CodedStrings, floorMs } from './columns.ts';
import { numbers, readInto, requireColumns, texts, times } from './frame-reading.ts';
import { openParquet } from './parquet-file.ts';
import type { RunPaths } from './run-files.ts';
import { rowsOf, selectTexts, selectTimes } from './select-rows.ts';
import { SIDES } from './splits.ts';

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

/** The two last take no part, but labels without them are not the labels that the contract names. */
const REQUIRED = ['sample_id', 'symbol', 'event_time', 'side', 'entry_target', 'split_id', 'walk_forward_fold'];

const SIDE_NAMES: readonly string[] = SIDES;

export async function readEntryFrame(paths: RunPaths): Promise<EntryFrame> {
  const file = await openParquet(paths.path('entryLabels'), paths.name('entryLabels'));
  requireColumns(file, REQUIRED);
  const sideTexts = texts(file);
  const targets = numbers(file);
  await readInto(file, { side: sideTexts, entry_target: targets });
  const sideOf = sideTexts.values.pool.texts().map((side) => SIDE_NAMES.indexOf(side));
  const isKept = new Uint8Array(file.rowCount);
  for (let i = 0; i < isKept.length; i += 1) {
    if (targets.values[i] === 1 && (sideOf[sideTexts.values.codes[i]!] ?? -1) >= 0) isKept[i] = 1;
  }
  const rows = rowsOf(isKept);
  const sides = new Uint8Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) sides[i] = sideOf[sideTexts.values.codes[rows[i]!]!]!;
  const sampleIds = texts(file, isKept);
  const symbols = texts(file, isKept);
  const eventTimes = times(file);
  await readInto(file, { sample_id: sampleIds, symbol: symbols, event_time: eventTimes });
  return {
    rowCount: rows.length,
    sampleIds: selectTexts(sampleIds.values, rows),
    symbols: selectTexts(symbols.values, rows),
    sides,
    openTimesMs: floorMs(selectTimes(eventTimes.values, rows)),
  };
}
