import { type Gate, gatesOf } from '../experiment/gates.ts';
import { PARAMETER_NAMES, type ParameterName, type ParameterValue, parameterOf } from '../experiment/parameters.ts';
import { ALL_SPLITS, MODEL_KEYS } from '../experiment/results.ts';
import { shortHash } from '../short-hash.ts';
import { METRIC_COLUMNS, type MetricValue } from '../store/metric-columns.ts';
import type { StoredOutcome } from '../store/records.ts';
import { unconvergedFitsOf } from '../store/unconverged-fits.ts';
import { UserError } from '../user-error.ts';
import { axisValueText } from './axes.ts';
import { aucText, marginText, measureText, ratioText } from './number-text.ts';
import { printable } from './printable.ts';
import { columnsOver, paint, type Screen, tableLines, wrap } from './text-table.ts';
import { type VerdictWord, verdictWord } from './verdict-words.ts';

/** Of ratios near 1, as far as a reproduction's may differ. */
const ROUNDING = 1e-9;

/** Two verdicts side by side; a change is B's value less A's, null where either is missing. */
export type VerdictComparison = {
  readonly a: ComparedVerdict;
  readonly b: ComparedVerdict;
  readonly parameters: readonly {
    name: ParameterName;
    a: ParameterValue | null;
    b: ParameterValue | null;
    same: boolean;
  }[];
  /** Null where those of one are sealed. */
  readonly gates: readonly { name: string; a: GateFigures; b: GateFigures; marginChange: number | null }[] | null;
  /** Every number of the results. */
  readonly metrics: readonly { name: string; a: MetricValue; b: MetricValue; change: number | null }[];
};

export type ComparedVerdict = {
  readonly id: string;
  readonly verdict: VerdictWord;
  readonly baseline: string;
  readonly data: string | null;
  readonly code: string;
};

type GateFigures = Pick<Gate, 'value' | 'limit' | 'marketOnly' | 'margin' | 'passed'>;
type Judged = Extract<StoredOutcome, { kind: 'completed' }>;

/** @throws UserError when one of them could not be judged */
export function compareVerdicts(a: StoredOutcome, b: StoredOutcome): VerdictComparison {
  const [first, second] = [judgedOnly(a), judgedOnly(b)];
  return {
    a: describe(first),
    b: describe(second),
    parameters: PARAMETER_NAMES.map((name) => {
      const [of, other] = [first, second].map(({ configuration }) => parameterOf(name).read(configuration));
      return { name, a: of ?? null, b: other ?? null, same: String(of) === String(other) };
    }),
    gates: comparedGates(first, second),
    metrics: METRIC_COLUMNS.map((column) => {
      const [of, other] = [column.valueOf(first.result), column.valueOf(second.result)];
      return { name: column.name, a: of, b: other, change: change(of, other) };
    }),
  };
}

function comparedGates(first: Judged, second: Judged): VerdictComparison['gates'] {
  if (first.isSealed || second.isSealed) return null;
  const others = gatesOf(second.result);
  return gatesOf(first.result).map((gate, i) => {
    const other = others[i]!;
    return { name: gate.name, a: figures(gate), b: figures(other), marginChange: change(gate.margin, other.margin) };
  });
}

/** For a terminal: what they are, in what they differ, and how far that moves gates and metrics. */
export function verdictComparisonText(comparison: VerdictComparison, screen: Screen): string {
  const { a, b, parameters } = comparison;
  const different = parameters.filter(({ same, a: of, b: other }) => !same && !(of === null && other === null));
  const same = parameters.filter((parameter) => parameter.same && parameter.a !== null);
  return [
    ...[a, b].map((verdict, i) => {
      const word = paint(verdict.verdict === 'pass' ? 'green' : 'red', verdict.verdict, screen.color);
      return `${'AB'[i]}  ${verdict.id}  ${word}  on ${printable(verdict.baseline)}`;
    }),
    ...(a.data === b.data ? [] : [paint('yellow', '! on different data: their figures do not compare', screen.color)]),
    ...(a.code === b.code
      ? []
      : [paint('yellow', `! by different code: ${printable(`${a.code}, ${b.code}`)}`, screen.color)]),
    '',
    paint('bold', 'parameters', screen.color),
    ...(different.length === 0
      ? ['all the same']
      : tableLines(
          [
            columnsOver(different).left('', ({ name }) => name),
            columnsOver(different).right('A', ({ a: value }) => axisValueText(value)),
            columnsOver(different).right('B', ({ b: value }) => axisValueText(value)),
          ],
          screen,
        )),
    ...(same.length === 0 || different.length === 0
      ? []
      : wrap(
          `the same: ${same.map(({ name, a: value }) => `${name} ${axisValueText(value)}`).join('; ')}`,
          screen.width,
        )),
    '',
    ...gateLines(comparison, screen),
    ...ALL_SPLITS.flatMap((split) => splitLines(comparison, split, screen)),
    '',
  ].join('\n');
}

