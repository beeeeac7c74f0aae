import { REQUIRED_MARKET_FEATURES } from '../../src/baseline/run-json.ts';
import type { SplitId } from '../../src/baseline/splits.ts';
import { MINUTE_MS } from '../../src/time-units.ts';
import type { PlainBar, PlainEntry, PlainFeatureRow, PlainHead, PlainRun } from './plain-run.ts';
import type { Random } from './random.ts';

const DAY_MINUTES = 24 * 60;
/** Minutes from one entry to the next. */
const SPACING = 8;

/** Splits in time order, with their number of days. */
export type SplitLengths = readonly (readonly [split: SplitId, days: number])[];

/**
 * A run of few rows on many days: `entriesADay` positions on each day, sides by turns, with bars from midnight on around
 * them. What the market does next is in its features, and differs between days.
 *
 * @param lightDays numbers of days, from the run's first on, that have two positions only
 */
export function longRun(
  random: Random,
  splits: SplitLengths,
  { entriesADay = 12, lightDays = [] as readonly number[] } = {},
): PlainRun {
  const symbol = 'LONG';
  const features: PlainFeatureRow[] = [];
  const entries: PlainEntry[] = [];
  const bars: PlainBar[] = [];
  let day = 0;
  for (const [split, nDays] of splits) {
    for (const end = day + nDays; day < end; day += 1) {
      const slope = 4 + 2 * random.normal();
      const nEntries = lightDays.includes(day) ? 2 : entriesADay;
      let price = 100;
      for (let minute = 0; minute < nEntries * SPACING; minute += 1) {
        const openTimeMs = Date.UTC(2023, 0, 1) + (day * DAY_MINUTES + minute) * MINUTE_MS;
        const values = REQUIRED_MARKET_FEATURES.map(() => Math.fround(random.normal()));
        const sampleId = `${day}-${minute}`;
        const eventTimeNs = BigInt(openTimeMs) * 1_000_000n;
        features.push({ sampleId, symbol, eventTimeNs, openTimeMs, split, fold: null, values });
        bars.push({ symbol, openTimeMs, high: price * 1.0004, low: price * 0.9996, close: price });
        if (minute % SPACING === 0) {
          entries.push({ sampleId, symbol, side: (minute / SPACING) % 2 === 0 ? 'LONG' : 'SHORT', openTimeMs });
        }
        // In bps of the price: the first feature says where it goes.
        price *= 1 + (slope * values[0]! + 8 * random.normal()) / 10_000;
      }
    }
  }
  return {
    featureOrder: [...REQUIRED_MARKET_FEATURES],
    features,
    entries,
    bars,
    pricePlan: { stopBps: 60, targetBps: 90, costBps: 0 },
    continueLabel: { horizonMinutes: 2, minExpectedContinueEdgeBps: 0 },
    models: { direction: head(random, 3), longEdge: head(random, 1), shortEdge: head(random, 1) },
  };
}

function head(random: Random, nOutputs: number): PlainHead {
  return {
    weights: REQUIRED_MARKET_FEATURES.map(() =>
      Array.from({ length: nOutputs }, () => Math.fround(0.1 * random.normal())),
    ),
    bias: Array.from({ length: nOutputs }, () => 0),
  };
}
