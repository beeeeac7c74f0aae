import { type BlockRows, blockRows, distinctRows, pickRows, subtractedFrom } from './block-rows.ts';
import type { Against, GateLimits, Metric } from './gate-margins.ts';
import { sharesReached } from './joint.ts';
import { LOCKED_SPLITS, type LockedSplit, TRUST_SIDES, type TrustSide } from './losses.ts';
import { signTable } from './sign-table.ts';
import type { SweepBlocks } from './sweep-blocks.ts';

/** The share of sign vectors in which the best of all distinct rows reaches this row's S; null where the own flip stands. */
export type ListFlips = (
  side: TrustSide,
  split: LockedSplit,
  metric: Metric,
  against: Against,
  i: number,
) => number | null;

/** Flips of a list, for every condition over all distinct rows of the sweep, shown or not. */
export function listFlips(sweep: SweepBlocks, { aucMin, maeRatioMax }: GateLimits): ListFlips {
  if (sweep.judged.length === 0) return () => null;
  const byCondition = new Map<string, (i: number) => number | null>();
  // Regressor axes cannot move an AUC: its rows are the datasets.
  const datasets = sweep.datasets.filter(({ id }) => sweep.judged.some(({ dataset }) => dataset === id));
  const numberOf = new Map(datasets.map(({ id }, number) => [id, number]));
  const datasetOf = sweep.judged.map(({ dataset }) => numberOf.get(dataset)!);
  for (const split of LOCKED_SPLITS) {
    const q = sweep.q(split);
    for (const side of TRUST_SIDES) {
      const plus = sweep.maeScores(side, 'market_plus_state', split);
      const toLimit = subtractedFrom(maeRatioMax, plus);
      const toMarketOnly = sweep.maeGains(side, split);
      const aucs = datasets.map((dataset) => ({
        plus: sweep.auc(dataset, side, 'market_plus_state', split).pseudo,
        marketOnly: sweep.auc(dataset, side, 'market_only', split).pseudo,
      }));
      const aucToLimit = aucs.map((auc) => auc.plus.map((u) => u - aucMin));
      const aucToMarketOnly = aucs.map((auc) => auc.plus.map((u, b) => u - auc.marketOnly[b]!));
      const maeOf = (rows: BlockRows) => {
        const shares = sharesOfRows(rows);
        return (i: number) => shares?.[i] ?? null;
      };
      const aucOf = (rows: readonly Float64Array[]) => {
        const shares = sharesOfRows(blockRows(rows, q));
        return (i: number) => shares?.[datasetOf[i]!] ?? null;
      };
      byCondition.set(`${side} ${split} mae limit`, maeOf(toLimit));
      byCondition.set(`${side} ${split} mae market_only`, maeOf(toMarketOnly));
      byCondition.set(`${side} ${split} auc limit`, aucOf(aucToLimit));
      byCondition.set(`${side} ${split} auc market_only`, aucOf(aucToMarketOnly));
    }
  }
  return (side, split, metric, against, i) => byCondition.get(`${side} ${split} ${metric} ${against}`)!(i);
}

/** By row; rows that are not finite in some block have no part in it. Null for fewer than two distinct rows. */
function sharesOfRows(rows: BlockRows): Float64Array | null {
  const finite = finiteRows(rows);
  const kept = finite.length === rows.n ? rows : pickRows(rows, finite);
  if (finite.length === 0 || distinctRows(kept).length < 2) return null;
  const shares = new Float64Array(rows.n);
  const found = sharesReached(kept, signTable(rows.q));
  finite.forEach((i, at) => {
    shares[i] = found[at]!;
  });
  return shares;
}

function finiteRows({ values, n, q }: BlockRows): Int32Array {
  const finite = new Int32Array(n);
  let count = 0;
  for (let i = 0; i < n; i += 1) {
    let b = 0;
    while (b < q && Number.isFinite(values[i * q + b])) b += 1;
    if (b === q) finite[count++] = i;
  }
  return finite.subarray(0, count);
}
