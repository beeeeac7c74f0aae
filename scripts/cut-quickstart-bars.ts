/**
 * Cuts the bundled bars of the quickstart out of a longer file of 1-minute bars:
 *
 *   node scripts/cut-quickstart-bars.ts INPUT OUTPUT.parquet START END
 *
 * INPUT is anything that `sweep baseline build` reads; START is the first UTC day, END the first one left out. Values
 * are kept bit for bit, and read back before the script ends.
 */
import { writeFile } from 'node:fs/promises';
import { Table, tableToIPC, type Vector } from 'apache-arrow';
import { Compression, Encoding, Table as WasmTable, WriterPropertiesBuilder, writeParquet } from 'parquet-wasm';
import { float64Column, int32Column, int64Column } from '../src/baseline/from-bars/arrow-columns.ts';
import type { Bars } from '../src/baseline/from-bars/bars.ts';
import { readBars } from '../src/baseline/from-bars/read-bars.ts';

const SYMBOL = 'BTCUSDT';

const [input, output, start, end] = process.argv.slice(2);
if (input === undefined || output === undefined || start === undefined || end === undefined) {
  console.error('usage: node scripts/cut-quickstart-bars.ts INPUT OUTPUT.parquet START END');
  process.exit(2);
}
const { bars } = await readBars(SYMBOL, input, { startMs: Date.parse(start), endMs: Date.parse(end) });
const bytes = encode(bars);
await writeFile(output, bytes);
await checkEqual(bars, output);
console.log(`${output}: ${bars.openTimeMs.length} bars, ${bytes.length} bytes`);

// One row group, plain values under zstd: measured smaller than dictionaries and byte stream split for prices
// that repeat within the last few minutes. Times step by a constant, so their differences pack to almost nothing.
function encode(bars: Bars): Uint8Array {
  const properties = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setDictionaryEnabled(false)
    .setColumnEncoding('open_time_ms', Encoding.DELTA_BINARY_PACKED)
    .setColumnEncoding('quote_volume', Encoding.BYTE_STREAM_SPLIT)
    .setColumnEncoding('trades', Encoding.DELTA_BINARY_PACKED)
    .build();
  const columns: { [name: string]: Vector } = {
    open_time_ms: int64Column(bars.openTimeMs),
    open: float64Column(bars.open),
    high: float64Column(bars.high),
    low: float64Column(bars.low),
    close: float64Column(bars.close),
    volume: float64Column(bars.volume),
    quote_volume: float64Column(present(bars.quoteVolume)),
    trades: int32Column(Int32Array.from(present(bars.trades))),
    taker_buy_base: float64Column(present(bars.takerBuyBase)),
  };
  return writeParquet(WasmTable.fromIPCStream(tableToIPC(new Table(columns), 'stream')), properties);
}

function present(column: Float64Array | null): Float64Array {
  if (column === null)
    throw new Error('the quickstart shows quote volume, trades and taker volume: the input lacks one');
  return column;
}

async function checkEqual(bars: Bars, path: string): Promise<void> {
  const { bars: back } = await readBars(SYMBOL, path);
  for (const name of ['openTimeMs', 'open', 'high', 'low', 'close', 'volume'] as const) {
    if (!sameValues(bars[name], back[name])) throw new Error(`${path}: ${name} did not survive writing`);
  }
  for (const name of ['quoteVolume', 'trades', 'takerBuyBase'] as const) {
    if (!sameValues(present(bars[name]), present(back[name])))
      throw new Error(`${path}: ${name} did not survive writing`);
  }
}

function sameValues(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
