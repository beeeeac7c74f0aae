import type { SqliteConnection } from '../connection.ts';
import { copySchema2 } from './copy-schema-2.ts';
import type { Migration } from './migration.ts';

/**
 * A verdict is one document under one digest, its numbers once more in one list, and a summary. A sweep is a name and a
 * definition; runs have UUIDs; data and code are known by their hashes; rows have seals.
 */
export const oneDocument: Migration = {
  version: 3,
  up(connection: SqliteConnection): void {
    for (const table of OLD_TABLES) connection.exec(`ALTER TABLE ${table} RENAME TO old_${table}`);
    // Their names are wanted again.
    for (const index of OLD_INDEXES) connection.exec(`DROP INDEX ${index}`);
    connection.exec(TABLES);
    connection.exec(verdictView());
    connection.exec(`INSERT INTO store (session) VALUES ('')`);
    copySchema2(connection);
    for (const table of [...OLD_TABLES].reverse()) connection.exec(`DROP TABLE old_${table}`);
  },
};

// Those that others point to first.
const OLD_TABLES = [
  'sweeps',
  'code_versions',
  'runs',
  'datasets',
  'configurations',
  'sweep_configurations',
  'verdicts',
  'verdict_documents',
  'failures',
  'verdict_metrics',
];
const OLD_INDEXES = ['runs_of_sweep', 'datasets_by_content', 'datasets_by_place'];

const TABLES = `
  -- One row: the name of the session that last opened the store to write it.
  CREATE TABLE store (session TEXT NOT NULL) STRICT;

  CREATE TABLE codes (
    id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL UNIQUE,
    version TEXT NOT NULL,
    seal INTEGER NOT NULL
  ) STRICT;

  -- A baseline run as it lay on disk, and how it is read. Never deleted: looks are counted by it.
  CREATE TABLE data (
    id INTEGER PRIMARY KEY,
    baseline_run_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    data_root TEXT NOT NULL,
    files TEXT,
    reading TEXT NOT NULL,
    seal INTEGER NOT NULL,
    UNIQUE (baseline_run_id, hash)
  ) STRICT;

  -- An ages set and cap.
  CREATE TABLE selections (
    id INTEGER PRIMARY KEY,
    ages_minutes TEXT NOT NULL,
    max_rows_per_split INTEGER NOT NULL,
    UNIQUE (ages_minutes, max_rows_per_split)
  ) STRICT;

  -- The rows of a selection, and the days of its splits as soon as a verdict has told them.
  CREATE TABLE contents (
    id INTEGER PRIMARY KEY,
    selection_id INTEGER NOT NULL REFERENCES selections,
    content_hash TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    days TEXT,
    seal INTEGER NOT NULL,
    UNIQUE (selection_id, content_hash)
  ) STRICT;

  -- What a selection of some data holds; no content where it could not be built.
  CREATE TABLE datasets (
    data_id INTEGER NOT NULL REFERENCES data,
    code_id INTEGER NOT NULL REFERENCES codes,
    selection_id INTEGER NOT NULL REFERENCES selections,
    content_id INTEGER REFERENCES contents,
    PRIMARY KEY (data_id, code_id, selection_id)
  ) STRICT, WITHOUT ROWID;

  -- configuration_id is made of the canonical form. Only huber has an epsilon.
  CREATE TABLE configurations (
    id INTEGER PRIMARY KEY,
    configuration_id TEXT NOT NULL UNIQUE,
    canonical TEXT NOT NULL,
    selection_id INTEGER NOT NULL REFERENCES selections,
    regressor_alpha REAL NOT NULL,
    huber_epsilon REAL,
    regressor_max_iter INTEGER NOT NULL,
    regression_target_clip_bps REAL NOT NULL
  ) STRICT;

  CREATE TABLE sweeps (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL,
    created_at TEXT NOT NULL,
    seal INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE sweep_configurations (
    sweep_id INTEGER NOT NULL REFERENCES sweeps,
    configuration_id INTEGER NOT NULL REFERENCES configurations,
    PRIMARY KEY (sweep_id, configuration_id)
  ) STRICT, WITHOUT ROWID;

  -- sweep_id is null when the sweep was removed and something that this run made is shown by another.
  CREATE TABLE runs (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    sweep_id INTEGER REFERENCES sweeps,
    code_id INTEGER NOT NULL REFERENCES codes,
    data_id INTEGER NOT NULL REFERENCES data,
    sweep_name TEXT NOT NULL,
    configuration_count INTEGER NOT NULL,
    definition TEXT NOT NULL,
    options TEXT NOT NULL,
    git_commit TEXT,
    git_dirty INTEGER,
    node_version TEXT NOT NULL,
    packages TEXT NOT NULL,
    cpu_model TEXT,
    platform TEXT NOT NULL,
    host TEXT,
    user_name TEXT,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    outcome TEXT NOT NULL CHECK (outcome IN ('running', 'finished', 'interrupted')),
    reason TEXT,
    seal INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX runs_of_sweep ON runs (sweep_id);

  CREATE TABLE verdicts (
    id INTEGER PRIMARY KEY,
    content_id INTEGER NOT NULL REFERENCES contents,
    code_id INTEGER NOT NULL REFERENCES codes,
    configuration_id INTEGER NOT NULL REFERENCES configurations,
    run_id INTEGER NOT NULL REFERENCES runs,
    duration_ms REAL NOT NULL,
    passed INTEGER NOT NULL,
    gates_passed INTEGER NOT NULL,
    smallest_margin REAL,
    weakest_gate INTEGER NOT NULL,
    tune_edge_mae_ratio REAL,
    tune_auc REAL,
    -- two bits a fit, 0 where all converged
    fit_statuses INTEGER NOT NULL,
    -- SHA-256 of document, days and losses
    digest BLOB NOT NULL,
    seal INTEGER NOT NULL,
    UNIQUE (content_id, code_id, configuration_id)
  ) STRICT;

  -- float64, little-endian
  CREATE TABLE verdict_metrics (
    verdict_id INTEGER PRIMARY KEY REFERENCES verdicts,
    metrics BLOB NOT NULL,
    seal INTEGER NOT NULL
  ) STRICT;

  -- losses: float64, little-endian, before the long document, so that they are read without it.
  CREATE TABLE verdict_documents (
    verdict_id INTEGER PRIMARY KEY REFERENCES verdicts,
    losses BLOB NOT NULL,
    document TEXT NOT NULL
  ) STRICT;

  CREATE TABLE failures (
    id INTEGER PRIMARY KEY,
    data_id INTEGER NOT NULL REFERENCES data,
    code_id INTEGER NOT NULL REFERENCES codes,
    configuration_id INTEGER NOT NULL REFERENCES configurations,
    run_id INTEGER NOT NULL REFERENCES runs,
    duration_ms REAL NOT NULL,
    attempts INTEGER NOT NULL,
    error_name TEXT NOT NULL,
    error_message TEXT NOT NULL,
    UNIQUE (data_id, code_id, configuration_id)
  ) STRICT;

  -- Other verdicts that came under the key of one that stands.
  CREATE TABLE conflicts (
    id INTEGER PRIMARY KEY,
    verdict_id INTEGER NOT NULL REFERENCES verdicts,
    run_id INTEGER NOT NULL REFERENCES runs,
    digest BLOB NOT NULL,
    UNIQUE (verdict_id, digest)
  ) STRICT;

  -- Configurations that ever had a verdict on these data. Never deleted.
  CREATE TABLE looks (
    data_id INTEGER NOT NULL REFERENCES data,
    configuration_id INTEGER NOT NULL REFERENCES configurations,
    PRIMARY KEY (data_id, configuration_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE notes (
    id INTEGER PRIMARY KEY,
    verdict_id INTEGER NOT NULL REFERENCES verdicts,
    kind TEXT NOT NULL CHECK (kind IN ('note', 'tag')),
    text TEXT NOT NULL,
    written_at TEXT NOT NULL,
    author TEXT,
    UNIQUE (verdict_id, kind, text)
  ) STRICT;
`;

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

