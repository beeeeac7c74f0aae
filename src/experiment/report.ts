import type { BaselineContinueMetrics } from '../baseline/run-json.ts';
import type { ExperimentManifest } from './manifest.ts';
import { pythonInt, pythonIntList, pythonRepr } from './python-text.ts';
import { EVAL_SPLITS, type ExperimentResult, FEATURE_SETS, modelKey, SIDES } from './results.ts';
import type { Verdict } from './verdict.ts';

/** The file `state_continue_experiment_report.md`: the seed's words, line by line, its `run-10` for every run among them. */
export function experimentReport(
  manifest: ExperimentManifest,
  baseline: BaselineContinueMetrics,
  result: ExperimentResult,
  verdict: Verdict,
): string {
  const lines = [
    '# State Continue Experiment Report',
    '',
    `- run_id: \`${manifest.run_id}\``,
    `- baseline_run_id: \`${manifest.baseline_run_id}\``,
    `- row_count: \`${pythonInt(manifest.row_count)}\``,
    `- ages_minutes: \`${pythonIntList(manifest.ages_minutes)}\``,
    `- regressor_kind: \`${manifest.regressor_kind}\``,
    `- huber_alpha: \`${pythonRepr(manifest.huber_alpha)}\``,
    `- huber_epsilon: \`${pythonRepr(manifest.huber_epsilon)}\``,
    `- huber_max_iter: \`${manifest.huber_max_iter === null ? 'None' : pythonInt(manifest.huber_max_iter)}\``,
    `- regression_target_clip_bps: \`${pythonRepr(manifest.regression_target_clip_bps)}\``,
    `- continue_horizon_minutes: \`${pythonInt(manifest.continue_horizon_minutes)}\``,
    `- min_continue_edge_bps: \`${pythonRepr(manifest.min_continue_edge_bps)}\``,
    '',
    '## Baseline run-10 Continue',
    '',
    '| head | auc | mae_vs_constant |',
    '| --- | ---: | ---: |',
    `| long_continue_prob | ${pythonRepr(baseline.longAuc)} | |`,
    `| short_continue_prob | ${pythonRepr(baseline.shortAuc)} | |`,
    `| long_expected_continue_edge_bps | | ${pythonRepr(baseline.longMaeRatio)} |`,
    `| short_expected_continue_edge_bps | | ${pythonRepr(baseline.shortMaeRatio)} |`,
    '',
    '## Diagnostic Result',
    '',
    '| side | feature_set | split | rows | auc | brier_ratio | mae_ratio |',
    '| --- | --- | --- | ---: | ---: | ---: | ---: |',
    ...resultRows(result),
    '',
    '## Verdict Rule',
    '',
    '状态特征只有在 `market_plus_state` 同时好过 `market_only`,并且 validation_locked / latest_stress 没有反向变差时,才进入正式链路。',
    '',
    '## Verdict',
    '',
    `- status: \`${verdict.status}\``,
    `- reasons: \`${verdict.reasons.length}\``,
    '',
    ...verdict.reasons.map((reason) => `- ${reason}`),
  ];
  if (verdict.passed_checks.length > 0) {
    lines.push('', '## Passed Checks', '', ...verdict.passed_checks.map((check) => `- ${check}`));
  }
  return lines.join('\n');
}

function resultRows(result: ExperimentResult): string[] {
  return SIDES.flatMap((side) =>
    FEATURE_SETS.flatMap((featureSet) =>
      EVAL_SPLITS.map((split) => {
        const metrics = result[modelKey(side, featureSet)][split];
        const rows = metrics === undefined ? 'None' : pythonInt(metrics.row_count);
        const auc = pythonRepr(metrics?.continue_auc);
        const brierRatio = pythonRepr(metrics?.brier_vs_constant_ratio);
        const maeRatio = pythonRepr(metrics?.edge_mae_vs_constant_ratio);
        return `| ${side} | ${featureSet} | ${split} | ${rows} | ${auc} | ${brierRatio} | ${maeRatio} |`;
      }),
    ),
  );
}
