import { countText } from '../../counts.ts';
import { AUC_MIN, GATES, MAE_RATIO_MAX } from '../../experiment/gates.ts';
import type { GateBins, GateFacts, GateMatrixFacts } from '../../page-data/report.ts';
import type { ReportTable } from './report-table.ts';
import { percentText } from './words.ts';

/** Which gates decide: every gate over all judged configurations, by rank. */
export function gateMatrixFacts(table: ReportTable, isSampled: boolean): GateMatrixFacts {
  const gates = GATES.map((_, g) => gateFacts(table, g));
  return {
    question: 'Which gates decide?',
    howToRead:
      'A column a configuration, best by tune on the left; a strip a gate. A bar up clears it, a bar down misses it; the longer, the further from the limit.',
    finding: findingOf(table, gates),
    gates,
    bins: isSampled ? binsOf(table) : null,
  };
}

/** `LONG stress AUC`. */
export function gateLabel(g: number): string {
  const { side, split, metric } = GATES[g]!;
  const short = split === 'validation_locked' ? 'locked' : 'stress';
  return `${side} ${short} ${metric === 'continue_auc' ? 'AUC' : 'MAE'}`;
}

function gateFacts({ margins, met, verdicts }: ReportTable, g: number): GateFacts {
  const { name, side, split, metric } = GATES[g]!;
  let passed = 0;
  let largest: number | null = null;
  margins[g]!.forEach((margin, i) => {
    if ((met[i]! >> g) & 1) passed += 1;
    if (!Number.isNaN(margin)) largest = Math.max(largest ?? 0, Math.abs(margin));
  });
  const limit = metric === 'continue_auc' ? AUC_MIN : MAE_RATIO_MAX;
  const of = verdicts.filter((verdict) => verdict !== 'sealed').length;
  return { name, label: gateLabel(g), side, split, metric, limit, passed, of, largest };
}

/** The gate that fewest meet; of equal ones the first. */
export function hardestGate(gates: readonly GateFacts[]): GateFacts {
  return gates.reduce((hardest, gate) => (gate.passed < hardest.passed ? gate : hardest));
}

function findingOf({ judged }: ReportTable, gates: readonly GateFacts[]): string {
  if (judged.length === 0) return 'No configuration was judged.';
  const count = gates[0]!.of;
  const sealed = judged.length - count;
  if (count === 0) return `The gates of all ${countText(sealed)} are sealed: nobody has looked.`;
  const rest = sealed === 0 ? '' : ` ${countText(sealed)} more are sealed.`;
  const ofAll = (gate: GateFacts) =>
    `${gate.label}: ${countText(gate.passed)} of ${countText(count)} (${percentText(gate.passed / count)})`;
  const free = gates.filter(({ passed }) => passed === count);
  if (free.length === gates.length) return `Every configuration meets every gate.${rest}`;
  const hardest = hardestGate(gates);
  const all =
    free.length === 0 ? '' : ` All meet ${free.length === 1 ? free[0]!.label : `${free.length} of the eight gates`}.`;
  return `The hardest gate is ${ofAll(hardest)}.${all}${rest}`;
}

/** As many bins as a wide screen has columns of pixels for. */
const MOST_BINS = 1000;

function binsOf({ margins, met, verdicts }: ReportTable): GateBins {
  const count = verdicts.length;
  const bins = Math.min(MOST_BINS, count);
  const starts = Array.from({ length: bins + 1 }, (_, b) => Math.floor((b * count) / bins));
  const each = <T>(of: (from: number, to: number) => T): T[] =>
    Array.from({ length: bins }, (_, b) => of(starts[b]!, starts[b + 1]!));
  const countIn = (from: number, to: number, holds: (i: number) => boolean): number => {
    let found = 0;
    for (let i = from; i < to; i += 1) if (holds(i)) found += 1;
    return found;
  };
  return {
    from: each((from) => from + 1),
    to: each((_, to) => to),
    worst: margins.map((margin) =>
      each((from, to) => {
        let worst = Infinity;
        for (let i = from; i < to; i += 1) if (margin[i]! < worst) worst = margin[i]!;
        return worst === Infinity ? null : worst;
      }),
    ),
    met: margins.map((_, g) => each((from, to) => countIn(from, to, (i) => ((met[i]! >> g) & 1) === 1))),
    passes: each((from, to) => countIn(from, to, (i) => verdicts[i] === 'pass')),
  };
}
