import { REQUIRED_MARKET_FEATURES } from '../../src/baseline/run-json.ts';
import { ALL_SPLITS } from '../../src/baseline/splits.ts';
import { MINUTE_MS } from '../../src/time-units.ts';
import type { PlainBar, PlainEntry, PlainFeatureRow, PlainHead, PlainRun } from './plain-run.ts';
import type { Random } from './random.ts';

const START_MS = Date.UTC(2024, 1, 28, 23, 30);

/** The market features of random runs: those that the state features need, and two more, in an order of their own. */
const RANDOM_FEATURE_ORDER = ['extra_a', ...REQUIRED_MARKET_FEATURES, 'extra_b'];

/**
 * A small run with everything that files may hold: several symbols, gaps between bars, bars, feature rows and entries
 * that stand twice or unsorted, missing and infinite numbers, missing keys, entries of unknown samples.
 */
export function randomRun(random: Random): PlainRun {
  const symbols = ['AAA', 'BBB', 'CCC'].slice(0, random.integer(1, 3));
  const bars = symbols.flatMap((symbol) => randomBars(random, symbol));
  const features = messy(
    random,
    symbols.flatMap((symbol) => randomFeatures(random, symbol, bars)),
    (row) => ({ ...row, symbol: null }),
  );
  return {
    featureOrder: RANDOM_FEATURE_ORDER,
    features,
    entries: messy(random, randomEntries(random, features), (entry) => ({ ...entry, sampleId: null })),
    bars: messy(random, bars, (bar) => ({ ...bar, symbol: null })),
    pricePlan: { stopBps: random.pick([20, 60]), targetBps: 90, costBps: random.pick([0, 8]) },
    continueLabel: { horizonMinutes: random.integer(1, 4), minExpectedContinueEdgeBps: random.pick([-5, 3]) },
    models: { direction: randomHead(random, 3), longEdge: randomHead(random, 1), shortEdge: randomHead(random, 1) },
  };
}

/** Some rows twice, one without its key, now and then all in random order. */
function messy<T>(random: Random, rows: readonly T[], withoutKey: (row: T) => T): T[] {
  const repeated = rows.flatMap((row) => (random.chance(0.04) ? [row, row] : [row]));
  const missing = repeated.map((row) => (random.chance(0.02) ? withoutKey(row) : row));
  return random.chance(0.4) ? random.shuffled(missing) : missing;
}

function randomBars(random: Random, symbol: string): PlainBar[] {
  let minute = random.integer(0, 5);
  let price = 100 + 50 * random.uniform();
  return Array.from({ length: random.integer(8, 45) }, () => {
    minute += random.chance(0.08) ? random.integer(2, 6) : 1;
    price *= 1 + 0.002 * random.normal();
    const bar = {
      high: price * (1 + 0.001 * random.uniform()),
      low: price * (1 - 0.001 * random.uniform()),
      close: price,
    };
    const bad = random.chance(0.03)
      ? { [random.pick(['high', 'low', 'close'])]: random.pick([null, Infinity, 0]) }
      : {};
    return { symbol, openTimeMs: random.chance(0.02) ? null : START_MS + minute * MINUTE_MS, ...bar, ...bad };
  });
}

/** For most bars a feature row, and for some minutes without a bar. */
function randomFeatures(random: Random, symbol: string, bars: readonly PlainBar[]): PlainFeatureRow[] {
  const times = bars.filter((bar) => bar.symbol === symbol && bar.openTimeMs !== null).map((bar) => bar.openTimeMs!);
  const minutes = [...times.filter(() => random.chance(0.9)), Math.max(...times) + MINUTE_MS];
  return minutes.map((openTimeMs) => ({
    sampleId: random.chance(0.03) ? null : `${symbol}-${openTimeMs}`,
    symbol,
    eventTimeNs: random.chance(0.03) ? null : BigInt(openTimeMs + 1000 * random.integer(0, 1)) * 1_000_000n,
    openTimeMs: random.chance(0.02) ? null : openTimeMs,
    split: random.pick(ALL_SPLITS),
    fold: random.chance(0.1) ? null : random.integer(0, 5),
    values: RANDOM_FEATURE_ORDER.map(() =>
      random.chance(0.005) ? random.pick([null, Number.NaN, Infinity, -Infinity]) : Math.fround(3 * random.normal()),
    ),
  }));
}

function randomEntries(random: Random, features: readonly PlainFeatureRow[]): PlainEntry[] {
  return features.flatMap((row) => {
    if (random.chance(0.3)) return [];
    const known = { sampleId: row.sampleId, symbol: row.symbol, openTimeMs: row.openTimeMs };
    const entry = random.chance(0.05) ? { ...known, sampleId: 'unknown' } : known;
    const side = random.pick(['LONG', 'SHORT'] as const);
    return [{ ...entry, side, openTimeMs: random.chance(0.03) ? null : entry.openTimeMs }];
  });
}

function randomHead(random: Random, nOutputs: number): PlainHead {
  return {
    weights: RANDOM_FEATURE_ORDER.map(() => Array.from({ length: nOutputs }, () => Math.fround(0.1 * random.normal()))),
    bias: Array.from({ length: nOutputs }, () => Math.fround(random.normal())),
  };
}
