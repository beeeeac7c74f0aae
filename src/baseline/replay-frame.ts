import { type CodedStrings, numberColumn } from './columns.ts';
import { integers, numbers, readInto, requireColumns, texts } from './frame-reading.ts';
import { requirePriceInRange } from './number-range.ts';
import { openParquet } from './parquet-file.ts';
import type { RunPaths } from './run-files.ts';
import { readReplaySource } from './run-json.ts';

/** Bars as the file has them. */
export type ReplayFrame = {
  readonly rowCount: number;
  readonly symbols: CodedStrings;
  /** (rowCount) ms since 1970-01-01 UTC; NaN where null */
  readonly openTimesMs: Float64Array;
  /** @throws UserError naming column, row and value for a price that is out of range */
  readPrices(): Promise<ReplayPrices>;
};

/** Prices of bars, NaN where null. */
export type ReplayPrices = { readonly high: Float64Array; readonly low: Float64Array; readonly close: Float64Array };

const PRICES = ['high', 'low', 'close'] as const;
/** Two of them take no part, but bars without them are not the bars that the contract names. */
const REQUIRED = ['symbol', 'event_time', 'open_time_ms', ...PRICES, 'spread_bps'];

export async function readReplayFrame(paths: RunPaths): Promise<ReplayFrame> {
  const source = await readReplaySource(paths);
  const file = await openParquet(paths.replayPath(source), `replay ${source}`);
  requireColumns(file, REQUIRED);
  file.types(PRICES, (i, none) => numberColumn(none, `${file.name}: column ${PRICES[i]}`));
  const symbols = texts(file);
  const openTimes = integers(file);
  await readInto(file, { symbol: symbols, open_time_ms: openTimes });
  return {
    rowCount: file.rowCount,
    symbols: symbols.values,
    openTimesMs: openTimes.values,
    readPrices: async () => {
      const columns = { high: numbers(file), low: numbers(file), close: numbers(file) };
      await readInto(file, columns);
      for (const key of PRICES) {
        const { values } = columns[key];
        for (let row = 0; row < values.length; row += 1) {
          requirePriceInRange(values[row]!, () => `${file.name}: column ${key}, row ${row}`);
        }
      }
      return { high: columns.high.values, low: columns.low.values, close: columns.close.values };
    },
  };
}
