import { ALL_SPLITS, GATE_SPLITS, modelKey, SIDES, type SplitId } from '../experiment/results.ts';
import {
  METRIC_COLUMNS,
  type MetricColumn,
  type MetricValue,
  metricColumn,
  metricColumnName,
  SPLIT_METRIC_NAMES,
} from '../store/metric-columns.ts';
import type { FailedConfiguration, JudgedConfiguration } from '../store/records.ts';
import { didYouMean } from '../sweep/did-you-mean.ts';
import { UserError } from '../user-error.ts';
import { AXIS_NAMES, axisValueKey, axisValueOf } from './axes.ts';

/** Something a leaderboard can be sorted and filtered by. */
export type Field = {
  readonly name: string;
  readonly type: 'number' | 'text';
  /** Whether it was found out on a split that is to be locked: choosing by it spends that split. */
  readonly spendsLockedSplit: boolean;
  /** Which end comes first when nothing else is said. */
  readonly descendsByDefault: boolean;
  /** The columns it needs beside the summary. */
  readonly columns: readonly MetricColumn[];
  /** @param at where a column stands in `JudgedConfiguration.metrics` */
  readonly valueOf: (outcome: Outcome, at: ColumnPlaces) => MetricValue;
};

export type Outcome = JudgedConfiguration | FailedConfiguration;
export type ColumnPlaces = ReadonlyMap<MetricColumn, number>;

/**
 * - parameters: `kind alpha epsilon maxIter clip cap ages`, and the axes of a definition (`huberAlpha`, …)
 * - figures: `mae auc gates margin verdict duration`
 * - a metric of market_plus_state, mean over both sides: `tune.brier`, `validation_locked.continue_auc`
 * - a metric of one model: `short_market_only.tune.brier`, `long_market_plus_state.regressor_iterations`; the name of its
 *   column in an export will do, too
 *
 * @throws UserError when there is no such field
 */
export function fieldNamed(name: string): Field {
  const field = SIMPLE_FIELDS.get(name) ?? meanField(name) ?? columnField(name);
  if (field !== undefined) return field;
  const known = [...SIMPLE_FIELDS.keys(), ...MEAN_NAMES.keys(), ...METRIC_COLUMNS.map((column) => column.name)];
  const meant = didYouMean(name, known);
  throw new UserError(
    `${JSON.stringify(name)}: no such field. ` +
      (meant === null
        ? `There are ${COMMON_FIELDS.join(', ')}, and metrics such as tune.brier and short_market_only.tune.brier`
        : `Did you mean ${meant}?`),
  );
}

function parameter(name: string, type: Field['type'], read: (outcome: Outcome) => MetricValue): Field {
  return { name, type, spendsLockedSplit: false, descendsByDefault: false, columns: [], valueOf: read };
}

function figure(
  name: string,
  about: { descends: boolean; spendsLockedSplit: boolean },
  read: (judged: JudgedConfiguration) => MetricValue,
): Field {
  return {
    name,
    type: 'number',
    spendsLockedSplit: about.spendsLockedSplit,
    descendsByDefault: about.descends,
    columns: [],
    valueOf: (outcome) => ('metrics' in outcome ? read(outcome) : null),
  };
}

const COMMON: readonly Field[] = [
  parameter('kind', 'text', ({ configuration }) => configuration.regressor.kind),
  parameter('alpha', 'number', ({ configuration }) => configuration.regressor.alpha),
  parameter('epsilon', 'number', ({ configuration }) => scalar(axisValueOf(configuration, 'huberEpsilon'))),
  parameter('maxIter', 'number', ({ configuration }) => scalar(axisValueOf(configuration, 'huberMaxIter'))),
  parameter('clip', 'number', ({ configuration }) => configuration.regressionTargetClipBps),
  parameter('cap', 'number', ({ configuration }) => configuration.maxRowsPerSplit),
  parameter('ages', 'text', ({ configuration }) => axisValueKey(configuration.agesMinutes)),
  parameter('duration', 'number', ({ durationMs }) => durationMs),
  figure('mae', { descends: false, spendsLockedSplit: false }, (judged) => judged.tuneEdgeMaeRatio),
  figure('auc', { descends: true, spendsLockedSplit: false }, (judged) => judged.tuneAuc),
  figure('gates', { descends: true, spendsLockedSplit: true }, (judged) => judged.gatesPassed),
  figure('margin', { descends: true, spendsLockedSplit: true }, (judged) => judged.smallestMargin),
];
const COMMON_FIELDS = COMMON.map((field) => field.name);

const SIMPLE_FIELDS: ReadonlyMap<string, Field> = new Map(
  [
    ...COMMON,
    ...AXIS_NAMES.map((axis) =>
      parameter(axis, axis === 'agesMinutes' || axis === 'regressorKind' ? 'text' : 'number', ({ configuration }) =>
        scalar(axisValueOf(configuration, axis)),
      ),
    ),
  ].map((field) => [field.name, field]),
);

function scalar(value: ReturnType<typeof axisValueOf>): MetricValue {
  return typeof value === 'object' && value !== null ? axisValueKey(value) : value;
}

/** `tune.brier`: the split and metric of market_plus_state on both sides. */
const MEAN_NAMES: ReadonlyMap<string, readonly MetricColumn[]> = new Map(
  ALL_SPLITS.flatMap((split) =>
    SPLIT_METRIC_NAMES.map((metric) => [
      `${split}.${metric}`,
      SIDES.map((side) => metricColumn(metricColumnName(modelKey(side, 'market_plus_state'), split, metric))!),
    ]),
  ),
);

function meanField(name: string): Field | undefined {
  const columns = MEAN_NAMES.get(name);
  return columns && metricField(name, columns);
}

function columnField(name: string): Field | undefined {
  const column = metricColumn(name.replaceAll('.', '_'));
  return column && metricField(name, [column]);
}

/** The mean of columns; a text column stands alone. */
function metricField(name: string, columns: readonly MetricColumn[]): Field {
  const [first] = columns;
  return {
    name,
    type: first?.type === 'TEXT' ? 'text' : 'number',
    spendsLockedSplit: columns.some((column) => isGateSplit(column.split)),
    descendsByDefault: first?.metric === 'continue_auc',
    columns,
    valueOf: (outcome, at) => {
      if (!('metrics' in outcome)) return null;
      let sum = 0;
      for (const column of columns) {
        const value = outcome.metrics[at.get(column) ?? -1] ?? null;
        if (typeof value !== 'number') return value;
        sum += value;
      }
      return sum / columns.length;
    },
  };
}

function isGateSplit(split: SplitId | null): boolean {
  return GATE_SPLITS.some((gate) => gate === split);
}
