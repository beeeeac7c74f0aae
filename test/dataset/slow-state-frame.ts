import { ALL_SPLITS, type Side } from '../../src/baseline/splits.ts';
import type { FrameSelection } from '../../src/dataset/state-frame.ts';
import { MINUTE_MS } from '../../src/time-units.ts';
import type { PlainBar, PlainEntry, PlainFeatureRow, PlainHead, PlainRun } from '../support/plain-run.ts';

/** A row of the state frame, written down as the experiment's description has it. */
export type SlowRow = {
  readonly ageMinutes: number;
  /** the feature row that is "now": its place in the run's features */
  readonly featureRow: number;
  readonly side: Side;
  readonly spansGap: boolean;
  /** the 22 state features by name, float32 values */
  readonly state: Readonly<Record<string, number>>;
  readonly continueTarget: 0 | 1;
  readonly expectedContinueEdgeBps: number;
};

/** All rows of some ages: for each age and entry, everything that stands at entry time + age. */
export function slowStateRows(run: PlainRun, agesMinutes: readonly number[]): SlowRow[] {
  const rows: SlowRow[] = [];
  const bySymbol = barsBySymbol(run.bars);
  for (const ageMinutes of agesMinutes) {
    for (const entry of run.entries) {
      const entrySample = run.features.find((row) => row.sampleId === entry.sampleId);
      if (entrySample === undefined || entry.openTimeMs === null || entry.symbol === null) continue;
      const now = entry.openTimeMs + ageMinutes * MINUTE_MS;
      const bars = bySymbol.get(entry.symbol) ?? [];
      for (let bar = ageMinutes; bar < bars.length; bar += 1) {
        if (bars[bar]!.openTimeMs !== now) continue;
        run.features.forEach((feature, featureRow) => {
          if (feature.symbol !== entry.symbol || feature.openTimeMs !== now) return;
          for (let path = 0; path + run.continueLabel.horizonMinutes < bars.length; path += 1) {
            if (bars[path]!.openTimeMs !== now) continue;
            const row = slowRow(run, { ageMinutes, entry, entrySample, bars, bar, feature, featureRow, path });
            if (row !== null) rows.push(row);
          }
        });
      }
    }
  }
  return rows;
}

/** The frame's rows in order: gaps dropped if asked for, then the last rows by event time of each split. */
export function slowStateFrame(run: PlainRun, { agesMinutes, maxRowsPerSplit, barGaps }: FrameSelection): SlowRow[] {
  const rows = slowStateRows(run, agesMinutes).filter((row) => barGaps === 'keep' || !row.spansGap);
  if (maxRowsPerSplit === 0) return rows;
  const timeOf = (row: SlowRow) => run.features[row.featureRow]!.eventTimeNs ?? 2n ** 63n;
  // Array.prototype.sort is stable.
  const sorted = rows.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : timeOf(a) > timeOf(b) ? 1 : 0));
  const splitOf = (row: SlowRow) => run.features[row.featureRow]!.split;
  const splits = [...new Set(sorted.map(splitOf))];
  return splits.flatMap((split) => sorted.filter((row) => splitOf(row) === split).slice(-maxRowsPerSplit));
}

/** Rows of one side and split, in frame order. */
export function slowPart(run: PlainRun, frame: readonly SlowRow[], side: Side, split: number): SlowRow[] {
  return frame.filter((row) => row.side === side && run.features[row.featureRow]!.split === ALL_SPLITS[split]);
}

/** Each symbol's bars by open time, bars without a time last, bars of equal time as they came. */
function barsBySymbol(bars: readonly PlainBar[]): Map<string, PlainBar[]> {
  const groups = new Map<string, PlainBar[]>();
  for (const bar of bars) {
    if (bar.symbol !== null) groups.set(bar.symbol, [...(groups.get(bar.symbol) ?? []), bar]);
  }
  const time = (bar: PlainBar) => bar.openTimeMs ?? Number.MAX_VALUE;
  return new Map([...groups].map(([symbol, group]) => [symbol, group.toSorted((a, b) => time(a) - time(b))]));
}

type Meeting = {
  ageMinutes: number;
  entry: PlainEntry;
  entrySample: PlainFeatureRow;
  bars: readonly PlainBar[];
  bar: number;
  feature: PlainFeatureRow;
  featureRow: number;
  path: number;
};

