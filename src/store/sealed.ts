import {
  type DailyLosses,
  type ExperimentResult,
  GATE_SPLITS,
  type GateSplitId,
  MODEL_KEYS,
  type SplitId,
} from '../experiment/results.ts';
import { type DayLosses, type LossDays, lossesOn } from './daily-losses.ts';
import type { MetricColumn, MetricValue } from './metric-columns.ts';
import type { DatasetDays, JudgedConfiguration, ShownJudgement, WholeJudgement } from './records.ts';
import type { ShownResult } from './shown-result.ts';
import type { ShownGates, ShownSummary, VerdictSummary } from './verdict-summary.ts';

/**
 * The rule of sealed verdicts: of what was measured on a locked split nothing is told until somebody unseals, which is the
 * look. It is applied where a store gives its records out, so that whoever reads them need not know of it. What is stored
 * is whole: a seal is a reader's rule, and an SQL shell opens it.
 */

const SEALED_GATES: ShownGates = {
  isSealed: true,
  passed: null,
  gatesPassed: null,
  smallestMargin: null,
  weakestGate: null,
};

/** Whether a split is one that gates look at. */
export function isLocked(split: SplitId | null): boolean {
  return GATE_SPLITS.some((locked) => locked === split);
}

export function sealedSummary<Summary extends ShownSummary | VerdictSummary>(
  summary: Summary,
): Omit<Summary, keyof ShownGates> & ShownGates {
  return { ...summary, ...SEALED_GATES };
}

/** @param columns which metrics were read, in the order of `judged.metrics` */
export function sealedVerdict(judged: JudgedConfiguration, columns: readonly MetricColumn[]): JudgedConfiguration {
  const metrics = judged.metrics.map((value, i): MetricValue => (isLocked(columns[i]?.split ?? null) ? null : value));
  return { ...sealedSummary(judged), metrics };
}

export function sealedJudgement({ result, dailyLosses }: WholeJudgement): ShownJudgement & { readonly isSealed: true } {
  return { isSealed: true, result: sealedResult(result), verdict: null, dailyLosses: sealedLosses(dailyLosses) };
}

function sealedResult(result: ExperimentResult): ShownResult {
  const blank: { readonly [split in GateSplitId]: null } = { validation_locked: null, latest_stress: null };
  const models = MODEL_KEYS.map((key) => [key, { ...result[key], ...blank }] as const);
  // Entries lose their literal types.
  return Object.fromEntries(models) as ShownResult;
}

/** Those of tune, as they are stored. */
export function sealedDayLosses(losses: DayLosses): DayLosses {
  const { lossDays, lossSums } = lossesOn(losses, (split) => !isLocked(split));
  const known = openDays.get(losses.lossDays) ?? lossDays;
  openDays.set(losses.lossDays, known);
  return { lossDays: known, lossSums };
}

/** One object for all verdicts on a dataset. */
const openDays = new WeakMap<LossDays, LossDays>();

/** Those of tune. */
function sealedLosses(losses: readonly DailyLosses[]): readonly DailyLosses[] {
  return losses.filter(({ split }) => !isLocked(split));
}

/**
 * A dataset's days of which no verdict is open: an AUC's gates are its own, since no regressor setting moves them. Of the
 * locked splits days, rows and bars are told, all else is NaN.
 */
export function sealedDays({ bars, parts }: DatasetDays): DatasetDays {
  return {
    bars,
    parts: parts.map((part) => {
      if (!isLocked(part.split)) return part;
      const none = part.days.map(() => Number.NaN);
      const set = { squaredErrors: none, doubledPairs: null };
      return {
        side: part.side,
        split: part.split,
        days: part.days,
        rows: part.rows,
        positives: none,
        constantAbsoluteErrors: none,
        constantSquaredErrors: none,
        sets: { market_only: set, market_plus_state: set },
      };
    }),
  };
}
