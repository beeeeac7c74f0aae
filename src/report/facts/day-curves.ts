import { countOf } from '../../counts.ts';
import { type DailyLosses, FEATURE_SETS, modelKey, SIDES, type Side } from '../../experiment/results.ts';
import type { DayCurve, DayFacts, DayTableRow, SplitName } from '../../page-data/report.ts';
import { DAY_MS } from '../../time-units.ts';
import type { DatasetLosses } from '../../trust/losses.ts';
import { REPORT_SPLITS } from './report-source.ts';

/** A named configuration with its losses by day. */
export type NamedLosses = {
  readonly configuration: string;
  /** `best by tune`. */
  readonly role: string;
  readonly dailyLosses: readonly DailyLosses[];
  /** What the constant lost on its dataset's days; null where the store does not know. */
  readonly dataset: DatasetLosses | null;
};

/** Whether the gain is steady, or a few days' luck. */
export function dayFacts(named: readonly NamedLosses[]): DayFacts {
  const parts = named.flatMap((losses) =>
    SIDES.flatMap((side) => REPORT_SPLITS.flatMap((split) => partOf(losses, side, split) ?? [])),
  );
  return {
    question: 'Is the gain steady, or a few days’ luck?',
    howToRead:
      "Error saved by adding the position's state to market features, summed day by day within each split. A steady slope is a property; one step is an event.",
    finding: findingOf(named, parts),
    curves: parts.map(({ curve }) => curve),
    table: parts.map(({ row }) => row),
  };
}

type Part = { readonly curve: DayCurve; readonly row: DayTableRow };

function partOf({ configuration, dailyLosses, dataset }: NamedLosses, side: Side, split: SplitName): Part | null {
  const [base, plus] = FEATURE_SETS.map((set) =>
    dailyLosses.find((losses) => losses.modelKey === modelKey(side, set) && losses.split === split),
  );
  if (base === undefined || plus === undefined || plus.days.length === 0) return null;
  const rows = sumOf(plus.rowCounts);
  const constant = dataset?.sides[side === 'LONG' ? 'long' : 'short'].splits[split].constAbs ?? null;
  const isKnown = constant !== null && constant.length === plus.days.length;
  return {
    curve: {
      configuration,
      side,
      split,
      days: Array.from(plus.days, dayText),
      rows: Array.from(plus.rowCounts),
      againstMarketOnly: savedOf(base.absErrorSums, plus.absErrorSums, rows),
      againstConstant: isKnown ? savedOf(constant, plus.absErrorSums, rows) : null,
    },
    row: {
      configuration,
      side,
      split,
      rows,
      marketPlusState: sumOf(plus.absErrorSums) / rows,
      marketOnly: sumOf(base.absErrorSums) / rows,
      constant: isKnown ? sumOf(constant) / rows : null,
    },
  };
}

/** Σ over the days up to each of (theirs − ours), over all rows of the split. */
function savedOf(theirs: ArrayLike<number>, ours: ArrayLike<number>, rows: number): number[] {
  let saved = 0;
  return Array.from(ours, (loss, day) => {
    saved += theirs[day]! - loss;
    return saved / rows;
  });
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]!;
  return sum;
}

/** `2026-09-01`. */
function dayText(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** Of the first named one: on how many days of the locked splits state saved error, and what the best day has of it. */
function findingOf(named: readonly NamedLosses[], parts: readonly Part[]): string {
  const [first] = named;
  if (first === undefined) return 'No configuration was judged.';
  const sentences = parts
    .filter(({ curve }) => curve.configuration === first.configuration && curve.split !== 'tune')
    .map(({ curve: { side, split, againstMarketOnly } }) => {
      const daily = againstMarketOnly.map((saved, day) => saved - (day === 0 ? 0 : againstMarketOnly[day - 1]!));
      const better = daily.filter((saved) => saved > 0).length;
      const total = againstMarketOnly.at(-1)!;
      const place = split === 'validation_locked' ? 'locked' : 'stress';
      return `${side} ${place} ${total < 0 ? '−' : '+'}${Math.abs(total).toFixed(2)} bps a row, better on ${better} of ${countOf(daily.length, 'day')}`;
    });
  return `${first.role}, against market_only: ${sentences.join('; ')}.`.replace(/^./, (letter) => letter.toUpperCase());
}
