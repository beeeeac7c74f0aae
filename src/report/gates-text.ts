import { type Gate, gatesOf } from '../experiment/gates.ts';
import type { ExperimentResult } from '../experiment/results.ts';
import { marginText, measureText } from './number-text.ts';
import { columnsOver, type Screen, type TextColumn, type TextStyle, tableLines } from './text-table.ts';
import { UNCONVERGED_MARK } from './unconverged-text.ts';

/** The eight gates of one verdict as a table: value, limit, market_only, and the margin in the metric's own points. */
export function gateLines(result: ExperimentResult, screen: Screen): readonly string[] {
  return tableLines(gateColumns(result), screen);
}

function gateColumns(result: ExperimentResult): TextColumn[] {
  const { left, right } = columnsOver(gatesOf(result));
  const style = (gate: Gate): TextStyle => (gate.passed ? 'green' : 'red');
  return [
    left('gate', (gate) => gate.name, { narrow: (gate) => shortGateName(gate.name) }),
    right('value', (gate) => measureText(gate.value, 6)),
    right('limit', (gate) => `${gate.metric === 'continue_auc' ? '≥' : '≤'} ${gate.limit}`),
    right('market_only', (gate) => measureText(gate.marketOnly, 6)),
    right('margin', (gate) => marginText(gate.margin), { style }),
    left('', outcomeText, { style }),
  ];
}

/** `passed !` where market_only's fit did not converge, which makes a gate easier to pass. */
function outcomeText({ passed, marketOnlyConverged }: Gate): string {
  return `${passed ? 'passed' : 'missed'}${marketOnlyConverged ? '' : ` ${UNCONVERGED_MARK}`}`;
}

/** `long stress mae`: a gate's name as a table has room for it. */
export function shortGateName(name: string): string {
  return name
    .replace('validation_locked', 'locked')
    .replace('latest_stress', 'stress')
    .replace('continue_auc', 'auc')
    .replace('edge_mae_vs_constant_ratio', 'mae');
}
