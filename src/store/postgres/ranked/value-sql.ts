import { GATES } from '../../../experiment/gates.ts';
import { PARAMETER_NAMES, type ParameterName, parameterOf } from '../../../experiment/parameters.ts';
import type { MetricColumn } from '../../metric-columns.ts';
import { METRIC_TEXTS, placeOfMetric } from '../../metric-values.ts';
import type { OutcomeValue, StoredValue } from '../../ranked-outcomes.ts';
import { isLocked } from '../../sealed.ts';
import { IS_OPEN } from '../../sql/sealed-verdicts.ts';
import { EASED_GATES_BITS } from '../../unconverged-fits.ts';

/** A value of the SQL that is made here: of verdicts, or of what could not be judged. */
export type Side = 'judged' | 'failed';

const IS_RIDGE = 'configurations.huber_epsilon IS NULL';

/** Of a configuration and its ages set, which `tablesSql` joins. */
const PARAMETERS: Readonly<Record<ParameterName, string>> = {
  agesMinutes: "btrim(selections.ages_minutes, '[]')",
  regressorKind: `CASE WHEN ${IS_RIDGE} THEN 'ridge' ELSE 'huber' END`,
  huberAlpha: `CASE WHEN NOT ${IS_RIDGE} THEN configurations.regressor_alpha END`,
  huberEpsilon: 'configurations.huber_epsilon',
  huberMaxIter: `CASE WHEN NOT ${IS_RIDGE} THEN configurations.regressor_max_iter END`,
  ridgeAlpha: `CASE WHEN ${IS_RIDGE} THEN configurations.regressor_alpha END`,
  regressionTargetClipBps: 'configurations.regression_target_clip_bps',
  maxRowsPerSplit: 'selections.max_rows_per_split',
};

/** What `orderByTune` (`src/report/rank.ts`) orders by. */
export const RANK_ORDER = [
  'to_seven_digits(verdicts.tune_edge_mae_ratio) NULLS LAST',
  'to_seven_digits(verdicts.tune_auc) DESC NULLS LAST',
  ...PARAMETER_NAMES.map((name) => {
    // A list by one item after another.
    if (name === 'agesMinutes') return 'selections.place';
    return name === 'regressorKind' ? `(${IS_RIDGE})` : `${PARAMETERS[name]} NULLS LAST`;
  }),
  'configurations.configuration_id',
].join(', ');

const gateNames = GATES.map(({ name }) => `'${name}'`).join();
const opened = (sql: string) => `CASE WHEN ${IS_OPEN} THEN ${sql} END`;

type OutcomeSql = Readonly<Record<Side, string>> & { readonly isText: boolean };

/** A text that both sides have; a value of this type that verdicts alone have. */
const onBoth = (text: string): OutcomeSql => ({ judged: text, failed: text, isText: true });
const onJudged = (type: string, judged: string): OutcomeSql => {
  return { judged, failed: `NULL::${type}`, isText: type === 'text' };
};

const OUTCOMES: Readonly<Record<OutcomeValue, OutcomeSql>> = {
  rank: onJudged('bigint', `row_number() OVER (ORDER BY ${RANK_ORDER})`),
  configurationId: onBoth('configurations.configuration_id'),
  tuneEdgeMaeRatio: onJudged('double precision', 'verdicts.tune_edge_mae_ratio'),
  tuneAuc: onJudged('double precision', 'verdicts.tune_auc'),
  gatesPassed: onJudged('bigint', opened('verdicts.gates_passed')),
  smallestMargin: onJudged('double precision', opened('verdicts.smallest_margin')),
  weakestGate: onJudged('text', opened(`(ARRAY[${gateNames}])[verdicts.weakest_gate + 1]`)),
  sweep: onBoth('shown.sweep'),
  baselineRunId: onBoth('shown.baseline'),
  dataHash: onBoth('shown.data'),
  contentHash: onBoth('contents.content_hash'),
  codeHash: onBoth('shown.code'),
  tags: onJudged(
    'text',
    `(SELECT string_agg(text, ', ' ORDER BY id) FROM notes WHERE kind = 'tag' AND verdict_id = verdicts.id)`,
  ),
  durationMs: { judged: 'verdicts.duration_ms', failed: 'failures.duration_ms', isText: false },
};

/** A field's value. Words of verdicts are ours and hold no quotes. */
export function valueSql(value: StoredValue, side: Side): string {
  switch (value.of) {
    case 'parameter': {
      const [first, ...others] = value.names.map((name) => PARAMETERS[name]);
      return others.length === 0 ? first! : `coalesce(${[first, ...others].join(', ')})`;
    }
    case 'metrics':
      return side === 'failed' ? `NULL::${isText(value.columns) ? 'text' : 'double precision'}` : metricsSql(value);
    case 'word': {
      const { passed, notReady, unconverged, sealed, failed } = value.words;
      if (side === 'failed') return `'${failed}'::text`;
      return `CASE WHEN NOT ${IS_OPEN} THEN '${sealed}'
        WHEN verdicts.fit_statuses & ${EASED_GATES_BITS} <> 0 THEN '${unconverged}'
        WHEN verdicts.passed = 1 THEN '${passed}' ELSE '${notReady}' END`;
    }
    case 'outcome':
      return OUTCOMES[value.name][side];
  }
}

/** Whether it is text in the database: those are asked for, and put in order, otherwise than numbers. */
export function isTextValue(value: StoredValue): boolean {
  switch (value.of) {
    case 'parameter':
      return value.names.some((name) => parameterOf(name).bounds === null);
    case 'metrics':
      return isText(value.columns);
    case 'word':
      return true;
    case 'outcome':
      return OUTCOMES[value.name].isText;
  }
}

function isText(columns: readonly MetricColumn[]): boolean {
  return columns[0]?.type === 'TEXT';
}

function metricsSql({ columns, as }: StoredValue & { readonly of: 'metrics' }): string {
  const each = columns.map(metricSql);
  if (isText(columns)) return each[0]!;
  return as === 'mean' ? `(${each.join(' + ')}) / ${each.length}` : `(${each.join(' - ')})`;
}

function metricSql(column: MetricColumn): string {
  const number = `float64_at(verdict_metrics.metrics, ${placeOfMetric(column)})`;
  const texts = METRIC_TEXTS.map((text) => `'${text}'`).join();
  const value = column.type === 'TEXT' ? `(ARRAY[${texts}])[${number}::integer + 1]` : number;
  return isLocked(column.split) ? opened(`(${value})`) : value;
}
