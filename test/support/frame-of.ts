import { composeStateFrame, type FrameSelection, type StateFrame } from '../../src/dataset/state-frame.ts';
import { buildStateRows, countStateRows, joinBaselineRun } from '../../src/dataset/state-rows.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { baselineRunOf, numbersOf, type PlainRun } from './plain-run.ts';

export const KEEP_ALL = { maxRowsPerSplit: 0, barGaps: 'keep' } as const;

/** A plain run's state frame, and the arena that holds it. */
export function frameOf(run: PlainRun, selection: FrameSelection): { frame: StateFrame; arena: SharedArena } {
  const joins = joinBaselineRun(baselineRunOf(run));
  const arena = new SharedArena(createSharedMemory(4 * 2 ** 20));
  const rows = buildStateRows(joins, countStateRows(joins, selection.agesMinutes), numbersOf(run, arena), arena);
  return { frame: composeStateFrame(rows, selection), arena };
}
