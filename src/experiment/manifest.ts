import type { Json } from '../canonical-json.ts';
import { sha256Json } from '../canonical-json.ts';
import { STATE_FEATURES } from '../dataset/state-features.ts';
import type { StateFrame } from '../dataset/state-frame.ts';
import type { Configuration } from './configuration.ts';
import { seedSettings } from './parameters.ts';

/** The program and machine that made a verdict. */
export type MadeBy = {
  readonly code_version: string;
  /** of what can change a number */
  readonly code_hash: string;
  /** null where the program does not run from a git checkout */
  readonly git_commit: string | null;
  readonly git_dirty: boolean | null;
  readonly node_version: string;
  /** name → version of the packages that numbers come from */
  readonly packages: { readonly [name: string]: string };
  /** null where the program was told to keep its machine to itself */
  readonly cpu_model: string | null;
  readonly platform: string;
};

/** The file `experiment_manifest.json`: the seed's keys, then `bar_gaps`, `baseline_max_age_minutes`, `model_files` and `made_by`. */
export type ExperimentManifest = {
  experiment: 'state_continue_diagnostic_v1';
  run_id: string;
  baseline_run_id: string;
  baseline_root: string;
  ages_minutes: number[];
  target_bps: number;
  stop_bps: number;
  cost_bps: number;
  continue_horizon_minutes: number;
  min_continue_edge_bps: number;
  regressor_kind: string;
  ridge_alpha: number | null;
  huber_alpha: number | null;
  huber_epsilon: number | null;
  huber_max_iter: number | null;
  regression_target_clip_bps: number | null;
  dataset_hash_sha256: string;
  row_count: number;
  split_counts: Record<string, number>;
  side_counts: Record<string, number>;
  feature_inputs: { market_feature_count: number; state_features: string[]; state_feature_count: number };
  leakage_policy: Record<string, string | boolean>;
  /** Windows count rows, joins count minutes; rows for which the two differ, before any cap. */
  bar_gaps: { policy: 'keep' | 'drop'; rows_spanning_gap: number };
  /** the largest age that the gaps between the baseline run's splits were made for; null where it does not say */
  baseline_max_age_minutes: number | null;
  /** SHA-256 of each file in `models/`, by name */
  model_files: Record<string, string>;
  made_by: MadeBy | null;
};

export function experimentManifest(
  runId: string,
  frame: StateFrame,
  configuration: Configuration,
  datasetHash: string,
  modelFileHashes: Readonly<Record<string, string>>,
  madeBy: MadeBy | null,
): ExperimentManifest {
  const { run } = frame.rows;
  return {
    experiment: 'state_continue_diagnostic_v1',
    run_id: runId,
    baseline_run_id: run.runId,
    baseline_root: run.root,
    ages_minutes: [...frame.agesMinutes],
    target_bps: run.pricePlan.targetBps,
    stop_bps: run.pricePlan.stopBps,
    cost_bps: run.pricePlan.costBps,
    continue_horizon_minutes: run.continueLabel.horizonMinutes,
    min_continue_edge_bps: run.continueLabel.minExpectedContinueEdgeBps,
    ...seedSettings(configuration),
    dataset_hash_sha256: datasetHash,
    row_count: frame.rowCount,
    split_counts: { ...frame.splitCounts },
    side_counts: { ...frame.sideCounts },
    feature_inputs: {
      market_feature_count: run.features.featureOrder.length,
      state_features: [...STATE_FEATURES],
      state_feature_count: STATE_FEATURES.length,
    },
    leakage_policy: {
      uses_future_entry_label_as_feature: false,
      uses_same_round_model_prediction_as_feature: false,
      entry_predicted_edge_bps: 'baseline frozen ENTRY ONNX output selected by side',
      entry_direction_prob: 'baseline frozen DIRECTION ONNX output selected by side',
      path_features: 'position path shape and side-adjusted market pressure at current state time',
      add_count: 'synthetic first-position diagnostic, fixed to 0',
      minutes_since_last_add: 'synthetic first-position diagnostic, fixed to 9999',
    },
    bar_gaps: { policy: frame.barGaps, rows_spanning_gap: frame.rowsSpanningGap },
    baseline_max_age_minutes: frame.rows.run.maxAgeMinutes,
    model_files: { ...modelFileHashes },
    made_by: madeBy,
  };
}

/** The file `position_state_source_manifest.json`: the seed's words. `run-10` is the run that it was written for; any other is told by them too. */
export function sourceManifest(frame: StateFrame): Json {
  return {
    entry_predicted_edge_bps: 'run-10 frozen ENTRY ONNX output selected by entry side',
    entry_direction_prob: 'run-10 frozen DIRECTION ONNX output selected by entry side',
    path_features: 'position path shape and side-adjusted market pressure features computed at current state time',
    out_of_fold_used: false,
    frozen_model_output_used: true,
    frozen_model_output_policy: 'baseline model is fixed and is not retrained inside this experiment',
    replay_decision_trace_used: false,
    state_feature_order_hash: sha256Json(STATE_FEATURES),
    row_count: frame.rowCount,
    split_counts: { ...frame.splitCounts },
  };
}