/** One row, or null when it has a number that is missing or infinite. */
function slowRow(run: PlainRun, meeting: Meeting): SlowRow | null {
  const { ageMinutes, entry, bars, bar, feature, featureRow, path } = meeting;
  const { horizonMinutes, minExpectedContinueEdgeBps } = run.continueLabel;
  const { stopBps, targetBps, costBps } = run.pricePlan;
  const isLong = entry.side === 'LONG';
  const sign = isLong ? 1 : -1;

  const since = bars.slice(bar - ageMinutes, bar + 1);
  const entryPrice = since[0]!.close;
  const price = bars[bar]!.close;
  const high = extreme(since, 'high', Math.max);
  const low = extreme(since, 'low', Math.min);
  if (entryPrice === null || price === null || high === null || low === null) return null;
  const ratioBps = (over: number, under: number) => (over / under - 1) * 10_000;
  const unrealized = (isLong ? ratioBps(price, entryPrice) : ratioBps(entryPrice, price)) - costBps;
  const mfe = Math.max(isLong ? ratioBps(high, entryPrice) : ratioBps(entryPrice, low), 0);
  const mae = Math.max(isLong ? ratioBps(entryPrice, low) : ratioBps(high, entryPrice), 0);
  const stop = entryPrice * (1 - (sign * stopBps) / 10_000);
  const target = entryPrice * (1 + (sign * targetBps) / 10_000);
  const market = (name: string) => feature.values[run.featureOrder.indexOf(name)] ?? Number.NaN;
  const scores = frozenScores(run, meeting.entrySample, isLong);
  const state: Record<string, number> = {
    position_side_sign: sign,
    time_in_position_minutes: ageMinutes,
    unrealized_pnl_bps: unrealized,
    mfe_since_entry_bps: mfe,
    mae_since_entry_bps: mae,
    distance_to_stop_bps: isLong ? ratioBps(price, stop) : ratioBps(stop, price),
    distance_to_target_bps: isLong ? ratioBps(target, price) : ratioBps(price, target),
    entry_predicted_edge_bps: scores.edge,
    entry_direction_prob: scores.probability,
    path_efficiency: unrealized / (mfe + mae + 1),
    giveback_from_mfe_bps: mfe - Math.max(unrealized, 0),
    recovery_from_mae_bps: unrealized + mae,
    mfe_mae_ratio: mfe / (mae + 1),
    side_ret_1m_bps: sign * market('ret_1m_bps'),
    side_ret_5m_bps: sign * market('ret_5m_bps'),
    side_taker_imbalance_1m: sign * market('taker_imbalance_1m'),
    side_taker_imbalance_5m: sign * market('taker_imbalance_5m'),
    side_book_microprice_basis_bps: sign * market('book_microprice_basis_bps'),
    side_book_pressure_taker_1m: sign * market('book_pressure_taker_1m'),
    side_book_pressure_taker_5m: sign * market('book_pressure_taker_5m'),
    add_count: 0,
    minutes_since_last_add: 9999,
  };
  for (const name of Object.keys(state)) state[name] = Math.fround(state[name]!);

  const ahead = bars.slice(path + 1, path + 1 + horizonMinutes);
  const from = bars[path]!.close ?? Number.NaN;
  const exit = ahead.at(-1)!.close ?? Number.NaN;
  const highest = extreme(ahead, 'high', Math.max) ?? Number.NaN;
  const lowest = extreme(ahead, 'low', Math.min) ?? Number.NaN;
  const edge = (isLong ? ratioBps(exit, from) : ratioBps(from, exit)) - costBps;
  const pathMae = Math.max(isLong ? ratioBps(from, lowest) : ratioBps(highest, from), 0);
  const expectedContinueEdgeBps = Math.fround(edge);

  const numbers = [
    ...feature.values.map((value) => value ?? Number.NaN),
    ...Object.values(state),
    expectedContinueEdgeBps,
  ];
  if (!numbers.every(Number.isFinite)) return null;
  return {
    ageMinutes,
    featureRow,
    side: entry.side,
    spansGap: hasGap(since) || hasGap([bars[path]!, ...ahead]),
    state,
    // A path without a worst price has no stop to stay clear of: not a continue.
    continueTarget: edge >= minExpectedContinueEdgeBps && pathMae < stopBps ? 1 : 0,
    expectedContinueEdgeBps,
  };
}

/** The highest or lowest price of some bars; null when one of them has none, or an infinite one. */
function extreme(bars: readonly PlainBar[], key: 'high' | 'low', pick: (...values: number[]) => number): number | null {
  const prices = bars.map((bar) => bar[key]);
  return prices.every((price) => price !== null && Number.isFinite(price)) ? pick(...(prices as number[])) : null;
}

function hasGap(bars: readonly PlainBar[]): boolean {
  return bars.some((bar, i) => i > 0 && bar.openTimeMs !== (bars[i - 1]!.openTimeMs ?? Number.NaN) + MINUTE_MS);
}

/** Scores of the frozen models in float64; anything that is not a number counts as 0. */
function frozenScores(run: PlainRun, sample: PlainFeatureRow, isLong: boolean): { edge: number; probability: number } {
  const x = sample.values.map((value) => (value !== null && Number.isFinite(value) ? value : 0));
  const output = (head: PlainHead, o: number) =>
    x.reduce((sum, value, j) => sum + value * head.weights[j]![o]!, head.bias[o]!);
  const powers = [0, 1, 2].map((o) => Math.exp(output(run.models.direction, o)));
  return {
    edge: output(isLong ? run.models.longEdge : run.models.shortEdge, 0),
    probability: powers[isLong ? 0 : 1]! / powers.reduce((a, b) => a + b),
  };
}
