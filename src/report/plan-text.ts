import { countOf, countText } from '../counts.ts';
import type { PlanCosts } from '../execution/plan-costs.ts';
import type { PlannedAxis } from '../sweep/plan.ts';
import type { AnyPlan } from '../sweep/shards.ts';
import { movesText } from './axes.ts';
import { shortNumbers } from './number-text.ts';
import { displayWidth, truncate } from './printable.ts';
import { planSentence } from './shard-text.ts';
import { roughDuration } from './sweep-tally.ts';
import { type Screen, wrap } from './text-table.ts';

/** What `sweep plan` prints. */
export function planText(plan: AnyPlan, costs: PlanCosts, screen: Screen): string {
  const batches = costs.datasets.reduce((sum, dataset) => sum + dataset.batches, 0);
  const lines = [
    `${planSentence(plan)} on baseline run ${plan.baseline.runId}`,
    '',
    ...plan.axes.flatMap((axis) => axisLines(axis, screen.width)),
    '',
    'datasets',
    ...plan.datasets.flatMap(({ agesMinutes, maxRowsPerSplit }, i) => {
      const { rows, configurations, batches: count } = costs.datasets[i]!;
      const cap = maxRowsPerSplit > 0 ? `, at most ${countOf(maxRowsPerSplit, 'row')} a split` : '';
      const text = `ages ${agesMinutes.join(',')}${cap}: ${countOf(rows, 'row')}, ${countOf(configurations, 'configuration')} in ${countOf(count, 'batch', 'batches')}`;
      return wrap(text, screen.width - 4).map((part, line) => (line === 0 ? '  ' : '    ') + part);
    }),
    '',
    `threads ${costs.threads}, batches ${countText(batches)}, shared memory ${countText(Math.ceil(costs.memory.totalBytes / 2 ** 20))} MiB at the most (${costs.memory.addressBits}-bit addresses)`,
    `about ${roughDuration(costs.expectedMs)}, ${basisText(costs)}`,
    'AUC and Brier come from the classifier: no axis of the regressor moves them.',
  ];
  // Lines that begin with spaces are fitted where they are made.
  return lines
    .flatMap((line) => (line.startsWith(' ') ? truncate(line, screen.width) : wrap(line, screen.width)))
    .join('\n');
}

/** What the time rests on. */
function basisText({ rates: { basis } }: PlanCosts): string {
  if (basis === null) return 'by rates of another machine: nothing of this store says how long it takes here';
  return `as ${countOf(basis.runs, 'run')} of this store took for ${countOf(basis.verdicts, 'verdict')}`;
}

/** An axis, its values and what they move: on a line of its own where it has no room behind them. */
function axisLines(axis: PlannedAxis, width: number): string[] {
  const values = axis.values.map((value) => (Array.isArray(value) ? value.join(',') : value));
  const numbers = values.filter((value) => typeof value === 'number');
  const text = shortNumbers(numbers);
  const shown = values.map((value) => (typeof value === 'number' ? text(value) : String(value)));
  const separator = axis.name === 'agesMinutes' ? ' | ' : ', ';
  const list = shown.length > 8 ? [...shown.slice(0, 4), '…', ...shown.slice(-2)] : shown;
  const moves = `(${axis.note ?? `moves ${movesText(axis.name)}`})`;
  const start = `  ${axis.name.padEnd(24)} ${String(values.length).padStart(4)}  `;
  const line = `${start}${list.join(separator)}`;
  if (displayWidth(line) + 2 + displayWidth(moves) <= width) return [`${line}  ${moves}`];
  const indent = ' '.repeat(start.length);
  return [truncate(line, width), ...wrap(moves, width - indent.length).map((part) => indent + part)];
}
