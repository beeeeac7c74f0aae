import type { Migration } from './migration.ts';

/**
 * The tables of a store, as SQLite's schema 9 has them (`src/store/sqlite/migrations`), and leases, by which the runs of many
 * hosts are known to be alive. Numbers are bigint or double precision; truth values 0 and 1.
 */
export const initialSchema: Migration = {
  version: 1,
  *up(connection) {
    yield* connection.run(CREATE_TABLES);
  },
};

const ID = 'id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY';
/** Compares by its bytes, as it does in SQLite and in the program. */
const TEXT = 'text COLLATE "C"';

const CREATE_TABLES = `
  -- One row. version: another one after every transaction that writes, each of which holds this row to its end.
  CREATE TABLE store (schema bigint NOT NULL, version bigint NOT NULL, uuid ${TEXT} NOT NULL);
  CREATE UNIQUE INDEX one_store ON store ((true));
  INSERT INTO store VALUES (1, 0, gen_random_uuid()::text);

  CREATE TABLE codes (${ID}, hash ${TEXT} NOT NULL UNIQUE, version ${TEXT} NOT NULL, seal bigint NOT NULL);

  CREATE TABLE data (
    ${ID},
    baseline_run_id ${TEXT} NOT NULL,
    hash ${TEXT} NOT NULL,
    data_root ${TEXT} NOT NULL,
    files ${TEXT},
    reading ${TEXT} NOT NULL,
    seal bigint NOT NULL,
    UNIQUE (baseline_run_id, hash)
  );

  CREATE TABLE selections (
    ${ID},
    ages_minutes ${TEXT} NOT NULL,
    max_rows_per_split bigint NOT NULL,
    UNIQUE (ages_minutes, max_rows_per_split)
  );

  CREATE TABLE contents (
    ${ID},
    selection_id bigint NOT NULL REFERENCES selections,
    content_hash ${TEXT} NOT NULL,
    row_count bigint NOT NULL,
    days ${TEXT},
    seal bigint NOT NULL,
    UNIQUE (selection_id, content_hash)
  );

  CREATE TABLE datasets (
    data_id bigint NOT NULL REFERENCES data,
    code_id bigint NOT NULL REFERENCES codes,
    selection_id bigint NOT NULL REFERENCES selections,
    content_id bigint REFERENCES contents,
    PRIMARY KEY (data_id, code_id, selection_id)
  );

  CREATE TABLE dataset_days (
    data_id bigint NOT NULL,
    code_id bigint NOT NULL,
    selection_id bigint NOT NULL,
    document bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (data_id, code_id, selection_id),
    FOREIGN KEY (data_id, code_id, selection_id) REFERENCES datasets
  );

  CREATE TABLE configurations (
    ${ID},
    configuration_id ${TEXT} NOT NULL UNIQUE,
    canonical ${TEXT} NOT NULL,
    selection_id bigint NOT NULL REFERENCES selections,
    regressor_alpha double precision NOT NULL,
    huber_epsilon double precision,
    regressor_max_iter bigint NOT NULL,
    regression_target_clip_bps double precision NOT NULL
  );

  CREATE TABLE sweeps (
    ${ID},
    name ${TEXT} NOT NULL UNIQUE,
    definition ${TEXT} NOT NULL,
    created_at ${TEXT} NOT NULL,
    seal bigint NOT NULL
  );

  CREATE TABLE sweep_configurations (
    sweep_id bigint NOT NULL REFERENCES sweeps,
    configuration_id bigint NOT NULL REFERENCES configurations,
    PRIMARY KEY (sweep_id, configuration_id)
  );

  CREATE TABLE runs (
    ${ID},
    uuid ${TEXT} NOT NULL UNIQUE,
    sweep_id bigint REFERENCES sweeps,
    code_id bigint NOT NULL REFERENCES codes,
    data_id bigint NOT NULL REFERENCES data,
    sweep_name ${TEXT} NOT NULL,
    configuration_count bigint NOT NULL,
    definition ${TEXT} NOT NULL,
    options ${TEXT} NOT NULL,
    git_commit ${TEXT},
    git_dirty bigint,
    node_version ${TEXT} NOT NULL,
    packages ${TEXT} NOT NULL,
    cpu_model ${TEXT},
    platform ${TEXT} NOT NULL,
    host ${TEXT},
    user_name ${TEXT},
    started_at ${TEXT} NOT NULL,
    finished_at ${TEXT},
    outcome ${TEXT} NOT NULL CHECK (outcome IN ('running', 'finished', 'interrupted')),
    reason ${TEXT},
    seal bigint NOT NULL
  );
  CREATE INDEX runs_of_sweep ON runs (sweep_id);

  -- A run that is alive says so before this time of the database.
  CREATE TABLE run_leases (run_id bigint PRIMARY KEY REFERENCES runs ON DELETE CASCADE, until timestamptz NOT NULL);

  CREATE TABLE run_shards (
    run_id bigint PRIMARY KEY REFERENCES runs,
    shard bigint NOT NULL,
    shard_count bigint NOT NULL,
    configuration_count bigint NOT NULL,
    seal bigint NOT NULL
  );

  CREATE TABLE sealing_runs (run_id bigint PRIMARY KEY REFERENCES runs);

  CREATE TABLE verdicts (
    ${ID},
    content_id bigint NOT NULL REFERENCES contents,
    code_id bigint NOT NULL REFERENCES codes,
    configuration_id bigint NOT NULL REFERENCES configurations,
    run_id bigint NOT NULL REFERENCES runs,
    duration_ms double precision NOT NULL,
    passed bigint NOT NULL,
    gates_passed bigint NOT NULL,
    smallest_margin double precision,
    weakest_gate bigint NOT NULL,
    tune_edge_mae_ratio double precision,
    tune_auc double precision,
    fit_statuses bigint NOT NULL,
    digest bytea NOT NULL,
    seal bigint NOT NULL,
    losses_seal bigint NOT NULL,
    UNIQUE (content_id, code_id, configuration_id)
  );
  CREATE INDEX verdicts_of_run ON verdicts (run_id);

  CREATE TABLE verdict_metrics (
    verdict_id bigint PRIMARY KEY REFERENCES verdicts,
    metrics bytea NOT NULL,
    seal bigint NOT NULL
  );

  CREATE TABLE verdict_documents (
    verdict_id bigint PRIMARY KEY REFERENCES verdicts,
    losses bytea NOT NULL,
    document ${TEXT} NOT NULL
  );

  CREATE TABLE sealed_verdicts (verdict_id bigint PRIMARY KEY REFERENCES verdicts);

  CREATE TABLE failures (
    ${ID},
    data_id bigint NOT NULL REFERENCES data,
    code_id bigint NOT NULL REFERENCES codes,
    configuration_id bigint NOT NULL REFERENCES configurations,
    run_id bigint NOT NULL REFERENCES runs,
    duration_ms double precision NOT NULL,
    attempts bigint NOT NULL,
    error_name ${TEXT} NOT NULL,
    error_message ${TEXT} NOT NULL,
    UNIQUE (data_id, code_id, configuration_id)
  );
  CREATE INDEX failures_of_run ON failures (run_id);

  CREATE TABLE conflicts (
    ${ID},
    verdict_id bigint NOT NULL REFERENCES verdicts,
    run_id bigint NOT NULL REFERENCES runs,
    digest bytea NOT NULL,
    UNIQUE (verdict_id, digest)
  );

  CREATE TABLE looks (
    data_id bigint NOT NULL REFERENCES data,
    configuration_id bigint NOT NULL REFERENCES configurations,
    PRIMARY KEY (data_id, configuration_id)
  );

  CREATE TABLE evaluations (
    data_id bigint NOT NULL REFERENCES data,
    split ${TEXT} NOT NULL CHECK (split IN ('validation_locked', 'latest_stress')),
    key ${TEXT} NOT NULL,
    document ${TEXT} NOT NULL,
    PRIMARY KEY (data_id, split)
  );

  CREATE TABLE locked_looks (
    ${ID},
    data_id bigint NOT NULL REFERENCES data,
    split ${TEXT} NOT NULL CHECK (split IN ('validation_locked', 'latest_stress')),
    content_id bigint NOT NULL REFERENCES contents,
    configuration_id bigint NOT NULL REFERENCES configurations,
    sweep ${TEXT} NOT NULL,
    run ${TEXT} NOT NULL,
    sums bytea NOT NULL,
    digest bytea NOT NULL,
    seal bigint NOT NULL,
    UNIQUE (data_id, split, digest)
  );

  -- Configurations of slices that are judged one by one, since hosts have died of them, that were begun.
  CREATE TABLE in_flight (slice ${TEXT} NOT NULL, configuration ${TEXT} NOT NULL, PRIMARY KEY (slice, configuration));

  CREATE TABLE notes (
    ${ID},
    verdict_id bigint NOT NULL REFERENCES verdicts,
    kind ${TEXT} NOT NULL CHECK (kind IN ('note', 'tag')),
    text ${TEXT} NOT NULL,
    written_at ${TEXT} NOT NULL,
    author ${TEXT},
    UNIQUE (verdict_id, kind, text)
  );
`;
