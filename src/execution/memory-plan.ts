import { datasetSizeBytes, largestDataset, splitDayCount } from '../dataset/dataset.ts';
import { type RunFacts, stateRowsSizeBytes } from '../dataset/state-rows.ts';
import { sideContextsSizeBytes } from '../experiment/side-context.ts';
import { workSizeBytes } from '../experiment/work-size.ts';
import { MAX_MEMORY_BYTES } from '../numerics/memory.ts';
import { UserError } from '../user-error.ts';
import { controlSizeBytes } from './control.ts';

/** How the shared memory of a run is divided, known before anything is built. */
export type MemoryPlan = {
  /** state rows of every age, kept for the whole run */
  readonly stateRowsBytes: number;
  /** the largest dataset's matrices and what its sides share */
  readonly datasetBytes: number;
  /** one task's own range */
  readonly slotBytes: number;
  /** one a thread */
  readonly slots: number;
  readonly totalBytes: number;
};

/**
 * @param rowCounts state rows by age, before any is dropped
 * @param datasetRows upper bounds of each dataset's rows
 * @throws UserError when the run does not fit wasm32's 4 GiB or `maxMemoryBytes`, with the remedy
 */
export function planMemory(
  run: RunFacts,
  rowCounts: ReadonlyMap<number, number>,
  datasetRows: readonly number[],
  threads: number,
  maxMemoryBytes = MAX_MEMORY_BYTES,
): MemoryPlan {
  const stateRows = [...rowCounts.values()].reduce((sum, count) => sum + count, 0);
  const largest = Math.max(1, ...datasetRows);
  const stateRowsBytes = stateRowsSizeBytes(run, stateRows);
  const size = largestDataset(run, largest);
  const datasetBytes = datasetSizeBytes(size) + sideContextsSizeBytes(size);
  const slotBytes = workSizeBytes(size, splitDayCount(run));
  const totalBytes = controlSizeBytes(threads) + stateRowsBytes + datasetBytes + threads * slotBytes;
  const limit = Math.min(maxMemoryBytes, MAX_MEMORY_BYTES);
  if (totalBytes > limit) {
    throw new UserError(
      `memory: ${mebibytes(totalBytes)} of shared memory are needed (${stateRows} state rows, largest dataset ${largest} rows), ` +
        `the limit is ${mebibytes(limit)}. Give fewer ages, or cap datasets with maxRowsPerSplit${limit < MAX_MEMORY_BYTES ? ', or raise --max-memory' : ''}.`,
    );
  }
  return { stateRowsBytes, datasetBytes, slotBytes, slots: threads, totalBytes };
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
