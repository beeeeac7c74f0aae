import type { Configuration } from '../../experiment/configuration.ts';
import { AUC_MIN, distanceBeyond, GATES, MAE_RATIO_MAX } from '../../experiment/gates.ts';
import { ROW_VERDICTS, type RowVerdict, type SplitName } from '../../page-data/report.ts';
import type { FailedConfiguration, JudgedConfiguration } from '../../store/records.ts';
import { orderByTune } from '../rank.ts';
import { verdictOf } from '../verdict-words.ts';
import { metricPlace, REPORT_METRICS, REPORT_SPLITS, type ReportSource } from './report-source.ts';
import { type TableAxis, tableAxes } from './table-axes.ts';

/** A sweep's configurations side by side: what facts are computed from. Numbers that do not exist are NaN. */
export type ReportTable = {
  /** By rank, the best by tune first. */
  readonly judged: readonly JudgedConfiguration[];
  readonly failed: readonly FailedConfiguration[];
  /** Those without an outcome, as far as the definition tells them; see `pendingConfigurations`. */
  readonly pending: readonly Configuration[];
  readonly pendingCount: number;
  /** Those that vary, over all of the above, in this order. */
  readonly axes: readonly TableAxis[];
  /** By rank. */
  readonly verdicts: readonly RowVerdict[];
  /** market_plus_state's MAE over the constant's, mean of both sides, by split. */
  readonly mae: Readonly<Record<SplitName, Float64Array>>;
  readonly aucTune: Float64Array;
  /** In the order of `REPORT_METRICS`. */
  readonly metrics: readonly Float64Array[];
  /** [gate]: distance to the nearer bar, positive where it is met. */
  readonly margins: readonly Float64Array[];
  /** Bit g of gate g: met; and the nearer bar is market_only's. */
  readonly met: Uint8Array;
  readonly bars: Uint8Array;
};

export function reportTable({ outcomes, pending }: ReportSource): ReportTable {
  const judged: JudgedConfiguration[] = [];
  for (const i of orderByTune(outcomes.judged)) judged.push(outcomes.judged[i]!);
  const failed = outcomes.failed.toSorted((a, b) => (a.configurationId < b.configurationId ? -1 : 1));
  const metrics = REPORT_METRICS.map((_, m) => columnOf(judged, ({ metrics: values }) => values[m]));
  const meanOf = (split: SplitName, what: 'mae' | 'auc'): Float64Array => {
    const long = metrics[metricPlace('LONG', 'market_plus_state', split, what)]!;
    const short = metrics[metricPlace('SHORT', 'market_plus_state', split, what)]!;
    return long.map((value, i) => (value + short[i]!) / 2);
  };
  const [tune, validation, stress] = REPORT_SPLITS.map((split) => meanOf(split, 'mae'));
  return {
    judged,
    failed,
    pending,
    pendingCount: outcomes.pendingCount,
    axes: tableAxes([...judged, ...failed].map(({ configuration }) => configuration).concat(pending)),
    verdicts: judged.map((outcome) => rowVerdictOf(outcome)),
    mae: { tune: tune!, validation_locked: validation!, latest_stress: stress! },
    aucTune: meanOf('tune', 'auc'),
    metrics,
    ...gateColumns(metrics, judged.length),
  };
}

function rowVerdictOf(outcome: JudgedConfiguration): RowVerdict {
  const word = verdictOf(outcome, outcome.unconverged);
  return ROW_VERDICTS.find((known) => known === word) ?? 'error';
}

function columnOf<T>(rows: readonly T[], read: (row: T) => unknown): Float64Array {
  const values = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i += 1) {
    const value = read(rows[i]!);
    values[i] = typeof value === 'number' ? value : Number.NaN;
  }
  return values;
}

/** As `gatesOf` judges a result, for all rows at once. */
function gateColumns(metrics: readonly Float64Array[], count: number): Pick<ReportTable, 'margins' | 'met' | 'bars'> {
  const met = new Uint8Array(count);
  const bars = new Uint8Array(count);
  const margins = GATES.map(({ side, split, metric }, g) => {
    const what = metric === 'continue_auc' ? 'auc' : 'mae';
    const limit = metric === 'continue_auc' ? AUC_MIN : MAE_RATIO_MAX;
    const values = metrics[metricPlace(side, 'market_plus_state', split, what)]!;
    const others = metrics[metricPlace(side, 'market_only', split, what)]!;
    return values.map((value, i) => {
      if (Number.isNaN(value)) return Number.NaN;
      const toLimit = distanceBeyond(metric, value, limit);
      const other = others[i]!;
      const toMarketOnly = Number.isNaN(other) ? Infinity : distanceBeyond(metric, value, other);
      if (toLimit >= 0 && toMarketOnly > 0) met[i]! |= 1 << g;
      if (toMarketOnly < toLimit) bars[i]! |= 1 << g;
      return Math.min(toLimit, toMarketOnly);
    });
  });
  return { margins, met, bars };
}
