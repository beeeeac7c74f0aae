import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Bars } from '../../../src/baseline/from-bars/bars.ts';
import { readSymbols, type SymbolBars } from '../../../src/baseline/from-bars/read-bars.ts';
import type { ReadingOptions } from '../../../src/baseline/from-bars/readers/reading-options.ts';
import { DIALECTS } from '../../../src/baseline/from-bars/recognise/dialects.ts';
import { BAR_ROLES } from '../../../src/baseline/from-bars/recognise/roles.ts';
import { COIN_M, DIALECT_CASES, type Has } from './dialects/dialects.ts';
import { type MarketRow, marketRows } from './dialects/market-rows.ts';

const ROWS = marketRows({ seed: 5, count: 90 });

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dialects-'));
});
after(() => rm(folder, { recursive: true }));

async function read(
  content: string | Uint8Array,
  options: ReadingOptions = {},
  name = 'bars.dat',
): Promise<SymbolBars> {
  const path = join(folder, name);
  await writeFile(path, content);
  const [symbol] = await readSymbols([{ symbol: 'BTCUSDT', path }], {}, options);
  return symbol!;
}

describe('bars as venues and programs write them are the same bars', () => {
  for (const { title, dialect, has, write, options, name } of DIALECT_CASES) {
    test(title, async () => {
      const { bars, readings } = await read(write(ROWS), options, name);
      const rows = title.startsWith('LEAN') ? ROWS.filter(({ t }) => t >= Date.UTC(2024, 5, 14)) : ROWS;
      assertBars(bars, rows, has);
      assert.equal(readings[0]!.dialect, dialect);
    });
  }

  test('Binance COIN-M: contracts of 100 dollars, the base asset in the column of quotes', async () => {
    const rows = ROWS.map(COIN_M.rowsOf);
    for (const header of ['', `${COIN_M.names.join(',')}\n`]) {
      const { bars, readings } = await read(header + COIN_M.write(ROWS));
      assert.deepEqual(
        [...bars.volume],
        rows.map((row) => Number(row[7])),
      );
      assert.deepEqual(
        [...bars.quoteVolume!],
        rows.map((row) => 100 * Number(row[5])),
      );
      assert.deepEqual(
        [...bars.takerBuyBase!],
        rows.map((row) => Number(row[10])),
      );
      assert.match(readings[0]!.notes.join(), /counts contracts of 100/);
    }
  });
});

function assertBars(bars: Bars, rows: readonly MarketRow[], has: Has): void {
  const numbers = (key: keyof MarketRow): number[] => rows.map((row) => Number(row[key]));
  assert.deepEqual([...bars.openTimeMs], numbers('t'));
  assert.deepEqual([...bars.open], numbers('o'));
  assert.deepEqual([...bars.high], numbers('h'));
  assert.deepEqual([...bars.low], numbers('l'));
  assert.deepEqual([...bars.close], numbers('c'));
  assert.deepEqual([...bars.volume], numbers('v'));
  assert.deepEqual(bars.quoteVolume && [...bars.quoteVolume], has.q ? numbers('q') : null);
  assert.deepEqual(bars.trades && [...bars.trades], has.n ? numbers('n') : null);
  assert.deepEqual(bars.takerBuyBase && [...bars.takerBuyBase], has.tb ? numbers('tb') : null);
}

test('docs/bars.md names every dialect, every role and every option', async () => {
  const text = await readFile(new URL('../../../docs/bars.md', import.meta.url), 'utf8');
  const help = await readFile(new URL('../../cli/help.test.ts.snapshot', import.meta.url), 'utf8');
  const options = /Usage: sweep baseline inspect[\s\S]*?`;/.exec(help)![0].match(/--[a-z-]+/g)!;
  const lacking = [
    ...DIALECTS.map(({ name }) => name),
    ...BAR_ROLES,
    ...options.filter((o) => !['--json', '--help'].includes(o)),
  ].filter((word) => !text.includes(word));
  assert.deepEqual(lacking, []);
});