/** For people with an SQL shell: a row a verdict, a column a metric. Nothing of ours reads it. */
function verdictView(): string {
  const names = MODELS.flatMap((model) => [
    ...SPLITS.flatMap((split) => SPLIT_METRICS.map((metric) => `${model}_${split}_${metric}`)),
    ...FIT_METRICS.map((metric) => `${model}_${metric}`),
  ]);
  const metrics = names.map((name, i) => `json_extract(document, '$.metrics[${i}]') AS ${name}`);
  return `
    CREATE VIEW verdict_table AS
    SELECT runs.sweep_name AS made_by_sweep, runs.uuid AS run, runs.started_at AS run_started_at,
      runs.git_commit, data.baseline_run_id, data.hash AS data_hash, codes.hash AS code_hash,
      codes.version AS code_version, configurations.configuration_id, selections.ages_minutes,
      selections.max_rows_per_split, contents.content_hash AS dataset_hash,
      CASE WHEN huber_epsilon IS NULL THEN 'ridge' ELSE 'huber' END AS regressor_kind, regressor_alpha, huber_epsilon,
      regressor_max_iter, regression_target_clip_bps, duration_ms,
      json_extract(document, '$.verdict.status') AS status, gates_passed, smallest_margin, tune_edge_mae_ratio,
      tune_auc,
      ${metrics.join(',\n      ')}
    FROM verdicts
    JOIN verdict_documents ON verdict_documents.verdict_id = verdicts.id
    JOIN configurations ON configurations.id = verdicts.configuration_id
    JOIN contents ON contents.id = verdicts.content_id
    JOIN selections ON selections.id = contents.selection_id
    JOIN codes ON codes.id = verdicts.code_id
    JOIN runs ON runs.id = verdicts.run_id
    JOIN data ON data.id = runs.data_id`;
}
