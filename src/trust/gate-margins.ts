import { difference, flipOf, marginOver, type Statistic, standardError } from './block-statistics.ts';
import { MIN_BLOCKS } from './constants.ts';
import type { Condition } from './gates.ts';
import { LOCKED_SPLITS, type LockedSplit, type Metric, TRUST_SIDES, type TrustSide } from './losses.ts';
import type { SweepBlocks } from './sweep-blocks.ts';

/** The experiment's limits, which the gates' margins are measured from. */
export type GateLimits = { readonly aucMin: number; readonly maeRatioMax: number };

export type { Metric };

export const AGAINST = ['limit', 'market_only'] as const;
export type Against = (typeof AGAINST)[number];
const METRICS: readonly Metric[] = ['auc', 'mae'];
/** The eight gates, in the order of the verdict. */
export const LOCKED_GATES = TRUST_SIDES.flatMap((side) =>
  LOCKED_SPLITS.flatMap((split) => METRICS.map((metric) => ({ side, split, metric }))),
);

/** A margin as a condition: with its standard error and its own flip; without both where its blocks are too few. */
export function conditionOf(against: Against, margin: Statistic): Condition {
  if (margin.pseudo.length < MIN_BLOCKS) return { against, margin: margin.value, se: Number.NaN, flip: null };
  const se = standardError(margin.pseudo);
  return { against, margin: margin.value, se, flip: flipOf(margin.value, se, margin.pseudo.length) };
}

/** The margins of a gate's two conditions, each good when it is positive. */
export function gateMargins(
  sweep: SweepBlocks,
  k: number,
  side: TrustSide,
  split: LockedSplit,
  metric: Metric,
  { aucMin, maeRatioMax }: GateLimits,
): Readonly<Record<Against, Statistic>> {
  if (metric === 'auc') {
    const dataset = sweep.datasetOf(sweep.judged[k]!);
    const plus = sweep.auc(dataset, side, 'market_plus_state', split);
    return {
      limit: marginOver(plus, aucMin, 1),
      market_only: difference(plus, sweep.auc(dataset, side, 'market_only', split)),
    };
  }
  const plus = sweep.mae(k, side, 'market_plus_state', split);
  return {
    limit: marginOver(plus, maeRatioMax, -1),
    market_only: difference(sweep.mae(k, side, 'market_only', split), plus),
  };
}
