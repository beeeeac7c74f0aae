import { countOf } from '../counts.ts';
import { type ExperimentResult, MODEL_KEYS } from '../experiment/results.ts';
import type { Verdict } from '../experiment/verdict.ts';
import { unconvergedFitsOf } from '../store/unconverged-fits.ts';
import { fitNotes } from './fit-notes.ts';
import { gateLines } from './gates-text.ts';
import type { Screen } from './text-table.ts';
import { unconvergedLines } from './unconverged-text.ts';

/** What `sweep experiment` prints: the eight gates with values, limits and margins, the fits' certificates, the verdict. */
export function experimentText(result: ExperimentResult, verdict: Verdict, screen: Screen): string {
  return [
    ...gateLines(result, screen),
    '',
    certificatesText(result),
    ...fitNotes(result),
    '',
    verdictText(verdict),
  ].join('\n');
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
  const reasons = countOf(verdict.reasons.length, 'reason');
  return [`verdict: ${verdict.status}, ${reasons}`, ...verdict.reasons.map((reason) => `  - ${reason}`)].join('\n');
}

function exponent(value: number): string {
  return value.toExponential(1);
}
