import type { RunDescription } from '../baseline/describe-run.ts';
import { countOf, countText } from '../counts.ts';
import { printable, printableJson } from './printable.ts';
import { columnsOver, type Screen, tableLines } from './text-table.ts';

/** The baseline runs below a data root, for a terminal. */
export function runListText(runs: readonly RunDescription[], dataRoot: string, screen: Screen): string {
  const where = printable(dataRoot);
  if (runs.length === 0)
    return `no baseline runs in ${where}/trader-v4/runs. ${screen.program ?? 'sweep'} baseline build makes one from bars\n`;
  const readable = runs.filter((run) => run.problem === null);
  const { left, right } = columnsOver(readable);
  const columns = [
    left('baseline run', (run) => printable(run.runId)),
    left('symbols', (run) => printable(run.symbols.join(', ')), { priority: 'wanted', mayBeCut: true }),
    right('rows', (run) => countText(run.rowCount)),
    left('from', (run) => dateText(run.firstMs), { priority: 'wanted' }),
    left('to', (run) => dateText(run.lastMs), { priority: 'wanted' }),
    right(['ages up to', 'max age'], (run) => (run.maxAgeMinutes === null ? 'not said' : `${run.maxAgeMinutes} min`)),
  ];
  const problems = runs.flatMap((run) =>
    run.problem === null ? [] : [`${printable(run.runId)}: ${printable(run.problem)}`],
  );
  const table = readable.length === 0 ? [] : [...tableLines(columns, screen), ''];
  const broken = problems.length === 0 ? [] : [...problems, ''];
  return [...table, ...broken, countOf(runs.length, 'baseline run'), ''].join('\n');
}

export function runListJson(runs: readonly RunDescription[]): string {
  return printableJson({ baselineRuns: runs });
}

function dateText(ms: number | null): string {
  return ms === null ? '' : new Date(ms).toISOString().slice(0, 'YYYY-MM-DD'.length);
}
