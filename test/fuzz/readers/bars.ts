import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { readBars } from '../../../src/baseline/from-bars/read-bars.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { zipOf } from '../../baseline/from-bars/dialects/zip.ts';
import type { Random } from '../../support/random.ts';
import { mutateBytes, mutateText } from '../mutations.ts';
import { check, outcomeOf } from '../outcome.ts';
import { hostileParquet } from '../parquet-inputs.ts';
import type { Reader } from '../readers.ts';

const REAL_BARS = fileURLToPath(new URL('../../../sweeps/quickstart/btcusdt-1m.parquet', import.meta.url));

/** Files of 1-minute bars, in every container. */
export const barFiles: readonly Reader[] = [
  barReader('bars to build from (CSV)', 1000, async () => (random) => mutateText(csv(random), random)),
  barReader('bars to build from (CSV.gz)', 200, async () => (random) => {
    const text = gzipSync(mutateText(csv(random), random));
    return random.chance(0.7) ? mutateBytes(text, random) : bomb(text, random);
  }),
  barReader('bars to build from (parquet)', 300, async () => {
    const real = new Uint8Array(await readFile(REAL_BARS));
    return (random) => hostileParquet(real, random);
  }),
  barReader('bars to build from (text without names)', 500, async () => (random) => {
    const rows = csv(random).split('\n').slice(1).join('\n');
    return mutateText(
      random.pick([rows, rows.replaceAll(',', ';'), rows.replaceAll('.', ',').replaceAll(',', '\t')]),
      random,
    );
  }),
  barReader('bars to build from (JSON)', 500, async () => (random) => mutateText(json(random), random)),
  barReader('bars to build from (zip)', 500, async () => (random) => {
    const files = random.pick([
      { 'bars.csv': csv(random) },
      { 'a.csv': csv(random), 'b.csv': csv(random), 'b.csv.CHECKSUM': 'x' },
      { 'inner.zip': zipOf({ 'bars.csv': csv(random) }) },
      { '../x.csv': csv(random) },
      { 'bomb.csv': Buffer.alloc(2 ** 20, random.pick(['1', ',', '\n'])) },
    ]);
    return random.chance(0.8) ? mutateBytes(zipOf(files), random) : zipOf(files);
  }),
  barReader(
    'bars to build from (zstd)',
    100,
    async () => (random) => mutateBytes(zstdCompressSync(csv(random)), random),
  ),
  barReader('bars to build from (Arrow)', 300, async () => (random) => {
    const columns = {
      open_time_ms: [] as number[],
      open: [] as number[],
      high: [] as number[],
      low: [] as number[],
      close: [] as number[],
      volume: [] as number[],
    };
    for (const line of csv(random).trim().split('\n').slice(1)) {
      line
        .split(',')
        .slice(0, 6)
        .forEach((cell, i) => {
          Object.values(columns)[i]!.push(Number(cell));
        });
    }
    const table = tableFromArrays(
      Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, Float64Array.from(values)])),
    );
    return mutateBytes(tableToIPC(table, random.pick(['file', 'stream'])), random);
  }),
];

function barReader(name: string, count: number, makeMaker: () => Promise<(random: Random) => Uint8Array>): Reader {
  return {
    name,
    count,
    prepare: async (folder) => {
      const make = await makeMaker();
      const path = join(folder, 'bars.bin');
      const isHealthy = async () => {
        return (await outcomeOf(/./, async () => void (await readBars('BTCUSDT', REAL_BARS)))) === 'accepted';
      };
      const tryInput = async (random: Random) => {
        await writeFile(path, make(random));
        return outcomeOf(/bars\.bin/, async () => {
          const { bars } = await readBars('BTCUSDT', path);
          const { openTimeMs, open, high, low, close, volume } = bars;
          for (let i = 0; i < openTimeMs.length; i += 1) {
            check(openTimeMs[i]! % MINUTE_MS === 0, `bar ${i} is at no whole minute`);
            check(i === 0 || openTimeMs[i]! > openTimeMs[i - 1]!, `bar ${i} is not behind bar ${i - 1}`);
            const isOrdered = 0 < low[i]! && low[i]! <= Math.min(open[i]!, close[i]!);
            check(isOrdered && Math.max(open[i]!, close[i]!) <= high[i]!, `bar ${i} has impossible prices`);
            check(
              Number.isFinite(high[i]!) && volume[i]! >= 0 && Number.isFinite(volume[i]!),
              `bar ${i} is not finite`,
            );
          }
        });
      };
      return { tryInput, isHealthy };
    },
  };
}

function csv(random: Random): string {
  const lines = ['open_time_ms,open,high,low,close,volume,quote_volume,trades,taker_buy_base'];
  let price = 100;
  for (let i = 0; i < 40; i += 1) {
    const close = price * (1 + random.normal() * 0.001);
    const [low, high] = [Math.min(price, close) * 0.999, Math.max(price, close) * 1.001];
    lines.push(
      [1_700_000_040_000 + i * MINUTE_MS, price, high, low, close, 5, (5 * (price + close)) / 2, 7, 2].join(','),
    );
    price = close;
  }
  return `${lines.join('\n')}\n`;
}

function json(random: Random): string {
  const [names, ...rows] = csv(random)
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const objects = rows.map((row) => Object.fromEntries(names!.map((name, i) => [name, Number(row[i])])));
  return random.pick([
    JSON.stringify(rows.map((row) => row.map(Number))),
    JSON.stringify({ result: { list: rows } }),
    JSON.stringify(objects),
    objects.map((row) => JSON.stringify(row)).join('\n'),
    JSON.stringify(Object.fromEntries(names!.map((name, i) => [name, rows.map((row) => Number(row[i]))]))),
  ]);
}

/** Small when packed: 64 MiB of one line, or members behind members. */
function bomb(text: Uint8Array, random: Random): Uint8Array {
  if (random.chance(0.1)) return gzipSync(Buffer.alloc(64 * 2 ** 20, random.pick(['1', ',', '\n', '"'])));
  return Buffer.concat(Array.from({ length: 3 }, () => text));
}
