import { GATES } from '../experiment/gates.ts';
import { axisEffect } from '../sweep/axis-effects.ts';
import type { Leaderboard } from './leaderboard.ts';
import { printableJson } from './printable.ts';

/** The leaderboard for programs: whole ids, whole numbers, every parameter. */
export function leaderboardJson(leaderboard: Leaderboard): string {
  const { sort } = leaderboard;
  const document = {
    sweep: leaderboard.sweep,
    sortedBy:
      sort === null
        ? null
        : { field: sort.field.name, descending: sort.descending, spendsLockedSplit: sort.field.spendsLockedSplit },
    conditions: leaderboard.conditions,
    status: leaderboard.status,
    warnings: leaderboard.warnings,
    counts: leaderboard.counts,
    matchingCount: leaderboard.matchingCount,
    lockedSplits: leaderboard.lockedSplits,
    constant: Object.fromEntries(leaderboard.constant.map(({ axis, value }) => [axis, value])),
    rows: leaderboard.rows.map(({ rank, judged, sortValue, unconverged }) => ({
      rank,
      id: judged.configurationId,
      configuration: judged.configuration,
      status: judged.passed ? 'PASS_TO_FORMAL_CHAIN' : 'NOT_READY_FOR_FORMAL_CHAIN',
      tune: { edge_mae_vs_constant_ratio: judged.tuneEdgeMaeRatio, continue_auc: judged.tuneAuc },
      gates: {
        passed: judged.gatesPassed,
        of: GATES.length,
        smallestMargin: judged.smallestMargin,
        weakest: GATES[judged.weakestGate]?.name ?? null,
      },
      unconvergedFits: unconverged,
      ...(sort === null ? {} : { sortValue }),
      ...originOf(judged),
    })),
    failures: leaderboard.failures.map((failure) => ({
      id: failure.configurationId,
      configuration: failure.configuration,
      error: failure.error,
      attempts: failure.attempts,
      ...originOf(failure),
    })),
    failureReasons: leaderboard.failureReasons,
    axes: leaderboard.axes.map((summary) => ({ ...summary, moves: axisEffect(summary.axis).moves })),
  };
  return printableJson(document);
}

function originOf({
  dataset,
  codeVersion,
  durationMs,
}: Leaderboard['rows'][number]['judged'] | Leaderboard['failures'][number]) {
  return { baselineRunId: dataset.baselineRunId, datasetHash: dataset.contentHash, codeVersion, durationMs };
}
