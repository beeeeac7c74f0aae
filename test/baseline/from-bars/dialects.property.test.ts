import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { readSymbols } from '../../../src/baseline/from-bars/read-bars.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { UserError } from '../../../src/user-error.ts';
import { type Random, randomFrom } from '../../support/random.ts';
import { DIALECT_CASES } from './dialects/dialects.ts';
import { csv, type MarketRow, marketRows, plainTime } from './dialects/market-rows.ts';

const SEEDS = 150;

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'any-bars-'));
});
after(() => rm(folder, { recursive: true }));

/** A column as it may be written, and its names elsewhere. */
const COLUMNS: readonly {
  readonly names: readonly string[];
  readonly text: (r: MarketRow) => string | number;
  readonly isNeeded?: boolean;
}[] = [
  {
    names: ['time', 'Timestamp', 'open_time', 'Open time', 'ts', 'Date', 'datetime'],
    text: (r) => r.t,
    isNeeded: true,
  },
  { names: ['open', 'Open', 'o', 'OPEN', '<OPEN>', 'price_open'], text: (r) => r.o, isNeeded: true },
  { names: ['high', 'High', 'h', 'max'], text: (r) => r.h, isNeeded: true },
  { names: ['low', 'Low', 'l', 'min'], text: (r) => r.l, isNeeded: true },
  { names: ['close', 'Close', 'c', 'closing'], text: (r) => r.c, isNeeded: true },
  { names: ['volume', 'Volume', 'v', 'Volume BTC'], text: (r) => r.v, isNeeded: true },
  { names: ['quote_volume', 'Volume USDT', 'turnover', 'amount', 'q'], text: (r) => r.q },
  { names: ['trades', 'count', 'n', 'Number of trades'], text: (r) => r.n },
  { names: ['taker_buy_base', 'taker_buy_volume'], text: (r) => r.tb },
  { names: ['note', 'vwap', 'ignore'], text: (r) => ((Number(r.h) + Number(r.l)) / 2).toFixed(3) },
];

/** Bars with gaps, quiet minutes, and prices of any size. */
function anyRows(random: Random): MarketRow[] {
  const rows = marketRows({
    seed: random.integer(1, 1e9),
    count: random.pick([3, 12, 40, 150]),
    from: Date.UTC(
      2015 + random.integer(0, 10),
      random.integer(0, 11),
      random.integer(1, 28),
      random.integer(0, 23),
      random.integer(0, 59),
    ),
    price: random.pick([66_228.25, 3_200.5, 21.4, 1.02]),
  });
  let late = 0;
  return rows.map((row) => {
    if (random.chance(0.05)) late += random.integer(1, 30) * MINUTE_MS;
    const isQuiet = random.chance(0.05);
    return {
      ...row,
      t: row.t + late,
      ...(isQuiet ? { o: row.c, h: row.c, l: row.c, v: '0', q: '0', n: 0, tb: '0', tq: '0' } : {}),
    };
  });
}

function anyFile(random: Random, rows: readonly MarketRow[]): string {
  const columns = random.shuffled(COLUMNS.filter(({ isNeeded }) => isNeeded || random.chance(0.4)));
  const time = random.pick<(t: number) => string | number>([
    (t) => t,
    (t) => t / 1000,
    (t) => `${t}000`,
    (t) => `${t}000000`,
    plainTime,
    (t) => new Date(t).toISOString(),
    (t) => `${plainTime(t + 5 * 3_600_000)}+05:00`,
  ]);
  const lines = rows.map((row) => columns.map((column) => (column === COLUMNS[0] ? time(row.t) : column.text(row))));
  const ordered = random.pick([lines, lines.toReversed(), random.shuffled(lines)]);
  const header = random.chance(0.6) ? columns.map(({ names }) => random.pick(names)) : undefined;
  return csv(ordered, header, random.pick([',', ';', '\t', '|']), random.pick(['\n', '\r\n']));
}

/** The same bars, or refused. Rows with nothing in them but a time may be missing minutes. */
async function assertSameOrRefused(
  content: string | Uint8Array,
  rows: readonly MarketRow[],
  name: string,
  seed: string,
): Promise<boolean> {
  const path = join(folder, name);
  await writeFile(path, content);
  let bars: Awaited<ReturnType<typeof readSymbols>>[number]['bars'];
  try {
    bars = (await readSymbols([{ symbol: 'X', path }], {}, {}))[0]!.bars;
  } catch (error) {
    assert.ok(error instanceof UserError, `${seed}: ${error instanceof Error ? error.stack : error}`);
    return false;
  }
  const numbers = (key: keyof MarketRow): number[] => rows.map((row) => Number(row[key]));
  for (const [key, column] of [
    ['t', bars.openTimeMs],
    ['o', bars.open],
    ['h', bars.high],
    ['l', bars.low],
    ['c', bars.close],
    ['v', bars.volume],
    ['q', bars.quoteVolume],
    ['n', bars.trades],
    ['tb', bars.takerBuyBase],
  ] as const) {
    if (column !== null)
      assert.deepEqual([...column], numbers(key), `${seed}, ${key}: ${String(content).slice(0, 300)}`);
  }
  return true;
}

test('any bars, in any order of columns and rows, with names or without, are read as the same bars or refused', async () => {
  let accepted = 0;
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = randomFrom(seed);
    const rows = anyRows(random);
    if (await assertSameOrRefused(anyFile(random, rows), rows, 'any.csv', `seed ${seed}`)) accepted += 1;
  }
  assert.ok(accepted > SEEDS / 2, `${accepted} of ${SEEDS} were accepted`);
});

test('any bars in any dialect are read as the same bars or refused', async () => {
  let accepted = 0;
  for (const [i, { title, write, name, options }] of DIALECT_CASES.entries()) {
    // Their rows need the day of their name, or a word of the user's.
    if (title.startsWith('LEAN') || options !== undefined) continue;
    const random = randomFrom(1000 + i);
    const rows = anyRows(random);
    if (await assertSameOrRefused(write(rows), rows, name ?? 'dialect.dat', title)) accepted += 1;
  }
  assert.ok(accepted > DIALECT_CASES.length / 2, `${accepted} of ${DIALECT_CASES.length} were accepted`);
});
