import type { Bars } from '../../../src/baseline/from-bars/bars.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';

/** Uniform numbers in [0, 1) from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type RandomBarsOptions = {
  count: number;
  seed: number;
  symbol?: string;
  firstOpenTimeMs?: number;
  /** Chance that minutes are missing before a bar, and how many at most. */
  gapChance?: number;
  longestGap?: number;
  /** Chance of a minute without trades: flat, no volume. */
  quietChance?: number;
  /** Typical move of a minute, bps. */
  volatilityBps?: number;
  withBook?: boolean;
  withTaker?: boolean;
};

/** A random walk of whole ticks as bars, with every rule of `checkBars` kept. */
export function randomBars(options: RandomBarsOptions): Bars {
  const { count, seed, symbol = 'TEST', firstOpenTimeMs = Date.UTC(2024, 0, 5, 20) } = options;
  const { gapChance = 0, longestGap = 30, quietChance = 0, volatilityBps = 8 } = options;
  const { withBook = true, withTaker = true } = options;
  const random = randomFrom(seed);
  const column = () => new Float64Array(count);
  const bars = {
    symbol,
    openTimeMs: column(),
    open: column(),
    high: column(),
    low: column(),
    close: column(),
    volume: column(),
    quoteVolume: withTaker ? column() : null,
    trades: withTaker ? column() : null,
    takerBuyBase: withTaker ? column() : null,
    book: withBook ? { bid: column(), ask: column(), bidSize: column(), askSize: column() } : null,
  };
  let time = firstOpenTimeMs;
  let price = 30_000;
  for (let i = 0; i < count; i += 1) {
    if (i > 0) time += MINUTE_MS;
    if (i > 0 && random() < gapChance) time += MINUTE_MS * (1 + Math.floor(random() * longestGap));
    const isQuiet = random() < quietChance;
    const move = () => (isQuiet ? 0 : Math.round(price * (random() - 0.5) * 2e-4 * volatilityBps));
    const open = price;
    const close = price + move();
    const volume = isQuiet ? 0 : Math.round(random() ** 3 * 1e6) / 1e4 + 0.0001;
    bars.openTimeMs[i] = time;
    bars.open[i] = open;
    bars.close[i] = close;
    bars.high[i] = Math.max(open, close) + Math.abs(move());
    bars.low[i] = Math.min(open, close) - Math.abs(move());
    bars.volume[i] = volume;
    if (bars.quoteVolume) bars.quoteVolume[i] = (volume * (bars.high[i]! + bars.low[i]!)) / 2;
    if (bars.trades) bars.trades[i] = isQuiet ? 0 : 1 + Math.floor(random() * 500);
    if (bars.takerBuyBase) bars.takerBuyBase[i] = volume * random();
    if (bars.book) {
      const isMissing = random() < 0.05;
      bars.book.bid[i] = isMissing ? Number.NaN : close - 1 - Math.floor(random() * 5);
      bars.book.ask[i] = isMissing ? Number.NaN : close + Math.floor(random() * 5);
      bars.book.bidSize[i] = isMissing ? Number.NaN : random() * 3;
      bars.book.askSize[i] = isMissing ? Number.NaN : random() * 3;
    }
    price = close;
  }
  return bars;
}
