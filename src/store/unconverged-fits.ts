import { type ExperimentResult, MODEL_KEYS, type ModelKey } from '../experiment/results.ts';
import { type MetricColumn, type MetricValue, metricColumn, metricColumnName } from './metric-columns.ts';

/** A fit that did not end at the optimum of its problem. */
export type UnconvergedFit = {
  readonly model: ModelKey;
  readonly fit: 'regressor' | 'classifier';
  /** `stalled`, `max-iterations` */
  readonly status: string;
};

const FITS = MODEL_KEYS.flatMap((model) => (['regressor', 'classifier'] as const).map((fit) => ({ model, fit })));

/** The column of each fit's status. */
export const FIT_STATUS_COLUMNS: readonly MetricColumn[] = FITS.map(
  ({ model, fit }) => metricColumn(metricColumnName(model, null, `${fit}_status`))!,
);

/** Those of the eight fits of a result that did not converge. */
export function unconvergedFitsOf(result: ExperimentResult): UnconvergedFit[] {
  return unconvergedAmong(FIT_STATUS_COLUMNS.map((column) => column.valueOf(result)));
}

/** @param statuses in the order of `FIT_STATUS_COLUMNS` */
export function unconvergedAmong(statuses: readonly MetricValue[]): UnconvergedFit[] {
  return FITS.flatMap((fit, i) => {
    const status = statuses[i] ?? 'converged';
    return status === 'converged' ? [] : [{ ...fit, status: String(status) }];
  });
}
