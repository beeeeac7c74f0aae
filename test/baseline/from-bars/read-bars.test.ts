import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Table, type Vector } from 'apache-arrow';
import {
  float32Column,
  float64Column,
  int32Column,
  int64Column,
} from '../../../src/baseline/from-bars/arrow-columns.ts';
import { readBars } from '../../../src/baseline/from-bars/read-bars.ts';
import { parquetBytes } from '../../../src/baseline/write-parquet.ts';
import { countOf, countText } from '../../../src/counts.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { textVector } from '../../support/arrow-columns.ts';

const T0 = Date.UTC(2024, 4, 1);
const HEADER = 'open_time_ms,open,high,low,close,volume';
const BOOK_HEADER = `${HEADER},best_bid,best_ask,best_bid_size,best_ask_size`;
const GOOD = [`${T0},10,12,9,11,5`, `${T0 + MINUTE_MS},11,11.5,10.25,10.5,0`];

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'read-bars-'));
});
after(() => rm(folder, { recursive: true }));

async function fileOf(content: string | Uint8Array, name = 'bars.csv'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function writeParquetFile(path: string, columns: { [name: string]: Vector }): Promise<void> {
  await writeFile(path, parquetBytes(new Table(columns)));
}

async function readText(content: string | Uint8Array): ReturnType<typeof readBars> {
  return readBars('TEST', await fileOf(content));
}

describe('bar files', () => {
  test('a CSV is read by its column names, in any order, with others ignored', async () => {
    const { bars, account } = await readText(
      `close,note,low,high,open,volume,open_time_ms,taker_buy_base\n11,x,9,12,10,5,${T0},2.5\n`,
    );
    assert.deepEqual(
      { ...bars, openTimeMs: [...bars.openTimeMs] },
      {
        symbol: 'TEST',
        openTimeMs: [T0],
        open: Float64Array.of(10),
        high: Float64Array.of(12),
        low: Float64Array.of(9),
        close: Float64Array.of(11),
        volume: Float64Array.of(5),
        quoteVolume: null,
        trades: null,
        takerBuyBase: Float64Array.of(2.5),
        book: null,
      },
    );
    assert.equal(account.bars, 1);
  });

  test('quotes, semicolons, a byte order mark, Windows line ends and blank lines make no difference', async () => {
    const plain = await readText([HEADER, ...GOOD].join('\n'));
    for (const text of [
      `\ufeff${[HEADER, ...GOOD].join('\r\n')}\r\n\r\n`,
      [HEADER, ...GOOD, '', ''].join('\n').replaceAll(',', ';'),
      [HEADER, ...GOOD].join('\n').replaceAll(/[^,\n]+/g, '"$&"'),
      [HEADER, ...GOOD].join('\n').replaceAll(',', ' , '),
    ]) {
      assert.deepEqual((await readText(text)).bars, plain.bars);
    }
  });

  test('a gzipped CSV is read whatever its name', async () => {
    const { bars } = await readText(gzipSync([HEADER, ...GOOD].join('\n')));
    assert.deepEqual([...bars.close], [11, 10.5]);
  });

  test('a parquet file is read with integers or floats of any width', async () => {
    const path = join(folder, 'bars.parquet');
    const prices = { open: [10, 11], high: [12, 11.5], low: [9, 10.25], close: [11, 10.5] };
    await writeParquetFile(path, {
      note: textVector(['a', 'b']),
      open_time_ms: int64Column(Float64Array.of(T0, T0 + MINUTE_MS)),
      ...Object.fromEntries(Object.entries(prices).map(([name, v]) => [name, float64Column(Float64Array.from(v))])),
      volume: float32Column(Float32Array.of(5, 0)),
      trades: int32Column(Int32Array.of(7, 0)),
    });
    const { bars } = await readBars('TEST', path);
    assert.deepEqual({ ...bars, trades: null }, (await readText([HEADER, ...GOOD].join('\n'))).bars);
    assert.deepEqual(bars.trades, Float64Array.of(7, 0));
  });

  test('rows come out in time order, exact repeats once, and the account says what was left out', async () => {
    const late = `${T0 + 10 * MINUTE_MS},11,12,10,11,1`;
    const { bars, account } = await readText([HEADER, late, GOOD[1], GOOD[0], GOOD[1], GOOD[1]].join('\n'));
    assert.deepEqual([...bars.openTimeMs], [T0, T0 + MINUTE_MS, T0 + 10 * MINUTE_MS]);
    assert.deepEqual(account, {
      bars: 3,
      firstOpenTimeMs: T0,
      lastOpenTimeMs: T0 + 10 * MINUTE_MS,
      missingMinutes: 8,
      gaps: 1,
      zeroVolumeBars: 1,
      droppedRepeats: 2,
      droppedOutsideRange: 0,
      droppedBadRows: 0,
      emptyRows: 0,
      unfinishedBars: 0,
      partialMinutes: 0,
      barsWithoutUsableBook: 0,
    });
  });

  test('a range takes its first minute and leaves its last one', async () => {
    const path = await fileOf([HEADER, ...GOOD, `${T0 + 2 * MINUTE_MS},10,12,9,11,5`].join('\n'));
    const { bars, account } = await readBars('TEST', path, { startMs: T0 + MINUTE_MS, endMs: T0 + 2 * MINUTE_MS });
    assert.deepEqual([...bars.openTimeMs], [T0 + MINUTE_MS]);
    assert.equal(account.droppedOutsideRange, 2);
    await assert.rejects(readBars('TEST', path, { startMs: T0 + 3 * MINUTE_MS }), {
      name: 'UserError',
      message: `TEST: no bar in the range asked for, its files hold 2024-05-01T00:00:00.000Z to 2024-05-01T00:02:00.000Z`,
    });
  });

  test('a book poll that is missing, crossed, without size, late or from long before counts as none', async () => {
    const rows = [
      ['10.5,11,1,2', T0 + 1000],
      [',,,', T0 + MINUTE_MS],
      ['11,10.5,1,2', T0 + 2 * MINUTE_MS],
      ['10.5,11,0,0', T0 + 3 * MINUTE_MS],
      ['10.5,11,1,2', T0 + 5 * MINUTE_MS],
      ['10.5,11,1,2', T0 + 3 * MINUTE_MS],
      ['10.5,11,1,2', ''],
      ['10.5,11,1,2', T0 + 7 * MINUTE_MS - 5000],
    ].map(([book, time], i) => `${T0 + i * MINUTE_MS},10,12,9,11,5,${book},${time}`);
    const { bars, account } = await readText([`${BOOK_HEADER},book_time_ms`, ...rows].join('\n'));
    assert.deepEqual([...bars.book!.bid], [10.5, NaN, NaN, NaN, NaN, NaN, NaN, 10.5]);
    assert.deepEqual([...bars.book!.askSize], [2, NaN, NaN, NaN, NaN, NaN, NaN, 2]);
    assert.equal(account.barsWithoutUsableBook, 6);
  });
});

describe('bar files that break a rule are refused with file, row, rule and value', () => {
  const cases: [title: string, content: string, message: string][] = [
    ['no rows', `${HEADER}\n`, ': a bar file needs a header and rows, got no row'],
    ['an empty file', '', ': a bar file needs a header and rows, got an empty file'],
    [
      'a missing column',
      `open_time_ms,open,high,low,mid_close,volume\n${GOOD[0]}`,
      ': column close missing, found open_time_ms, open, high, low, mid_close, volume. Say which with --columns close=NAME',
    ],
    [
      'a missing volume',
      `open_time_ms,open,high,low,close,notes\n${GOOD[0]}`,
      ': column volume missing, found open_time_ms, open, high, low, close, notes. Say which it is with --columns volume=NAME',
    ],
    [
      'a column twice',
      `${HEADER},close\n${GOOD[0]},11`,
      ': close and close may both be close. Say which with --columns close=5, or remove one',
    ],
    ['a short row', `${HEADER}\n${GOOD[0]}\n1,2`, ': line 3: expected 6 fields, got 2'],
    ['text', `${HEADER}\n${GOOD[0]}\n${T0},x,12,9,11,5`, ': line 3: open must be a number, got "x"'],
    ['an empty field', `${HEADER}\n${T0},10,12,9,,5`, ': line 2: close must be a number, got nothing'],
    ['NaN', `${HEADER}\n${T0},10,12,9,NaN,5`, ': line 2: close must be a number, got nothing'],
    ['infinity', `${HEADER}\n${T0},10,Infinity,9,11,5`, ': line 2: high must be a number, got "Infinity"'],
    [
      'a price no market has',
      `${HEADER}\n${T0},10,1e200,9,11,5`,
      ': line 2: high: expected a price from 1e-16 to 1e16, got 1e+200. Check its unit, or write the file again',
    ],
    [
      'a volume no market has',
      `${HEADER}\n${T0},10,12,9,11,1e17`,
      ': line 2: volume: expected a number from -1e16 to 1e16, got 100000000000000000. Check its unit, or write the file again',
    ],
    ['a price of 0', `${HEADER}\n${T0},10,12,0,11,5`, ': line 2: low must be above 0, got 0'],
    ['a negative price', `${HEADER}\n${T0},-10,12,9,11,5`, ': line 2: open must be above 0, got -10'],
    ['a negative volume', `${HEADER}\n${T0},10,12,9,11,-5`, ': line 2: volume must be 0 or more, got -5'],
    ['high below low', `${HEADER}\n${T0},10,9,12,11,5`, ': line 2: low must not be above high, got low 12, high 9'],
    [
      'a close outside its bar',
      `${HEADER}\n${T0},10,12,9,12.5,5`,
      ': line 2: close must lie within low and high, got 12.5 outside 9 to 12',
    ],
    [
      'more taker volume than volume',
      `${HEADER},taker_buy_base\n${T0},10,12,9,11,5,6`,
      ': line 2: taker_buy_base must not be above volume, got 6 of 5',
    ],
    [
      'a negative size',
      `${BOOK_HEADER}\n${T0},10,12,9,11,5,10,11,-1,1`,
      ': line 2: best_bid_size must be 0 or more, got -1',
    ],
    [
      'a time a little after its minute',
      `${HEADER}\n${T0 + 0.5},10,12,9,11,5`,
      ': line 2: time must be a whole UTC minute from 1980 to 2200, got "2024-05-01T00:00:00.000Z"',
    ],
    [
      'a time within a minute',
      `${HEADER}\n${T0 + 1000},10,12,9,11,5`,
      ': line 2: time must be a whole UTC minute from 1980 to 2200, got "2024-05-01T00:00:01.000Z"',
    ],
    [
      'a time before 1980 in any unit',
      `${HEADER}\n${GOOD.join('\n')}\n1234567,10,12,9,11,5`,
      ': line 4: time must be a whole UTC minute from 1980 to 2200, got "1234567"',
    ],
    [
      'two different bars for one minute',
      `${HEADER}\n${GOOD[0]}\n${GOOD[0]!.replace('11,5', '10,5')}`,
      ': line 3: one bar a minute, got a second one for 2024-05-01T00:00:00.000Z that differs from line 2 in close (11, 10). Keep one of them',
    ],
  ];
  for (const [title, content, message] of cases) {
    test(title, async () => {
      const path = await fileOf(content);
      await assert.rejects(readBars('TEST', path), { name: 'UserError', message: path + message });
    });
  }

  test('an unclosed quote names its line', async () => {
    const path = await fileOf(`${HEADER}\n${GOOD[0]}\n"${GOOD[1]}`);
    await assert.rejects(readBars('TEST', path), {
      name: 'UserError',
      message: `${path}: line 3: a quote begins here and does not end. Write the file again`,
    });
  });

  test('a truncated gzip file, a truncated parquet file and a zip archive', async () => {
    const gzip = await fileOf(gzipSync(`${HEADER}\n${GOOD[0]}`).subarray(0, 40), 'cut.csv.gz');
    await assert.rejects(readBars('TEST', gzip), {
      message: /^.*cut\.csv\.gz: expected a whole gzip file, got .*\. Fetch it again$/,
    });
    const parquet = await fileOf('PAR1 and then nothing', 'cut.parquet');
    await assert.rejects(readBars('TEST', parquet), {
      name: 'UserError',
      message: /cut\.parquet: is not a readable parquet file \(/,
    });
    const zip = await fileOf('PK\u0003\u0004rest', 'bars.csv');
    await assert.rejects(readBars('TEST', zip), {
      message: /bars\.csv: expected a whole zip archive, got End of central directory .*\. Fetch it again$/,
    });
  });

  test('a gzip file that unpacks to a hundred times its size is not unpacked any further', async () => {
    for (const filler of ['1', ',', '\n', `${GOOD[0]}\n`]) {
      const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, filler));
      const path = await fileOf(bomb, 'bomb.csv.gz');
      const before = process.memoryUsage().rss;
      const largest = Math.max(100 * bomb.length, 4 * 2 ** 20);
      await assert.rejects(readBars('TEST', path), {
        name: 'UserError',
        message:
          `${path}: expected a gzip file of ${countOf(bomb.length, 'byte')} to unpack to ${countText(largest)} at the most, got more. ` +
          'Unpack it and see what it holds, or write the bars as parquet',
      });
      // Unpacked whole it took 1600 MiB; other tests of the process have their share in what is measured.
      assert.ok(process.memoryUsage().rss - before < 300 * 2 ** 20, 'memory');
    }
  });

  test('bars of a price that never moves are no bomb', async () => {
    const rows = Array.from({ length: 100_000 }, (_, i) => `${T0 + i * MINUTE_MS},0.5,0.5,0.5,0.5,0.00000000`);
    assert.equal((await readText(gzipSync([HEADER, ...rows].join('\n')))).account.bars, 100_000);
  });

  test('a line without an end is refused before it is taken apart', async () => {
    const long = ','.repeat(2 ** 20 + 1);
    for (const [text, line, length] of [
      [long, 1, long.length],
      [`${HEADER}\n${GOOD[0]}\n${long}\n`, 3, long.length],
      [`${HEADER}\r${long}\r`, 2, long.length],
    ] as const) {
      for (const content of [text, gzipSync(text)]) {
        const path = await fileOf(content);
        await assert.rejects(readBars('TEST', path), {
          name: 'UserError',
          message: `${path}: line ${line}: expected at most 1048576 bytes, got ${length}. Is this a file of bars?`,
        });
      }
    }
  });

  test('a file that is not there and a folder', async () => {
    const missing = join(folder, 'missing.csv');
    await assert.rejects(readBars('TEST', missing), {
      name: 'UserError',
      message: /missing\.csv: expected a readable bar file, but there is no such file/,
    });
    const empty = await mkdtemp(join(folder, 'empty-'));
    await assert.rejects(readBars('TEST', empty), {
      name: 'UserError',
      message: `${empty}: expected a folder of bar files, got one without files`,
    });
    await assert.rejects(readBars('TEST', '/dev/null'), {
      name: 'UserError',
      message: '/dev/null: expected a readable bar file, got something that is no file',
    });
  });

  test('text in a parquet column, and a null in one', async () => {
    const path = join(folder, 'text.parquet');
    const columns = {
      open_time_ms: int64Column(Float64Array.of(T0)),
      ...Object.fromEntries(['open', 'high', 'low', 'volume'].map((name) => [name, float64Column(Float64Array.of(1))])),
    };
    await writeParquetFile(path, { ...columns, close: textVector(['one']) });
    await assert.rejects(readBars('TEST', path), {
      name: 'UserError',
      message: `${path}: row index 0: close must be a number, got "one"`,
    });
    await writeParquetFile(path, { ...columns, close: textVector(['1']) });
    assert.deepEqual([...(await readBars('TEST', path)).bars.close], [1]);
    await writeParquetFile(path, { ...columns, close: float64Column(Float64Array.of(Number.NaN)) });
    await assert.rejects(readBars('TEST', path), {
      name: 'UserError',
      message: `${path}: row index 0: close must be a number, got nothing`,
    });
  });
});
