import { GATES } from '../experiment/gates.ts';
import { AXIS_NAMES, axisValueOf } from './axes.ts';
import { type CsvValue, csvLine } from './csv.ts';
import type { Outcome } from './fields.ts';
import type { Leaderboard } from './leaderboard.ts';
import { axisValueText } from './leaderboard-columns.ts';
import { unconvergedFitText } from './unconverged-text.ts';

/** One line for each row shown, then for each failure shown; every parameter, whole numbers. */
export function leaderboardCsv(leaderboard: Leaderboard): string {
  const sortName = leaderboard.sort === null ? [] : [`sorted_by ${leaderboard.sort.field.name}`];
  const lines = [csvLine(['rank', 'id', 'status', ...AXIS_NAMES, ...FIGURES, ...ORIGIN, ...sortName])];
  for (const { rank, judged, sortValue, unconverged } of leaderboard.rows) {
    lines.push(
      csvLine([
        rank,
        judged.configurationId,
        judged.passed ? 'PASS_TO_FORMAL_CHAIN' : 'NOT_READY_FOR_FORMAL_CHAIN',
        ...parameters(judged),
        judged.tuneEdgeMaeRatio,
        judged.tuneAuc,
        judged.gatesPassed,
        judged.smallestMargin,
        GATES[judged.weakestGate]?.name ?? null,
        unconverged.length === 0 ? null : unconverged.map(unconvergedFitText).join('; '),
        ...origin(judged),
        null,
        ...(leaderboard.sort === null ? [] : [sortValue]),
      ]),
    );
  }
  for (const failure of leaderboard.failures) {
    const error = `${failure.error.name}: ${failure.error.message}`;
    lines.push(
      csvLine([
        null,
        failure.configurationId,
        'FAILED',
        ...parameters(failure),
        ...FIGURES.map(() => null),
        ...origin(failure),
        error,
        ...sortName.map(() => null),
      ]),
    );
  }
  return lines.join('');
}

const FIGURES = [
  'tune_edge_mae_vs_constant_ratio',
  'tune_continue_auc',
  'gates_passed',
  'smallest_margin',
  'weakest_gate',
  'unconverged_fits',
];
const ORIGIN = ['duration_ms', 'baseline_run_id', 'dataset_hash', 'code_version', 'error'];

function parameters({ configuration }: Outcome): CsvValue[] {
  return AXIS_NAMES.map((axis) => {
    const value = axisValueOf(configuration, axis);
    return typeof value === 'object' && value !== null ? axisValueText(value) : value;
  });
}

function origin({ durationMs, dataset, codeVersion }: Outcome): CsvValue[] {
  return [durationMs, dataset.baselineRunId, dataset.contentHash, codeVersion];
}
