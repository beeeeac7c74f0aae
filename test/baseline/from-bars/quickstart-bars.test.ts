import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readBars } from '../../../src/baseline/from-bars/read-bars.ts';

test("the quickstart's bars are 62 whole days of BTCUSDT with taker volume, in at most 4 MB", async () => {
  const path = fileURLToPath(new URL('../../../sweeps/quickstart/btcusdt-1m.parquet', import.meta.url));
  assert.ok((await stat(path)).size <= 4_000_000);
  const { bars, account } = await readBars('BTCUSDT', path);
  assert.equal(account.bars, 62 * 1440);
  assert.equal(account.firstOpenTimeMs, Date.UTC(2024, 3, 25));
  assert.equal(account.missingMinutes, 0);
  // The first minute as the source's CSV has it.
  const first = [
    bars.open,
    bars.high,
    bars.low,
    bars.close,
    bars.volume,
    bars.quoteVolume!,
    bars.trades!,
    bars.takerBuyBase!,
  ];
  assert.deepEqual(
    first.map((column) => column[0]),
    [64289.58, 64289.59, 64227.46, 64227.46, 19.79195, 1271873.1552897, 1172, 2.51361],
  );
});
