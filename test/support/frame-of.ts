import { type DatasetSize, DatasetSizes } from '../../src/dataset/dataset-size.ts';
import { composeStateFrame, type FrameSelection, type StateFrame } from '../../src/dataset/state-frame.ts';
import { buildStateRows, countStateRows, joinBaselineRun } from '../../src/dataset/state-rows.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { baselineRunOf, numbersOf, type PlainRun } from './plain-run.ts';

export const KEEP_ALL = { maxRowsPerSplit: 0, barGaps: 'keep' } as const;

type Framed = { readonly frame: StateFrame; readonly arena: SharedArena; readonly size: DatasetSize };

/** A plain run's state frame, the arena that holds it, and the size that is planned for its dataset. */
export function frameOf(run: PlainRun, selection: FrameSelection): Framed {
  const joins = joinBaselineRun(baselineRunOf(run));
  const arena = new SharedArena(createSharedMemory(4 * 2 ** 20));
  const counts = countStateRows(joins, selection.agesMinutes);
  const rows = buildStateRows(joins, counts, numbersOf(run, arena), arena);
  const size = new DatasetSizes(joins.run, counts).of(selection.agesMinutes, selection.maxRowsPerSplit);
  return { frame: composeStateFrame(rows, selection), arena, size };
}
