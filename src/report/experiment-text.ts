import { type ExperimentResult, MODEL_KEYS } from '../experiment/results.ts';
import { type Check, checksOf, type Verdict } from '../experiment/verdict.ts';
import { unconvergedFitsOf } from '../store/unconverged-fits.ts';
import { unconvergedLines } from './unconverged-text.ts';

/** What `sweep experiment` prints: the eight checks with values, limits and margins, the fits' certificates, the verdict. */
export function experimentText(result: ExperimentResult, verdict: Verdict): string {
  return [checksText(result), '', certificatesText(result), '', verdictText(verdict)].join('\n');
}

/** The eight checks as a table. A margin is the distance to the nearer of limit and market_only, positive when passed. */
export function checksText(result: ExperimentResult): string {
  const rows = checksOf(result).map((check) => [
    check.passed ? 'pass' : 'FAIL',
    check.name,
    decimals(check.value),
    `${check.metric === 'continue_auc' ? '≥' : '≤'} ${check.limit.toFixed(2)}`,
    decimals(check.marketOnly),
    margin(check),
  ]);
  const header = ['', 'check', 'value', 'limit', 'market_only', 'margin'];
  const widths = header.map((title, j) => Math.max(title.length, ...rows.map((row) => row[j]!.length)));
  return [header, ...rows]
    .map((row) =>
      row
        .map((cell, j) => (j < 2 ? cell.padEnd(widths[j]!) : cell.padStart(widths[j]!)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function certificatesText(result: ExperimentResult): string {
  const models = MODEL_KEYS.map((key) => ({ key, model: result[key] }));
  const open = models.filter(({ model }) => !model.regressor_converged || model.classifier_status !== 'converged');
  if (open.length > 0) {
    const lines = open.map(
      ({ key, model }) =>
        `${key}: regressor ${model.regressor_status} (KKT residual ${exponent(model.regressor_kkt_residual)}, ` +
        `tolerance ${exponent(model.regressor_kkt_tolerance)}), classifier ${model.classifier_status}`,
    );
    return [...lines, ...unconvergedLines(unconvergedFitsOf(result))].join('\n');
  }
  const worst = Math.max(...models.map(({ model }) => model.regressor_kkt_residual / model.regressor_kkt_tolerance));
  return `all 8 fits certified at the optimum (largest KKT residual ${exponent(worst)} of its tolerance)`;
}

function verdictText(verdict: Verdict): string {
  if (verdict.reasons.length === 0) return `verdict: ${verdict.status}`;
  const reasons = verdict.reasons.length === 1 ? '1 reason' : `${verdict.reasons.length} reasons`;
  return [`verdict: ${verdict.status}, ${reasons}`, ...verdict.reasons.map((reason) => `  - ${reason}`)].join('\n');
}

function decimals(value: number | null): string {
  return value === null ? 'none' : value.toFixed(4);
}

function margin({ margin: value }: Check): string {
  if (value === null) return 'none';
  return `${value < 0 ? '' : '+'}${value.toFixed(4)}`;
}

function exponent(value: number): string {
  return value.toExponential(1);
}
