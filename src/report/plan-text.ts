import { countOf, countText } from '../counts.ts';
import type { PlanCosts } from '../execution/plan-costs.ts';
import type { PlannedAxis } from '../sweep/plan.ts';
import type { AnyPlan } from '../sweep/shards.ts';
import { shortNumbers } from './number-text.ts';
import { truncate } from './printable.ts';
import { planSentence } from './shard-text.ts';
import { roughDuration } from './sweep-tally.ts';
import type { Screen } from './text-table.ts';

/** What `sweep plan` prints. */
export function planText(plan: AnyPlan, costs: PlanCosts, screen: Screen): string {
  const batches = costs.datasets.reduce((sum, dataset) => sum + dataset.batches, 0);
  const lines = [
    `${planSentence(plan)} on baseline run ${plan.baseline.runId}`,
    '',
    ...plan.axes.flatMap((axis) => axisLines(axis)),
    '',
    'datasets',
    ...plan.datasets.map(({ agesMinutes, maxRowsPerSplit }, i) => {
      const { rows, configurations, batches: count } = costs.datasets[i]!;
      const cap = maxRowsPerSplit > 0 ? `, at most ${countOf(maxRowsPerSplit, 'row')} a split` : '';
      return `  ages ${agesMinutes.join(',')}${cap}: ${countOf(rows, 'row')}, ${countOf(configurations, 'configuration')} in ${countOf(count, 'batch', 'batches')}`;
    }),
    '',
    `threads ${costs.threads}, batches ${countText(batches)}, shared memory ${countText(Math.ceil(costs.memory.totalBytes / 2 ** 20))} MiB at the most (${costs.memory.addressBits}-bit addresses)`,
    `about ${roughDuration(costs.expectedMs)}, ${basisText(costs)}`,
    'AUC and Brier come from the classifier: no axis of the regressor moves them.',
  ];
  return lines.map((line) => truncate(line, screen.width)).join('\n');
}

/** What the time rests on. */
function basisText({ rates: { basis } }: PlanCosts): string {
  if (basis === null) return 'by rates of another machine: nothing of this store says how long it takes here';
  return `as ${countOf(basis.runs, 'run')} of this store took for ${countOf(basis.verdicts, 'verdict')}`;
}

function axisLines(axis: PlannedAxis): string[] {
  const values = axis.values.map((value) => (Array.isArray(value) ? value.join(',') : value));
  const numbers = values.filter((value) => typeof value === 'number');
  const text = shortNumbers(numbers);
  const shown = values.map((value) => (typeof value === 'number' ? text(value) : String(value)));
  const separator = axis.name === 'agesMinutes' ? ' | ' : ', ';
  const list = shown.length > 8 ? [...shown.slice(0, 4), '…', ...shown.slice(-2)] : shown;
  const moves = axis.note ?? (axis.moves.length > 3 ? 'moves every metric' : `moves ${axis.moves.join(', ')}`);
  return [`  ${axis.name.padEnd(24)} ${String(values.length).padStart(4)}  ${list.join(separator)}  (${moves})`];
}
