import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import {
  CompressionType,
  compressionRegistry,
  DateDay,
  Decimal,
  Dictionary,
  Float32,
  Int32,
  Int64,
  LargeUtf8,
  makeData,
  makeVector,
  Table,
  TimeMillisecond,
  TimestampMicrosecond,
  TimestampNanosecond,
  TimestampSecond,
  tableToIPC,
  Utf8,
  type Vector,
  vectorFromArray,
} from 'apache-arrow';
import { float64Column, int64Column } from '../../../src/baseline/from-bars/arrow-columns.ts';
import { readBars } from '../../../src/baseline/from-bars/read-bars.ts';
import { unpackLz4Frame } from '../../../src/baseline/from-bars/readers/lz4-frame.ts';
import { parquetBytes } from '../../../src/baseline/write-parquet.ts';
import { marketRows } from './dialects/market-rows.ts';

const ROWS = marketRows({ seed: 21, count: 60 });
const numbers = (key: 'o' | 'h' | 'l' | 'c' | 'v'): Float64Array => Float64Array.from(ROWS, (r) => Number(r[key]));
const PRICES: { [name: string]: Vector } = {
  open: float64Column(numbers('o')),
  high: float64Column(numbers('h')),
  low: float64Column(numbers('l')),
  close: float64Column(numbers('c')),
  volume: float64Column(numbers('v')),
};
const times = (perMs: bigint, of = 1n): BigInt64Array => BigInt64Array.from(ROWS, (r) => (BigInt(r.t) * perMs) / of);

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arrow-files-'));
});
after(() => rm(folder, { recursive: true }));

async function read(bytes: Uint8Array): Promise<Awaited<ReturnType<typeof readBars>>['bars']> {
  const path = join(folder, 'bars.dat');
  await writeFile(path, bytes);
  return (await readBars('X', path)).bars;
}

function assertRows(bars: Awaited<ReturnType<typeof read>>, what: string): void {
  assert.deepEqual(
    [...bars.openTimeMs],
    ROWS.map((r) => r.t),
    what,
  );
  assert.deepEqual([...bars.close], [...numbers('c')], what);
  assert.deepEqual([...bars.volume], [...numbers('v')], what);
}

