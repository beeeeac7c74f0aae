import type { SqliteConnection } from '../connection.ts';
import type { Migration } from './migration.ts';

/**
 * Sweeps, their runs, datasets, configurations and outcomes.
 *
 * A verdict is three rows: what a leaderboard scans (narrow), every metric in a column of its own (wide), and the texts.
 * So ranking 100,000 verdicts reads some 20 MB, not a gigabyte.
 */
export const initialSchema: Migration = {
  version: 1,
  up(connection: SqliteConnection): void {
    connection.exec(TABLES);
    connection.exec(metricsTable());
  },
};

const TABLES = `
  CREATE TABLE sweeps (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE code_versions (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;

  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    sweep_id INTEGER NOT NULL REFERENCES sweeps,
    code_version_id INTEGER NOT NULL REFERENCES code_versions,
    configuration_count INTEGER NOT NULL,
    git_commit TEXT,
    git_dirty INTEGER,
    node_version TEXT NOT NULL,
    cpu_model TEXT NOT NULL,
    platform TEXT NOT NULL,
    definition TEXT NOT NULL,
    options TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'finished', 'interrupted'))
  ) STRICT;
  CREATE INDEX runs_of_sweep ON runs (sweep_id);

  -- content_hash is empty where the dataset could not be built; then its place is all that is known of it.
  CREATE TABLE datasets (
    id INTEGER PRIMARY KEY,
    content_hash TEXT NOT NULL,
    ages_minutes TEXT NOT NULL,
    max_rows_per_split INTEGER NOT NULL,
    row_count INTEGER,
    baseline_run_id TEXT NOT NULL,
    data_root TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX datasets_by_content ON datasets (content_hash, ages_minutes, max_rows_per_split)
    WHERE content_hash <> '';
  CREATE UNIQUE INDEX datasets_by_place ON datasets (data_root, baseline_run_id, ages_minutes, max_rows_per_split)
    WHERE content_hash = '';

  -- Ages and cap are the dataset's; the canonical form has them too. Only huber has an epsilon.
  CREATE TABLE configurations (
    id INTEGER PRIMARY KEY,
    configuration_id TEXT NOT NULL UNIQUE,
    canonical TEXT NOT NULL,
    canonical_checksum INTEGER NOT NULL,
    regressor_kind TEXT NOT NULL CHECK (regressor_kind IN ('huber', 'ridge')),
    regressor_alpha REAL NOT NULL,
    huber_epsilon REAL,
    regressor_max_iter INTEGER NOT NULL,
    regression_target_clip_bps REAL NOT NULL,
    CHECK ((regressor_kind = 'huber') = (huber_epsilon IS NOT NULL))
  ) STRICT;

  -- What a sweep is made of, and the key of the outcome that it shows of each.
  CREATE TABLE sweep_configurations (
    sweep_id INTEGER NOT NULL REFERENCES sweeps,
    configuration_id INTEGER NOT NULL REFERENCES configurations,
    dataset_id INTEGER NOT NULL REFERENCES datasets,
    code_version_id INTEGER NOT NULL REFERENCES code_versions,
    PRIMARY KEY (sweep_id, configuration_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    dataset_id INTEGER NOT NULL REFERENCES datasets,
    code_version_id INTEGER NOT NULL REFERENCES code_versions,
    configuration_id INTEGER NOT NULL REFERENCES configurations,
    run_id INTEGER NOT NULL REFERENCES runs,
    duration_ms REAL NOT NULL,
    passed INTEGER NOT NULL,
    checks_passed INTEGER NOT NULL,
    smallest_margin REAL,
    weakest_check INTEGER NOT NULL,
    tune_edge_mae_ratio REAL,
    tune_auc REAL,
    checksum INTEGER NOT NULL,
    UNIQUE (dataset_id, code_version_id, configuration_id)
  ) STRICT;

  CREATE TABLE verdict_documents (
    verdict_id INTEGER PRIMARY KEY REFERENCES verdicts,
    result TEXT NOT NULL,
    verdict TEXT NOT NULL,
    daily_losses BLOB NOT NULL,
    digest BLOB NOT NULL
  ) STRICT;

  CREATE TABLE failures (
    id INTEGER PRIMARY KEY,
    dataset_id INTEGER NOT NULL REFERENCES datasets,
    code_version_id INTEGER NOT NULL REFERENCES code_versions,
    configuration_id INTEGER NOT NULL REFERENCES configurations,
    run_id INTEGER NOT NULL REFERENCES runs,
    duration_ms REAL NOT NULL,
    attempts INTEGER NOT NULL,
    error_name TEXT NOT NULL,
    error_message TEXT NOT NULL,
    UNIQUE (dataset_id, code_version_id, configuration_id)
  ) STRICT;
`;

// Lists of this migration's own, and not those of the code: they stay as they are when the code's lists grow.
const MODELS = ['long_market_only', 'long_market_plus_state', 'short_market_only', 'short_market_plus_state'];
const SPLITS = ['fit_inner', 'tune', 'validation_locked', 'latest_stress'];
const SPLIT_METRICS = [
  'row_count INTEGER',
  'positive_rate REAL',
  'brier REAL',
  'constant_brier REAL',
  'edge_mae REAL',
  'edge_constant_mae REAL',
  'continue_auc REAL',
  'brier_vs_constant_ratio REAL',
  'edge_mae_vs_constant_ratio REAL',
];
const FIT_METRICS = [
  'row_count INTEGER',
  'feature_count INTEGER',
  'regressor_iterations INTEGER',
  'regressor_converged INTEGER',
  'regressor_status TEXT',
  'regressor_objective REAL',
  'regressor_kkt_residual REAL',
  'regressor_kkt_tolerance REAL',
  'regressor_scale REAL',
  'regressor_outliers INTEGER',
  'classifier_status TEXT',
  'classifier_iterations INTEGER',
  'classifier_objective REAL',
  'classifier_kkt_residual REAL',
  'classifier_kkt_tolerance REAL',
];

function metricsTable(): string {
  const columns = MODELS.flatMap((model) => [
    ...SPLITS.flatMap((split) => SPLIT_METRICS.map((metric) => `${model}_${split}_${metric}`)),
    ...FIT_METRICS.map((metric) => `${model}_${metric}`),
  ]);
  return `
    CREATE TABLE verdict_metrics (
      verdict_id INTEGER PRIMARY KEY REFERENCES verdicts,
      ${columns.join(',\n      ')}
    ) STRICT;
  `;
}
