import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowIndex } from '../../src/dataset/row-index.ts';
import { MINUTE_MS } from '../../src/time-units.ts';
import { forEachSeed } from '../support/random.ts';

test('rows are found by symbol and open time, all of a key in their own order, and no others', () => {
  let chains = 0;
  forEachSeed(80, (random) => {
    const nRows = random.integer(0, 60);
    const nSymbols = random.integer(1, 3);
    const start = random.pick([0, -5 * MINUTE_MS, Date.UTC(2024, 0, 1), 1_700_000_000_123]);
    // Whole minutes, times between them, and one far away.
    const time = () =>
      random.chance(0.05)
        ? Number.NaN
        : start +
          random.integer(-10, 10) * MINUTE_MS +
          random.pick([0, 0, 0, 1, 30_000]) +
          (random.chance(0.01) ? 1e13 : 0);
    const symbols = Int32Array.from({ length: nRows }, () => random.integer(-1, nSymbols - 1));
    const times = Float64Array.from({ length: nRows }, time);
    const index = new RowIndex(symbols, times, nSymbols);
    const queries = [...times, time(), time(), start + 0.5, Number.NaN];
    for (let symbol = -1; symbol <= nSymbols; symbol += 1) {
      for (const query of queries) {
        const found: number[] = [];
        for (let row = index.first(symbol, query); row >= 0; row = index.next(row)) found.push(row);
        const expected = [...times.keys()].filter(
          (row) => symbol >= 0 && symbols[row] === symbol && times[row] === query,
        );
        assert.deepEqual(found, expected, `symbol ${symbol}, time ${query}`);
        if (expected.length > 1) chains += 1;
      }
    }
  });
  assert.ok(chains > 100, `only ${chains} keys with several rows`);
});
