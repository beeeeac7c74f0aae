import type { Migration } from './migration.ts';

/**
 * Metrics and ranks that the server itself can read, so that a leaderboard of millions of verdicts is counted and put in
 * order there; and a view for people with an SQL shell, as SQLite's schema 3 has it. Nothing that is stored changes.
 */
export const metricsInSql: Migration = {
  version: 2,
  *up(connection) {
    yield* connection.run(CREATE_FLOAT64_AT);
    yield* connection.run(CREATE_TO_SEVEN_DIGITS);
    yield* connection.run(createView());
  },
};

const byte = (place: number) => `get_byte(bytes, place + ${place})`;
// Its operators on bits have all the same precedence.
const EXPONENT = `(((${byte(7)} & 127) << 4) | (${byte(6)} >> 4))`;
const FRACTION = [
  `((${byte(6)} & 15)::bigint << 48)`,
  ...[5, 4, 3, 2, 1].map((place) => `(${byte(place)}::bigint << ${8 * place})`),
  `${byte(0)}::bigint`,
].join(' | ');

/**
 * The float64 that stands at a place of bytes, little-endian (IEEE 754 binary64): ±(2^52 + fraction)·2^(exponent − 1075), and
 * of exponent 0 ±fraction·2^−1074. Exact: each factor is a whole number below 2^53 or a power of two. Infinite and what is no
 * number is NULL. Plain arithmetic of one expression, which the server puts in place of the call: 1 µs a value, where a
 * function in another language takes ten.
 */
const CREATE_FLOAT64_AT = `
  CREATE FUNCTION float64_at(bytes bytea, place integer) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS '
    SELECT CASE WHEN ${EXPONENT} = 2047 THEN NULL ELSE
      (CASE WHEN ${byte(7)} >= 128 THEN -1 ELSE 1 END)::double precision
      * (CASE WHEN ${EXPONENT} > 0 THEN 4503599627370496 ELSE 0 END + (${FRACTION}))::double precision
      * 2::double precision ^ (greatest(${EXPONENT}, 1) - 1075)
    END'`;

/** A measured number as ranks and sorting have it, see `rounded` in src/report/rank.ts; whole numbers stay as they are. */
const CREATE_TO_SEVEN_DIGITS = `
  CREATE FUNCTION to_seven_digits(value double precision) RETURNS double precision
  LANGUAGE sql IMMUTABLE PARALLEL SAFE AS '
    SELECT CASE WHEN value = trunc(value) OR abs(value) >= 2::double precision ^ 990 THEN value
      ELSE value * 536870913 - (value * 536870913 - value) END'`;

// As they were when the step was written, and never another way: they are places in what is stored.
const MODELS = ['long_market_only', 'long_market_plus_state', 'short_market_only', 'short_market_plus_state'];
const SPLITS = ['fit_inner', 'tune', 'validation_locked', 'latest_stress'];
const SPLIT_METRICS = [
  'row_count',
  'positive_rate',
  'brier',
  'constant_brier',
  'edge_mae',
  'edge_constant_mae',
  'continue_auc',
  'brier_vs_constant_ratio',
  'edge_mae_vs_constant_ratio',
];
const FIT_METRICS = [
  'row_count',
  'feature_count',
  'regressor_iterations',
  'regressor_converged',
  'regressor_status',
  'regressor_objective',
  'regressor_kkt_residual',
  'regressor_kkt_tolerance',
  'regressor_scale',
  'regressor_outliers',
  'classifier_status',
  'classifier_iterations',
  'classifier_objective',
  'classifier_kkt_residual',
  'classifier_kkt_tolerance',
];
const TEXTS = "ARRAY['converged', 'stalled', 'max-iterations']";

/** A name has at most 63 bytes; of those that are longer, all ratios, the server would cut whatever stands last. */
function columnName(name: string): string {
  return name.length > 63 ? name.replace(/_ratio$/, '') : name;
}

function createView(): string {
  const names = MODELS.flatMap((model) => [
    ...SPLITS.flatMap((split) => SPLIT_METRICS.map((metric) => `${model}_${split}_${metric}`)),
    ...FIT_METRICS.map((metric) => `${model}_${metric}`),
  ]);
  const metrics = names.map((name, i) => {
    const number = `float64_at(metrics, ${8 * i})`;
    return `${name.endsWith('_status') ? `(${TEXTS})[${number}::integer + 1]` : number} AS ${columnName(name)}`;
  });
  return `
    CREATE VIEW verdict_table AS
    SELECT runs.sweep_name AS made_by_sweep, runs.uuid AS run, runs.started_at AS run_started_at,
      runs.git_commit, data.baseline_run_id, data.hash AS data_hash, codes.hash AS code_hash,
      codes.version AS code_version, configurations.configuration_id, selections.ages_minutes,
      selections.max_rows_per_split, contents.content_hash AS dataset_hash,
      CASE WHEN huber_epsilon IS NULL THEN 'ridge' ELSE 'huber' END AS regressor_kind, regressor_alpha, huber_epsilon,
      regressor_max_iter, regression_target_clip_bps, duration_ms,
      CASE passed WHEN 1 THEN 'PASS_TO_FORMAL_CHAIN' ELSE 'NOT_READY_FOR_FORMAL_CHAIN' END AS status, gates_passed,
      smallest_margin, tune_edge_mae_ratio, tune_auc,
      ${metrics.join(',\n      ')}
    FROM verdicts
    JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id
    JOIN configurations ON configurations.id = verdicts.configuration_id
    JOIN contents ON contents.id = verdicts.content_id
    JOIN selections ON selections.id = contents.selection_id
    JOIN codes ON codes.id = verdicts.code_id
    JOIN runs ON runs.id = verdicts.run_id
    JOIN data ON data.id = runs.data_id`;
}
