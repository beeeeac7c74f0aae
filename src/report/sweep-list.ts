import { countOf, countText } from '../counts.ts';
import type { SweepSummary } from '../store/records.ts';
import { firstRunCommand } from './command-line.ts';
import { printable, printableJson } from './printable.ts';
import { shardsText } from './shard-text.ts';
import { columnsOver, hiddenText, type Screen, textTable, wrap } from './text-table.ts';

/** The sweeps of a store, for a terminal; the one that ran last first. */
export function sweepListText(sweeps: readonly SweepSummary[], screen: Screen): string {
  if (sweeps.length === 0) return `no sweeps in this store yet. ${firstRunCommand(screen)} makes one\n`;
  const { left, right } = columnsOver(sweeps);
  const columns = [
    left('sweep', (sweep) => printable(sweep.name)),
    left('baseline', (sweep) => printable(sweep.baselineRunIds.join(', ')), { priority: 'wanted' }),
    right(['configurations', 'total'], (sweep) => countText(sweep.configurationCount)),
    right('pass', (sweep) => countText(sweep.passedCount)),
    right('not_ready', (sweep) => countText(sweep.notReadyCount)),
    ...(sweeps.some((sweep) => sweep.unconvergedCount > 0)
      ? [right('unconverged', (sweep) => countText(sweep.unconvergedCount))]
      : []),
    ...(sweeps.some((sweep) => sweep.sealedCount > 0)
      ? [right('sealed', (sweep) => countText(sweep.sealedCount))]
      : []),
    right('error', (sweep) => countText(sweep.errorCount)),
    right('pending', (sweep) => countText(sweep.pendingCount)),
    ...(sweeps.some((sweep) => sweep.shards.length > 0) ? [left('shard', (sweep) => shardsText(sweep.shards))] : []),
    left('last_run', lastRunText('YYYY-MM-DD HH:MM'), { narrow: lastRunText('YYYY-MM-DD') }),
    right('runs', (sweep) => String(sweep.runCount), { priority: 'extra' }),
    left('code', (sweep) => printable(sweep.code.version), { priority: 'extra' }),
  ];
  const { lines, dropped } = textTable(columns, screen);
  const told = [countOf(sweeps.length, 'sweep'), ...hiddenText(dropped)].join('; ');
  return [...lines, '', ...wrap(told, screen.width), ''].join('\n');
}

/** For programs: the same under the names of the columns, and more. */
export function sweepListJson(sweeps: readonly SweepSummary[]): string {
  const documents = sweeps.map((sweep) => ({
    sweep: sweep.name,
    baseline: sweep.baselineRunIds.join(', '),
    configurations: sweep.configurationCount,
    pass: sweep.passedCount,
    not_ready: sweep.notReadyCount,
    unconverged: sweep.unconvergedCount,
    sealed: sweep.sealedCount,
    error: sweep.errorCount,
    pending: sweep.pendingCount,
    shards: sweep.shards,
    last_run: sweep.lastRun,
    runs: sweep.runCount,
    code: sweep.code,
    data: sweep.dataHash,
    earlier: sweep.earlier,
    created_at: sweep.createdAt,
  }));
  return printableJson({ sweeps: documents });
}

function lastRunText(shape: string): (sweep: SweepSummary) => string {
  return ({ lastRun: { startedAt, outcome } }) => {
    return printable(`${startedAt.slice(0, shape.length).replace('T', ' ')} ${outcome}`);
  };
}
