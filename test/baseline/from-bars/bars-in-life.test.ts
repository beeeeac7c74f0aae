import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { inspectBars } from '../../../src/baseline/from-bars/inspect-bars.ts';
import { readSymbols, type SymbolBars } from '../../../src/baseline/from-bars/read-bars.ts';
import type { ReadingOptions } from '../../../src/baseline/from-bars/readers/reading-options.ts';
import { baselineInspectText } from '../../../src/report/baseline-inspect-text.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { csv, iso, type MarketRow, marketRows, plainTime } from './dialects/market-rows.ts';
import { zipOf } from './dialects/zip.ts';

const ROWS = marketRows({ seed: 9, count: 80 });
const NAMES = ['time', 'open', 'high', 'low', 'close', 'volume'];
const plain = (r: MarketRow): (string | number)[] => [r.t, r.o, r.h, r.l, r.c, r.v];
const FILE = csv(ROWS.map(plain), NAMES);

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bars-in-life-'));
});
after(() => rm(folder, { recursive: true }));

async function fileOf(content: string | Uint8Array, name = 'bars.csv'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function read(content: string | Uint8Array, options: ReadingOptions = {}): Promise<SymbolBars> {
  const [symbol] = await readSymbols([{ symbol: 'X', path: await fileOf(content) }], {}, options);
  return symbol!;
}

function refused(content: string | Uint8Array, message: RegExp, options: ReadingOptions = {}): Promise<void> {
  return assert.rejects(read(content, options), (error: Error) => {
    assert.equal(error.name, 'UserError', error.stack);
    assert.match(error.message, message);
    return true;
  });
}

describe('names that the rows contradict are refused, with what settles it', () => {
  test('open and close exchanged', async () => {
    const header = ['time', 'close', 'high', 'low', 'open', 'volume'];
    await refused(
      csv(ROWS.map(plain), header),
      /in \d+ of 79 minutes close does so better than open\. Say --columns open=close,close=open, or open=open,close=close/,
    );
    const { bars } = await read(csv(ROWS.map(plain), header), { columns: { open: 'close', close: 'open' } });
    assert.deepEqual(
      [...bars.open],
      ROWS.map((r) => Number(r.o)),
    );
  });

  test('high and low exchanged', async () => {
    await refused(
      csv(ROWS.map(plain), ['time', 'open', 'low', 'high', 'close', 'volume']),
      /the names of its columns contradict its rows: .* in 80 of 80 rows\. In the rows low is the high and high the low/,
    );
  });

  test('volume and quote volume exchanged, and a quote volume that is none', async () => {
    const rows = ROWS.map((r) => [...plain(r).with(5, r.q), r.v]);
    await refused(csv(rows, [...NAMES, 'quote_volume']), /Say --columns volume=quote_volume,quote_volume=volume$/);
    await refused(
      csv(
        ROWS.map((r) => [...plain(r), r.n]),
        [...NAMES, 'quote_volume'],
      ),
      /Say --columns quote_volume=none to leave it out$/,
    );
    const { bars } = await read(
      csv(
        ROWS.map((r) => [...plain(r), r.n]),
        [...NAMES, 'quote_volume'],
      ),
      { columns: { quote_volume: null } },
    );
    assert.equal(bars.quoteVolume, null);
  });

  test('a volume under the name of trades', async () => {
    const rows = ROWS.map((r) => [...plain(r).with(5, r.n), r.v]);
    await refused(
      csv(rows, [...NAMES, 'trades']),
      /trades must count trades, and is no whole number in \d+ of 80 rows\. Say --columns trades=none/,
    );
  });

  test('ends of minutes under the name of their beginnings', async () => {
    const rows = ROWS.map((r) => plain(r).with(0, r.t + 59_999));
    await refused(
      csv(rows, NAMES.with(0, 'open_time')),
      /open_time: expected times at which minutes open, got their ends such as .* Say --time-is close$/,
    );
    assert.equal(
      (await read(csv(rows, NAMES.with(0, 'open_time')), { timeIs: 'close' })).bars.openTimeMs[0],
      ROWS[0]!.t,
    );
  });
});

describe('what a file does not decide is asked for', () => {
  test('a day that may be a month', async () => {
    const rows = marketRows({ seed: 1, count: 50, from: Date.UTC(2024, 5, 5) });
    const dated = csv(
      rows.map((r) =>
        plain(r).with(0, `${iso(r.t).slice(8, 10)}/${iso(r.t).slice(5, 7)}/2024 ${iso(r.t).slice(11, 16)}`),
      ),
      NAMES,
    );
    await refused(
      dated,
      /time: dates such as 05\/06\/2024, which may be day or month first\. Say --date-order day-first or month-first$/,
    );
    assert.equal((await read(dated, { dateOrder: 'day-first' })).bars.openTimeMs[0], Date.UTC(2024, 5, 5));
    assert.equal((await read(dated, { dateOrder: 'month-first' })).bars.openTimeMs[0], Date.UTC(2024, 4, 6));
  });

  test('a clock that a name or the answer around the bars names, where times give no offset', async () => {
    const naive = ROWS.map((r) => plain(r).with(0, plainTime(r.t - 4 * 3_600_000)));
    const named = (name: string): string => csv(naive, NAMES.with(0, name));
    for (const [name, zone] of [
      ['Time (EST)', 'America/New_York'],
      ['time_kst', 'Asia/Seoul'],
      ['Time (America/New_York)', 'America/New_York'],
      ['date(UTC+8)', 'Etc/GMT-8'],
      ['localTime', 'ZONE'],
    ] as const) {
      const message = `of the clock that "${name}" names. Say --time-zone ${zone}, or --time-zone UTC where they are UTC`;
      await refused(named(name), new RegExp(message.replace(/[.()+]/g, '\\$&')));
    }
    const { bars } = await read(named('Time (EST)'), { timeZone: 'America/New_York' });
    assert.equal(bars.openTimeMs[0], ROWS[0]!.t);
    for (const name of ['Time (UTC)', 'gmt_time', 'date(UTC+0)', 'Date/Time', 'closest_time']) {
      assert.equal((await read(named(name))).bars.openTimeMs[0], ROWS[0]!.t - 4 * 3_600_000, name);
    }
    const answer = (zone: string): string =>
      JSON.stringify({
        'Meta Data': { '6. Time Zone': zone },
        'Time Series (1min)': Object.fromEntries(
          naive.map(([t, o, h, l, c, v]) => [
            t,
            { '1. open': o, '2. high': h, '3. low': l, '4. close': c, '5. volume': v },
          ]),
        ),
      });
    await refused(answer('US/Eastern'), /of the clock that "US\/Eastern" names\. Say --time-zone US\/Eastern, or/);
    assert.equal((await read(answer('US/Eastern'), { timeZone: 'US/Eastern' })).bars.openTimeMs[0], ROWS[0]!.t);
    assert.equal((await read(answer('UTC'))).bars.openTimeMs[0], ROWS[0]!.t - 4 * 3_600_000);
  });

  test('of two columns of times the one in UTC is read, wherever it stands', async () => {
    for (const order of [(x: unknown[]) => x, (x: unknown[]) => x.toReversed()]) {
      const rows = ROWS.map((r) => [...order([plainTime(r.t), plainTime(r.t + 9 * 3_600_000)]), ...plain(r).slice(1)]);
      const text = csv(rows as string[][], [
        ...(order(['candle_time_utc', 'candle_time_kst']) as string[]),
        ...NAMES.slice(1),
      ]);
      assert.equal((await read(text)).bars.openTimeMs[0], ROWS[0]!.t);
    }
  });

  test('a comma that may stand before decimals or thousands', async () => {
    const text = csv(
      ROWS.map((r) => [r.t, ...[r.o, r.h, r.l, r.c].map((x) => x.slice(0, -3).replace(/(\d{3})$/, ',$1')), '1,000']),
      NAMES,
      ';',
    );
    await refused(text, /whose comma may stand before decimals or thousands\. Say --decimal comma or --decimal point$/);
    assert.equal((await read(text, { decimal: 'point' })).bars.volume[0], 1000);
    assert.equal((await read(text, { decimal: 'comma' })).bars.volume[0], 1);
  });

  test('which of two columns without names is volume', async () => {
    // Neither makes a price of the other, neither counts.
    await refused(
      csv(ROWS.map((r) => [...plain(r), r.v, r.tb])),
      /the rows do not tell which of columns 6, 7, 8 is volume\. Say it with --columns time=1,high=3,low=4,open=2,close=5,volume=…$/,
    );
  });

  test('open and close of a file without names whose order is nobody’s', async () => {
    // Close first: the minute before tells it.
    const shuffled = ROWS.map((r) => [r.v, r.c, r.t, r.l, r.o, r.h]);
    const { bars } = await read(csv(shuffled));
    assert.deepEqual(
      [...bars.open],
      ROWS.map((r) => Number(r.o)),
    );
    assert.deepEqual(
      [...bars.volume],
      ROWS.map((r) => Number(r.v)),
    );
    // Three bars tell nothing, and no venue writes so.
    await refused(csv(shuffled.slice(0, 3)), /the rows do not tell which of columns 2 and 5 is open and which close/);
  });

  test('a time that a clock showed twice', async () => {
    const rows = marketRows({ seed: 2, count: 240, from: Date.UTC(2024, 9, 26, 23) });
    const local = (t: number): string => plainTime(t + (t < Date.UTC(2024, 9, 27, 1) ? 7_200_000 : 3_600_000));
    const text = csv(
      rows.map((r) => plain(r).with(0, local(r.t))),
      NAMES,
    );
    const zurich = { timeZone: 'Europe/Zurich' };
    assert.deepEqual(
      [...(await read(text, zurich)).bars.openTimeMs],
      rows.map((r) => r.t),
    );
    const reversed = csv(rows.map((r) => plain(r).with(0, local(r.t))).reverse(), NAMES);
    assert.deepEqual(
      [...(await read(reversed, zurich)).bars.openTimeMs],
      rows.map((r) => r.t),
    );
    const once = rows.filter(({ t }) => t < Date.UTC(2024, 9, 27, 0, 30) || t >= Date.UTC(2024, 9, 27, 1, 30));
    await refused(
      csv(
        once.map((r) => plain(r).with(0, local(r.t))),
        NAMES,
      ),
      /line \d+: 2024-10-27 02:\d\d:00 came twice in Europe\/Zurich/,
      zurich,
    );
    const spring = csv([[plainTime(Date.UTC(2024, 2, 31, 2, 30)), 1, 1, 1, 1, 1]], NAMES);
    await refused(spring, /2024-03-31 02:30:00 was shown by no clock in Europe\/Zurich/, zurich);
  });

  test('ends before beginnings without names, and taker volumes exchanged at a price near 1', async () => {
    const ends = csv(ROWS.map((r) => [r.t + MINUTE_MS, ...plain(r)]));
    assert.deepEqual(
      [...(await read(ends)).bars.openTimeMs],
      ROWS.map((r) => r.t),
    );
    const apart = csv(
      ROWS.map((r) => [r.t + 3_600_000, ...plain(r)]),
      ['time', 'timestamp', ...NAMES.slice(1)],
    );
    await refused(
      apart,
      /time and timestamp are both times, of different minutes\. Say which with --columns time=1 or time=2$/,
    );
    const cheap = marketRows({ seed: 6, count: 120, price: 1.02 });
    const klines = (exchange: boolean): string =>
      csv(
        cheap.map((r) => [
          r.t,
          r.o,
          r.h,
          r.l,
          r.c,
          r.v,
          r.t + 59_999,
          r.q,
          r.n,
          ...(exchange ? [r.tq, r.tb] : [r.tb, r.tq]),
          0,
        ]),
      );
    assert.deepEqual(
      [...(await read(klines(false))).bars.takerBuyBase!],
      cheap.map((r) => Number(r.tb)),
    );
    await refused(klines(true), /the rows do not tell which of columns 2 and 5 is open and which close/);
  });

  test('a spread behind volumes without names is no count of trades', async () => {
    const dated = (r: MarketRow): string[] => [iso(r.t).slice(0, 10).replaceAll('-', '.'), iso(r.t).slice(11, 16)];
    const prices = (r: MarketRow): string[] => [r.o, r.h, r.l, r.c];
    const spreads = [
      ROWS.map((r) => [...dated(r), ...prices(r), r.n, r.v, 5]),
      ROWS.map((r, i) => [...dated(r), ...prices(r), r.n, r.v, 5 + (i % 3)]),
      ROWS.map((r) => [...dated(r), ...prices(r), r.n, 5]),
      ROWS.map((r, i) => [...dated(r), ...prices(r), 1 + (r.n % 40), 5 + (i % 30)]),
    ];
    for (const rows of spreads) await refused(csv(rows, undefined, '\t'), /do not tell which of columns .* is volume/);
  });

  test('texts in a file without names that may be symbols', async () => {
    const rows = ROWS.flatMap((r) => ['A', 'B'].map((symbol) => [symbol, ...plain(r)]));
    await refused(csv(rows), /column 1 holds "A", "B", which may be symbols\. Say --columns symbol=1 or symbol=none$/);
    const symbols = await readSymbols(
      [{ symbol: null, path: await fileOf(csv(rows)) }],
      {},
      { columns: { symbol: '1' } },
    );
    assert.deepEqual(
      symbols.map(({ bars }) => [bars.symbol, bars.openTimeMs.length]),
      [
        ['A', 80],
        ['B', 80],
      ],
    );
  });
});

describe('rows as they are in life', () => {
  test('a row without prices is a missing minute, a minute without volume a bar', async () => {
    const rows = ROWS.map((r, i) =>
      i >= 10 && i < 15 ? [r.t, '', 'NaN', 'null', '', i === 12 ? '0' : ''] : plain(r).with(5, i === 20 ? '0' : r.v),
    );
    const { bars, account } = await read(csv(rows, NAMES));
    assert.equal(bars.openTimeMs.length, 75);
    assert.deepEqual([account.emptyRows, account.missingMinutes, account.gaps, account.zeroVolumeBars], [5, 5, 1, 1]);
  });

  test('a bar that is not over is left out when the file says so', async () => {
    const flagged = ROWS.map((r, i) => [...plain(r), i === 79 ? 'false' : 'true']);
    const { bars, account } = await read(csv(flagged, [...NAMES, 'is_closed']));
    assert.deepEqual([bars.openTimeMs.length, account.unfinishedBars], [79, 1]);
    const ended = ROWS.map((r, i) => [...plain(r), r.t + (i === 79 ? 12_345 : 59_999)]);
    assert.equal((await read(csv(ended, [...NAMES, 'close_time']))).account.unfinishedBars, 1);
  });

  test('bars of another length are refused with their spacing; finer ones are made into minutes on request', async () => {
    await refused(
      csv(ROWS.filter((_, i) => i % 5 === 0).map(plain), NAMES),
      /got bars 5 minutes apart \(15 of 15 steps\)/,
    );
    await refused(
      csv(
        ROWS.map((r, i) => plain(r).with(0, ROWS[0]!.t + i * 86_400_000)),
        NAMES,
      ),
      /got bars 1 day apart/,
    );
    const seconds = marketRows({ seed: 3, count: 200 }).map((r, i) => ({
      ...r,
      t: Date.UTC(2024, 0, 1) + 1000 * (i + 30),
    }));
    const text = csv(seconds.map(plain), NAMES);
    await refused(text, /got bars 1 second apart \(199 of 199 steps\)\. Say --aggregate/);
    const { bars, account } = await read(text, { aggregate: true });
    assert.deepEqual(
      [...bars.openTimeMs],
      [1, 2].map((minute) => Date.UTC(2024, 0, 1, 0, minute)),
    );
    const minute = seconds.slice(30, 90);
    assert.equal(bars.open[0], Number(minute[0]!.o));
    assert.equal(bars.high[0], Math.max(...minute.map((r) => Number(r.h))));
    assert.equal(bars.low[0], Math.min(...minute.map((r) => Number(r.l))));
    assert.equal(bars.close[0], Number(minute[59]!.c));
    assert.equal(
      bars.volume[0],
      minute.reduce((sum, r) => sum + Number(r.v), 0),
    );
    assert.equal(account.partialMinutes, 2);
    await refused(
      csv([...seconds, { ...seconds[50]!, c: seconds[50]!.h, v: '1' }].map(plain), NAMES),
      /one bar a minute, got a second one/,
      { aggregate: true },
    );
  });

  test('rows that break a rule are left out and listed, as many as are allowed and no more', async () => {
    const rows = ROWS.map((r, i) =>
      i === 3 ? plain(r).with(1, '-1') : i === 7 ? plain(r).with(4, 'n.a.') : i === 9 ? [r.t, 1] : plain(r),
    );
    const text = csv(rows, NAMES);
    await refused(text, /bars\.csv: line 5: open must be above 0, got -1$/);
    await refused(
      text,
      /line 11: expected 6 fields, got 2\. It is row 3 that breaks a rule \(the first: .*line 5: open must be above 0, got -1\); --drop-bad-rows 2 leaves out no more$/,
      { dropBadRows: 2 },
    );
    const { bars, account, badRows } = await read(text, { dropBadRows: 3 });
    assert.deepEqual([bars.openTimeMs.length, account.droppedBadRows], [77, 3]);
    assert.deepEqual(
      badRows.map(({ problem }) => problem),
      ['open must be above 0, got -1', 'close must be a number, got "n.a."', 'expected 6 fields, got 2'],
    );
  });

  test('a book under other names is used, half a book is said to be unused', async () => {
    const book = ROWS.map((r) => [...plain(r), r.l, r.h, 1, 2]);
    const { bars } = await read(csv(book, [...NAMES, 'bid_close', 'ask_close', 'bid_size_last', 'ask_size_last']));
    assert.deepEqual(
      [...bars.book!.bid],
      ROWS.map((r) => Number(r.l)),
    );
    const { readings } = await read(
      csv(
        ROWS.map((r) => [...plain(r), r.l]),
        [...NAMES, 'best_bid'],
      ),
    );
    assert.deepEqual(readings[0]!.unused, ['best_bid']);
    assert.match(
      readings[0]!.notes.join(),
      /best_bid not used: a book needs best_ask, best_bid_size, best_ask_size as well/,
    );
  });
});

describe('several files and several symbols', () => {
  test('a folder, a pattern and a symbol repeated are one series; rows that agree count once', async () => {
    const parts = await mkdtemp(join(folder, 'parts-'));
    await writeFile(join(parts, 'b.csv.gz'), gzipSync(csv(ROWS.slice(39).map(plain))));
    await writeFile(join(parts, 'a.csv'), csv(ROWS.slice(0, 40).map(plain), NAMES));
    await writeFile(join(parts, 'a.csv.CHECKSUM'), 'abc  a.csv\n');
    for (const paths of [[parts], [join(parts, '*.csv*')], [join(parts, 'b.csv.gz'), join(parts, 'a.csv')]]) {
      const [symbol] = await readSymbols(
        paths.map((path) => ({ symbol: 'X', path })),
        {},
        {},
      );
      assert.deepEqual(
        [...symbol!.bars.close],
        ROWS.map((r) => Number(r.c)),
        paths.join(),
      );
      assert.equal(symbol!.account.droppedRepeats, 1);
      assert.equal(symbol!.files.length, 2);
    }
  });

  test('files that are no tables beside bars are left out and named; what may be a failed download is not', async () => {
    const prose = {
      'README.txt': 'Bars of X.\nMade, by, hand, in, 2024.\n',
      LICENSE: 'MIT\n',
      'terms.pdf': '%PDF-1.4',
    };
    const windows = { 'desktop.ini': '[.ShellClassInfo]\n', '__MACOSX/._a.csv': 'junk' };
    const zipped = await read(zipOf({ ...prose, 'a.csv': FILE, ...windows }));
    assert.equal(zipped.bars.openTimeMs.length, 80);
    assert.deepEqual(
      zipped.strays.map(({ file }) => file.split(' › ')[1]),
      Object.keys(prose),
    );
    const beside = await mkdtemp(join(folder, 'beside-'));
    await writeFile(join(beside, 'README.md'), '# Bars of X\n\nMade by hand.\n');
    await writeFile(join(beside, '_SUCCESS'), '');
    await assert.rejects(readSymbols([{ symbol: 'X', path: beside }], {}, {}), { message: /README\.md: expected/ });
    await writeFile(join(beside, 'part-0.csv'), FILE);
    const [inspected] = await inspectBars([{ symbol: 'X', path: beside }], {}, {});
    assert.deepEqual(
      inspected!.strays.map(({ file }) => file),
      [join(beside, 'README.md'), join(beside, '_SUCCESS')],
    );
    assert.match(baselineInspectText([inspected!]), /no bars {3}\S*README\.md,\s+\S*_SUCCESS: left out/s);
    await refused(zipOf(prose), /README\.txt: expected .* Is this a file of bars\?/);
    await refused(zipOf({ 'a.csv': FILE, 'b.csv': '<!DOCTYPE html><p>404' }), /b\.csv: expected .* got a web page/);
    await refused(zipOf({ 'a.csv': FILE, 'b.csv': '' }), /b\.csv: .* got an empty file/);
  });

  test('files that were joined have their header again; another header is refused', async () => {
    const [first, second] = [ROWS.slice(0, 40), ROWS.slice(40)].map((rows) => rows.map(plain));
    const { bars } = await read(csv(first!, NAMES) + csv(second!, NAMES, ',', ' \r\n'));
    assert.deepEqual(
      [...bars.close],
      ROWS.map((r) => Number(r.c)),
    );
    const swapped = ROWS.slice(40).map((r) => [r.t, r.c, r.h, r.l, r.o, r.v]);
    await refused(
      csv(first!, NAMES) + csv(swapped, ['time', 'close', 'high', 'low', 'open', 'volume']),
      /line 42: open must be a number, got "close"/,
    );
  });

  test('rows that differ are refused by file and line', async () => {
    const parts = await mkdtemp(join(folder, 'differ-'));
    await writeFile(join(parts, 'a.csv'), csv(ROWS.slice(0, 40).map(plain), NAMES));
    await writeFile(
      join(parts, 'b.csv'),
      csv(
        ROWS.slice(39).map((r, i) => (i === 0 ? plain(r).with(5, '1') : plain(r))),
        NAMES,
      ),
    );
    await assert.rejects(readSymbols([{ symbol: 'X', path: parts }], {}, {}), {
      name: 'UserError',
      message:
        /b\.csv: line 2: one bar a minute, got a second one for .* that differs from .*a\.csv: line 41 in volume/,
    });
  });

  test('files with other columns are refused: their rows would say that nothing was traded', async () => {
    const parts = await mkdtemp(join(folder, 'columns-'));
    await writeFile(
      join(parts, 'a.csv'),
      csv(
        ROWS.slice(0, 40).map((r) => [...plain(r), r.n]),
        [...NAMES, 'trades'],
      ),
    );
    await writeFile(join(parts, 'b.csv'), csv(ROWS.slice(40).map(plain), NAMES));
    await assert.rejects(readSymbols([{ symbol: 'X', path: parts }], {}, {}), {
      message:
        /^X: its files need the same columns: .*a\.csv has trades, .*b\.csv has not\. Give files alike, or say --columns trades=none$/,
    });
  });

  test('a file of two bars is read as the others of its shape are, and held to it', async () => {
    const parts = await mkdtemp(join(folder, 'small-'));
    const shuffled = (rows: readonly MarketRow[]): string => csv(rows.map((r) => [r.v, r.c, r.t, r.l, r.o, r.h]));
    await writeFile(join(parts, 'a.csv'), shuffled(ROWS.slice(0, 2)));
    await writeFile(join(parts, 'b.csv'), shuffled(ROWS.slice(2)));
    const [symbol] = await readSymbols([{ symbol: 'X', path: parts }], {}, {});
    assert.deepEqual(
      [...symbol!.bars.open],
      ROWS.map((r) => Number(r.o)),
    );
  });

  test('several symbols in one file are told apart, or one is asked for', async () => {
    const other = marketRows({ seed: 11, count: 80, price: 3_500 });
    const text = csv(
      ROWS.flatMap((r, i) => [
        ['BTC/USDT', ...plain(r)],
        ['ETH/USDT', ...plain(other[i]!)],
      ]),
      ['Ticker', ...NAMES],
    );
    const path = await fileOf(text);
    const both = await readSymbols([{ symbol: null, path }], {}, {});
    assert.deepEqual(
      both.map(({ bars }) => bars.symbol),
      ['BTC/USDT', 'ETH/USDT'],
    );
    assert.deepEqual(
      [...both[1]!.bars.close],
      other.map((r) => Number(r.c)),
    );
    const [eth] = await readSymbols([{ symbol: 'ETHUSDT', path }], {}, {});
    assert.deepEqual(
      [...eth!.bars.close],
      other.map((r) => Number(r.c)),
    );
    await assert.rejects(readSymbols([{ symbol: 'SOL', path }], {}, {}), {
      message: /expected bars of SOL, got several symbols without it: BTC\/USDT, ETH\/USDT/,
    });
    await assert.rejects(readSymbols([{ symbol: null, path: await fileOf(FILE) }], {}, {}), {
      message: /no column says what its bars are of\. Give it as SYMBOL=/,
    });
  });

  test('symbols that are numbers are symbols, also where their minutes do not meet', async () => {
    const text = csv(
      ROWS.map((r, i) => [i < 40 ? 600_519 : 1, ...plain(r)]),
      ['code', ...NAMES],
    );
    const symbols = await readSymbols([{ symbol: null, path: await fileOf(text) }], {}, {});
    assert.deepEqual(
      symbols.map(({ bars }) => [bars.symbol, bars.openTimeMs.length]),
      [
        ['600519', 40],
        ['1', 40],
      ],
    );
  });

  test('swaps that count contracts beside both volumes, prices with their currency, an exchange whose candle says it is not over', async () => {
    const okx = csv(
      ROWS.map((r) => [r.t, ...plain(r).slice(1, 5), Math.round(Number(r.v) * 100), r.v, r.q, 1]),
      ['ts', 'open', 'high', 'low', 'close', 'vol', 'volCcy', 'volCcyQuote', 'confirm'],
    );
    assert.deepEqual(
      [...(await read(okx)).bars.volume],
      ROWS.map((r) => Number(r.v)),
    );
    const priced = csv(
      ROWS.map((r) => plain(r).map((x, i) => (i > 0 && i < 5 ? `$${x}` : x))),
      NAMES,
    );
    assert.deepEqual(
      [...(await read(priced)).bars.close],
      ROWS.map((r) => Number(r.c)),
    );
    const oanda = JSON.stringify({
      candles: ROWS.map((r, i) => ({
        complete: i < 79,
        volume: r.n,
        time: iso(r.t),
        mid: { o: r.o, h: r.h, l: r.l, c: r.c },
      })),
    });
    assert.equal((await read(oanda)).account.unfinishedBars, 1);
  });

  test('inspect shows what a build would understand', async () => {
    const path = await fileOf(
      csv(
        ROWS.toSpliced(30, 7).map((r) => [...plain(r), 'x']),
        [...NAMES, 'note'],
      ),
      'my bars.csv',
    );
    const [found] = await inspectBars([{ symbol: null, path }], {}, {});
    assert.equal(found!.symbol, 'my_bars.csv');
    assert.deepEqual(found!.readings[0]!.columns, {
      open: 'open',
      high: 'high',
      low: 'low',
      close: 'close',
      volume: 'volume',
    });
    assert.deepEqual(found!.readings[0]!.unused, ['note']);
    assert.deepEqual(found!.longestGaps, [{ from: iso(ROWS[30]!.t), to: iso(ROWS[36]!.t + MINUTE_MS), minutes: 7 }]);
    assert.deepEqual(
      found!.missing.map(({ what }) => what),
      ['taker volume', 'number of trades', 'best bid and ask with their sizes', 'quote volume'],
    );
    assert.deepEqual(found!.firstBars[0], {
      time: iso(ROWS[0]!.t),
      open: +ROWS[0]!.o,
      high: +ROWS[0]!.h,
      low: +ROWS[0]!.l,
      close: +ROWS[0]!.c,
      volume: +ROWS[0]!.v,
      quoteVolume: null,
      trades: null,
      takerBuyBase: null,
    });
    assert.equal(found!.lastBars.at(-1)!.time, iso(ROWS[79]!.t));
  });
});

describe('files that are none of bars are named for what they are', () => {
  const cases: [title: string, content: string | Uint8Array, message: RegExp][] = [
    ['bzip2', 'BZh91AY', /got a bzip2 file\. Unpack it first: bunzip2/],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /got an xz file\. Unpack it first: unxz/],
    ['7-Zip', Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), /got a 7-Zip archive/],
    [
      'tar in gzip',
      gzipSync(Buffer.concat([Buffer.alloc(257), Buffer.from('ustar'), Buffer.alloc(250)])),
      /got a tar archive\. Unpack it first/,
    ],
    [
      'an Excel workbook',
      zipOf({ '[Content_Types].xml': '<x/>', 'xl/workbook.xml': '<x/>' }),
      /got an Excel workbook\. Save the sheet as CSV/,
    ],
    ['a web page', '<!DOCTYPE html><html>', /got a web page\. Fetch the file itself/],
    ['bytes', Buffer.from([1, 2, 0, 4, 5, 0, 7, 9, 9]), /got bytes that are no text \(01 02 00 04 05 00 …\)/],
    [
      'rows under a header whose cells are no numbers',
      csv(
        ROWS.map((r) => [
          r.t,
          ...plain(r)
            .slice(1)
            .map((x) => `${x} €`),
        ]),
        NAMES,
      ),
      /line 2: expected a row of a time and four prices at least, got ".* €.*\. Write its cells as plain numbers/,
    ],
    [
      'a text that a crash filled up',
      `${FILE}${'\0'.repeat(99)}`,
      new RegExp(`no text \\(byte ${FILE.length + 1} is 0\\)`),
    ],
    [
      'a year of two digits',
      csv(
        ROWS.map((r) => plain(r).with(0, `6/13/24 ${iso(r.t).slice(11, 16)}`)),
        NAMES,
      ),
      /time: text that is no time \(2024-06-16 00:01:00 is one\), such as "6\/13\/24 23:30"\. Say which/,
    ],
    ['prose', 'It was a dark night.\nNothing else.\n', /expected .* Is this a file of bars\?/],
    ['JSON without bars', '{"code": -1121, "msg": "Invalid symbol."}', /expected bars in JSON, .* got \{"code":-1121/],
    ['broken JSON', '[[1, 2', /is not JSON/],
    [
      'JSON with an array in a cell, however deep',
      `[${ROWS.map((row) => JSON.stringify(Object.fromEntries(NAMES.map((name, k) => [name, plain(row)[k]])))).join()},{"time":1,"open":${'['.repeat(20_000)}${']'.repeat(20_000)}}]`,
      /bars\.csv: /,
    ],
    [
      'two tables',
      JSON.stringify({ a: { x: [[1, 2, 3, 4, 5]] }, b: { y: [[1, 2, 3, 4, 5]] } }),
      /expected one table of bars, got 2 \(\$\.a\.x, \$\.b\.y\)/,
    ],
    [
      'a path out of a zip',
      zipOf({ '../x.csv': FILE }),
      /expected a whole zip archive, got invalid relative path: \.\.\/x\.csv/,
    ],
    ['a zip cut short', zipOf({ 'x.csv': FILE }).subarray(0, 900), /expected a whole zip archive/],
    [
      'a zip with a damaged member',
      zipOf({ 'x.csv': FILE }).fill(0, 60, 80),
      /x\.csv: expected a whole member of a zip archive, got /,
    ],
    ['an empty zip', zipOf({}), /got one without files/],
    [
      'a bomb in a zip',
      zipOf({ 'x.csv': Buffer.alloc(32 * 2 ** 20, '1') }),
      /expected a zip file of [\d,]+ bytes to unpack to [\d,]+ at the most, got more/,
    ],
    ['archives in archives', gzipSync(gzipSync(gzipSync(gzipSync(FILE)))), /at most 3 archives one within the other/],
    ['a million columns', `${'1,'.repeat(400_000)}1\n`, /expected at most 1000 columns, got \d+ or more/],
  ];
  for (const [title, content, message] of cases) test(title, () => refused(content, message));
});

test('a folder within a folder is left alone, and a folder without files is refused', async () => {
  const outer = await mkdtemp(join(folder, 'outer-'));
  await mkdir(join(outer, 'inner'));
  await assert.rejects(readSymbols([{ symbol: 'X', path: outer }], {}, {}), { message: /got one without files/ });
  await writeFile(join(outer, 'inner', 'a.csv'), FILE);
  const [symbol] = await readSymbols([{ symbol: 'X', path: join(outer, '**', '*.csv') }], {}, {});
  assert.equal(symbol!.bars.openTimeMs.length, 80);
});
