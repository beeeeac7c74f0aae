import { asMetric, asNumber } from '../../sql/values.ts';
import type { Row, SqliteConnection } from '../connection.ts';
import type { Migration } from './migration.ts';
import { addNumber, addText, CHECKSUM_START, checksumOf } from './row-checksum.ts';

/**
 * A checksum for each model's metrics on each split, and for what its fits say. Those of verdicts that are there already
 * are made of the columns as they stand; whether these say what the documents say is for `check` to find.
 */
export const metricChecksums: Migration = {
  version: 2,
  up(connection: SqliteConnection): void {
    for (const { name } of GROUPS) {
      connection.exec(`ALTER TABLE verdict_metrics ADD COLUMN ${name}_checksum INTEGER NOT NULL DEFAULT 0`);
    }
    for (let last = 0; ; ) {
      const page = connection.all(SELECT_PAGE, last);
      for (const row of page) {
        last = asNumber(row[0]);
        connection.run(UPDATE, ...groupSums(row), last);
      }
      if (page.length === 0) return;
    }
  },
};

// Lists of this migration's own, and not those of the code: they stay as they are when the code's lists grow.
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

const GROUPS = MODELS.flatMap((model) => [
  ...SPLITS.map((split) => ({
    name: `${model}_${split}`,
    columns: SPLIT_METRICS.map((metric) => `${model}_${split}_${metric}`),
  })),
  { name: `${model}_fits`, columns: FIT_METRICS.map((metric) => `${model}_${metric}`) },
]);

const SELECT_PAGE = `
  SELECT verdict_id, verdicts.checksum, ${GROUPS.flatMap(({ columns }) => columns).join(', ')}
  FROM verdict_metrics JOIN verdicts ON verdicts.id = verdict_id
  WHERE verdict_id > ? ORDER BY verdict_id LIMIT 500`;

const UPDATE = `
  UPDATE verdict_metrics SET ${GROUPS.map(({ name }) => `${name}_checksum = ?`).join(', ')} WHERE verdict_id = ?`;

function groupSums(row: Row): number[] {
  let at = 2;
  return GROUPS.map(({ columns }) => {
    let sum = addNumber(CHECKSUM_START, asNumber(row[1]));
    for (const value of row.slice(at, at + columns.length).map(asMetric)) {
      sum = typeof value === 'string' ? addText(sum, value) : addNumber(sum, value);
    }
    at += columns.length;
    return checksumOf(sum);
  });
}
