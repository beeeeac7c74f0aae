import { ALL_SPLITS, GATE_SPLITS, type GateSplitId } from '../baseline/splits.ts';
import { sha256Json } from '../canonical-json.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import type { RunFacts } from '../dataset/state-rows.ts';
import type { Evaluation } from '../store/records.ts';
import { DAY_MS } from '../time-units.ts';

export type RunEvaluations = Partial<Readonly<Record<GateSplitId, Evaluation>>>;

/**
 * What looks at a baseline run's locked splits are looks at: symbols and UTC days of their bars, the label's definition,
 * and what is done about gaps between bars. Ages and caps are no part of it: they share the days. Nor is the split's name:
 * the same days are the same days. A day that two splits share belongs to the one that has most of it.
 */
export function evaluationsOf(
  {
    features,
    pricePlan,
    continueLabel,
  }: Pick<RunFacts, 'pricePlan' | 'continueLabel'> & {
    readonly features: Pick<RunFacts['features'], 'rowCount' | 'splits' | 'openTimesMs' | 'symbols'>;
  },
  barGaps: BarGaps,
): RunEvaluations {
  const label = {
    horizonMinutes: continueLabel.horizonMinutes,
    minExpectedContinueEdgeBps: continueLabel.minExpectedContinueEdgeBps,
    stopBps: pricePlan.stopBps,
    targetBps: pricePlan.targetBps,
    costBps: pricePlan.costBps,
  };
  const seen = ALL_SPLITS.map(() => new Map<number, Map<number, number>>());
  for (let row = 0; row < features.rowCount; row += 1) {
    const ofSplit = seen[features.splits[row]!];
    const day = Math.floor(features.openTimesMs[row]! / DAY_MS);
    if (ofSplit === undefined || Number.isNaN(day)) continue;
    const code = features.symbols.codes[row]!;
    const days = ofSplit.get(code) ?? new Map<number, number>();
    ofSplit.set(code, days);
    days.set(day, (days.get(day) ?? 0) + 1);
  }
  const names = features.symbols.pool.texts();
  const counts = GATE_SPLITS.map((split) => seen[ALL_SPLITS.indexOf(split)]!);
  const entries = GATE_SPLITS.flatMap((split, s): [GateSplitId, Evaluation][] => {
    const found = [...counts[s]!];
    if (found.length === 0) return [];
    const others = counts.filter((_, other) => other !== s);
    const days = Object.fromEntries(
      found.map(([code, bars]) => [
        names[code]!,
        ownDays(
          bars,
          others.map((other) => other.get(code)),
        ),
      ]),
    );
    return [[split, { key: sha256Json({ days, label, barGaps }), days, label, barGaps }]];
  });
  return Object.fromEntries(entries);
}

type BarsByDay = ReadonlyMap<number, number>;

/** Days of which no other locked split has as many bars, ascending; all of them where that would leave none. */
function ownDays(bars: BarsByDay, others: readonly (BarsByDay | undefined)[]): number[] {
  const days = [...bars.keys()].sort((a, b) => a - b);
  const own = days.filter((day) => others.every((other) => (other?.get(day) ?? 0) < bars.get(day)!));
  return own.length === 0 ? days : own;
}
