import { MINUTE_MS } from '../../../../src/time-units.ts';
import { randomFrom } from '../../../support/random.ts';

/** One minute as a venue publishes it: decimals as text, so that every dialect writes the same digits. */
export type MarketRow = {
  /** UTC milliseconds at which the minute opens. */
  t: number;
  o: string;
  h: string;
  l: string;
  c: string;
  v: string;
  /** Quote volume: the sum of price times size of trades within low and high. */
  q: string;
  n: number;
  /** Taker buys, base and quote. */
  tb: string;
  tq: string;
};

export type MarketOptions = { seed: number; count: number; from?: number; price?: number };

/** Minutes of a market: a walk of whole cents whose minutes open where the last closed, or a cent or two beside. */
export function marketRows({
  seed,
  count,
  from = Date.UTC(2024, 5, 13, 23, 30),
  price = 66_228.25,
}: MarketOptions): MarketRow[] {
  const random = randomFrom(seed);
  const tick = 0.01;
  const toTick = (value: number): number => Math.round(value / tick) * tick;
  let last = price;
  return Array.from({ length: count }, (_, i) => {
    const open = random.chance(0.7) ? last : toTick(last + random.integer(-2, 2) * tick);
    const close = toTick(open * (1 + random.normal() * 6e-4));
    const high = toTick(Math.max(open, close) * (1 + Math.abs(random.normal()) * 2e-4));
    const low = toTick(Math.min(open, close) * (1 - Math.abs(random.normal()) * 2e-4));
    const volume = random.integer(1000, 9_000_000) / 1e5;
    const average = low + (high - low) * random.uniform();
    const taken = Math.round(volume * random.uniform() * 1e5) / 1e5;
    last = close;
    return {
      t: from + i * MINUTE_MS,
      o: open.toFixed(2),
      h: high.toFixed(2),
      l: low.toFixed(2),
      c: close.toFixed(2),
      v: volume.toFixed(5),
      q: (volume * average).toFixed(7),
      n: random.integer(1, 2000),
      tb: taken.toFixed(5),
      tq: (taken * average).toFixed(7),
    };
  });
}

export function csv(
  rows: readonly (readonly (string | number)[])[],
  header?: readonly string[],
  separator = ',',
  end = '\n',
): string {
  return [...(header === undefined ? [] : [header]), ...rows].map((row) => row.join(separator) + end).join('');
}

export const iso = (t: number): string => new Date(t).toISOString();
/** `2024-06-13 23:30:00` */
export const plainTime = (t: number): string => iso(t).slice(0, 19).replace('T', ' ');