describe('Arrow files and parquet', () => {
  test('timestamps of any unit, with a zone or without; a date beside a time of day', async () => {
    const units: { [what: string]: { [name: string]: Vector } } = {
      seconds: { Date: makeVector(makeData({ type: new TimestampSecond('UTC'), data: times(1n, 1000n) })) },
      microseconds: { ts: makeVector(makeData({ type: new TimestampMicrosecond(), data: times(1000n) })) },
      nanoseconds: {
        __index_level_0__: makeVector(
          makeData({ type: new TimestampNanosecond('Europe/Zurich'), data: times(1_000_000n) }),
        ),
      },
      integers: { open_time: int64Column(Float64Array.from(ROWS, (r) => r.t * 1000)) },
      'integers of nanoseconds at the end': {
        close_time: makeVector(
          makeData({ type: new Int64(), data: times(1_000_000n).map((t) => t + 59_999_999_999n) }),
        ),
      },
      'date and time': {
        date: makeVector(
          makeData({ type: new DateDay(), data: Int32Array.from(ROWS, (r) => Math.floor(r.t / 86_400_000)) }),
        ),
        time: makeVector(
          makeData({ type: new TimeMillisecond(), data: Int32Array.from(ROWS, (r) => r.t % 86_400_000) }),
        ),
      },
      text: {
        time: vectorFromArray(
          ROWS.map((r) => new Date(r.t).toISOString()),
          new Utf8(),
        ),
      },
    };
    for (const [what, time] of Object.entries(units)) {
      assertRows(await read(tableToIPC(new Table({ ...PRICES, ...time }), 'file')), `${what}, file`);
      assertRows(await read(tableToIPC(new Table({ ...PRICES, ...time }), 'stream')), `${what}, stream`);
      assertRows(await read(parquetBytes(new Table({ ...PRICES, ...time }))), `${what}, parquet`);
    }
  });

  test('prices as text, as dictionaries of text, as decimals', async () => {
    const time = { time: int64Column(Float64Array.from(ROWS, (r) => r.t)) };
    const close = ROWS.map((r) => r.c);
    const decimals = new Uint32Array(4 * ROWS.length);
    for (const [i, r] of ROWS.entries()) decimals[4 * i] = Math.round(Number(r.c) * 100);
    const kinds: { [what: string]: Vector } = {
      'large text': vectorFromArray(close, new LargeUtf8()),
      dictionary: vectorFromArray(close, new Dictionary(new Utf8(), new Int32())),
      decimal: makeVector(makeData({ type: new Decimal(2, 18), length: ROWS.length, nullCount: 0, data: decimals })),
    };
    for (const [what, column] of Object.entries(kinds)) {
      assertRows(await read(tableToIPC(new Table({ ...PRICES, ...time, close: column }), 'file')), what);
    }
  });

  test('a float32 price is the number that it is', async () => {
    const close = makeVector(makeData({ type: new Float32(), data: Float32Array.from(numbers('c')) }));
    const wide = {
      high: float64Column(numbers('h').map((x) => x + 1)),
      low: float64Column(numbers('l').map((x) => x - 1)),
    };
    const bars = await read(
      tableToIPC(
        new Table({ ...PRICES, ...wide, close, time: int64Column(Float64Array.from(ROWS, (r) => r.t)) }),
        'file',
      ),
    );
    assert.deepEqual([...bars.close], [...numbers('c')].map(Math.fround));
  });

  test('buffers packed by zstd and by LZ4, as feather files have them', async () => {
    const table = new Table({ ...PRICES, time: int64Column(Float64Array.from(ROWS, (r) => r.t)) });
    for (const type of [CompressionType.ZSTD, CompressionType.LZ4_FRAME] as const) {
      const own = compressionRegistry.get(type);
      compressionRegistry.set(type, {
        ...own,
        encode: type === CompressionType.ZSTD ? (bytes) => zstdCompressSync(bytes) : lz4Literals,
      });
      assertRows(await read(tableToIPC(table, 'file', type)), CompressionType[type]);
    }
  });

  test('a file that claims more rows than it can hold, and one cut short', async () => {
    const bytes = tableToIPC(
      new Table({ ...PRICES, time: int64Column(Float64Array.from(ROWS, (r) => r.t)) }),
      'stream',
    );
    await assert.rejects(read(bytes.subarray(0, bytes.length - 700)), {
      name: 'UserError',
      message: /is not a readable Arrow file \(/,
    });
    const lie = Uint8Array.from(bytes);
    const view = new DataView(lie.buffer);
    // The rows of the batch and of its columns are int64 in the message's head.
    for (let at = 0; at + 8 <= lie.length; at += 1)
      if (view.getBigInt64(at, true) === BigInt(ROWS.length)) view.setBigInt64(at, 2n ** 40n, true);
    await assert.rejects(read(lie), {
      name: 'UserError',
      message: /is not a readable Arrow file \(\d+ rows are claimed\)/,
    });
  });
});

describe('LZ4 frames', () => {
  /** What `printf 'abcabcabcabcabcabcabc' | lz4` writes but for its checksums: literals, and a match that overlaps itself. */
  const frame = (block: number[], flags = 0x60): Uint8Array => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(block.length);
    return Buffer.concat([
      Buffer.from([0x04, 0x22, 0x4d, 0x18, flags, 0x40, 0]),
      size,
      Buffer.from(block),
      Buffer.alloc(4),
    ]);
  };

  test('literals and matches come out', () => {
    const block = [0x3a, 0x61, 0x62, 0x63, 3, 0, 0x50, 0x61, 0x62, 0x63, 0x64, 0x65];
    assert.equal(
      Buffer.from(unpackLz4Frame(frame(block), 1000)).toString(),
      `${'abc'.repeat(5)}abcde`.slice(0, 3 + 14) + 'abcde',
    );
  });

  test('damaged ones are refused: cut short, a match before the beginning, more than is allowed', () => {
    assert.throws(
      () => unpackLz4Frame(frame([0x3a, 0x61, 0x62, 0x63, 9, 0, 0x10, 0x61]), 1000),
      /a match before the beginning/,
    );
    assert.throws(() => unpackLz4Frame(frame([0xf0, 255]), 1000), /cut short/);
    assert.throws(
      () => unpackLz4Frame(frame([0x3f, 0x61, 0x62, 0x63, 3, 0, 255, 255, 255, 255, 0, 0x10, 0x61]), 500),
      /more than 500 bytes/,
    );
    assert.throws(() => unpackLz4Frame(frame([0x10, 0x61]).subarray(0, 12), 1000), /cut short/);
  });
});

/** An LZ4 frame that packs nothing: one block of literals. */
function lz4Literals(bytes: Uint8Array): Uint8Array {
  const size = Buffer.alloc(4);
  size.writeUInt32LE((bytes.length | 0x8000_0000) >>> 0);
  return Buffer.concat([Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]), size, bytes, Buffer.alloc(4)]);
}