function gateLines({ a: first, gates }: VerdictComparison, screen: Screen): string[] {
  if (gates === null) {
    const which = first.verdict === 'sealed' ? 'A' : 'B';
    return [paint('bold', 'gates', screen.color), `sealed: nobody was shown those of ${which} yet`, ''];
  }
  const { left, right } = columnsOver(gates);
  const passed = ({ passed: isPassed }: GateFigures): string => (isPassed ? 'passed' : 'missed');
  const columns = [
    left('gate', ({ name }) => name, { narrow: ({ name }) => name.replace('edge_mae_vs_constant_ratio', 'mae ratio') }),
    right('value A', ({ a }) => measureText(a.value, 6), { priority: 'wanted' }),
    right('value B', ({ b }) => measureText(b.value, 6), { priority: 'wanted' }),
    right('margin A', ({ a }) => marginText(a.margin)),
    right('margin B', ({ b }) => marginText(b.margin)),
    right('change', ({ marginChange }) => changeText(marginChange), {
      style: ({ marginChange }) => ((marginChange ?? 0) < 0 ? 'red' : (marginChange ?? 0) > 0 ? 'green' : undefined),
    }),
    left('', ({ a, b }) => (a.passed === b.passed ? passed(a) : `${passed(a)} → ${passed(b)}`)),
  ];
  return [paint('bold', 'gates', screen.color), ...tableLines(columns, screen), ''];
}

function splitLines({ metrics }: VerdictComparison, split: string, screen: Screen): string[] {
  const byName = new Map(metrics.map((metric) => [metric.name, metric]));
  const rows = MODEL_KEYS.map((model) => {
    const named = (metric: string) => byName.get(`${model}_${split}_${metric}`);
    return { model, auc: named('continue_auc'), mae: named('edge_mae_vs_constant_ratio') };
  }).filter(({ mae }) => mae !== undefined && (mae.a !== null || mae.b !== null));
  if (rows.length === 0) return [];
  const { left, right } = columnsOver(rows);
  const number = (value: MetricValue | undefined, text: (value: number | null) => string): string =>
    typeof value === 'string' ? value : text(value ?? null);
  const columns = [
    left(split, ({ model }) => model),
    right('auc A', ({ auc }) => number(auc?.a, aucText)),
    right('auc B', ({ auc }) => number(auc?.b, aucText)),
    right('change', ({ auc }) => changeText(auc?.change ?? null)),
    right('mae ratio A', ({ mae }) => number(mae?.a, ratioText), { narrow: ({ mae }) => number(mae?.a, ratioText) }),
    right('mae ratio B', ({ mae }) => number(mae?.b, ratioText), { narrow: ({ mae }) => number(mae?.b, ratioText) }),
    right('change', ({ mae }) => changeText(mae?.change ?? null)),
  ];
  return [...tableLines(columns, screen), ''];
}

function describe({ configurationId, dataset, code, summary, result }: Judged): ComparedVerdict {
  return {
    id: configurationId,
    verdict: verdictWord(summary.passed, unconvergedFitsOf(result)),
    baseline: dataset.baselineRunId,
    data: dataset.contentHash,
    code: `${code.version} ${shortHash(code.hash)}`,
  };
}

function judgedOnly(outcome: StoredOutcome): Judged {
  if (outcome.kind === 'completed') return outcome;
  throw new UserError(
    `${outcome.configurationId}: has no verdict to compare, it could not be judged: ${outcome.error.message}`,
  );
}

function figures({ value, limit, marketOnly, margin, passed }: Gate): GateFigures {
  return { value, limit, marketOnly, margin, passed };
}

/** What agrees as a reproduction has to differs by rounding alone, and is told as no change. */
function changeText(value: number | null): string {
  return value !== null && Math.abs(value) < ROUNDING ? '0' : marginText(value);
}

function change(a: MetricValue, b: MetricValue): number | null {
  return typeof a === 'number' && typeof b === 'number' ? b - a : null;
}
