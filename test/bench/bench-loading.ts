import { join } from 'node:path';
import { SIDES } from '../../src/baseline/splits.ts';
import { DEFAULT_CACHE_BYTES } from '../../src/dataset/cache-folder.ts';
import { layOutSide, planDataset } from '../../src/dataset/dataset.ts';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import { standardizeSide } from '../../src/dataset/standardize-side.ts';
import { composeStateFrame } from '../../src/dataset/state-frame.ts';
import { planMemory } from '../../src/execution/memory-plan.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { Workspace } from '../../src/numerics/workspace.ts';

export type LoadingRow = { from: string; rowsMs: number; frameMs: number; matricesMs: number; wholeMs: number };

const RUNS = 5;

/**
 * From files to standardized matrices, the shortest of some runs in a fresh memory each, modules loaded, one thread: state
 * rows in shared memory (read, joined and built, or read from the cache and verified); the frame and the plan of its
 * matrices; both sides laid out and standardized, which a sweep does on two threads.
 */
export async function benchLoading(
  dataRoot: string,
  runId: string,
  agesMinutes: readonly number[],
  folder: string,
): Promise<LoadingRow[]> {
  const cache = { folder: join(folder, 'loading-cache'), maxBytes: DEFAULT_CACHE_BYTES };
  const load = async (from: string, useCache: boolean): Promise<LoadingRow> => {
    const started = performance.now();
    using source = await openStateRows(dataRoot, runId, agesMinutes, { cache: useCache ? cache : null });
    const arena = new SharedArena(
      createSharedMemory(planMemory(source.run, source.counts, [{ agesMinutes, maxRowsPerSplit: 0 }], 1).totalBytes),
    );
    const rows = await source.fill(arena);
    const filled = performance.now();
    const frame = composeStateFrame(rows, { agesMinutes, maxRowsPerSplit: 0, barGaps: 'keep' });
    const dataset = planDataset(frame, arena);
    const framed = performance.now();
    const workspace = new Workspace(arena);
    SIDES.forEach((_, side) => {
      layOutSide(workspace.kernels, dataset, side);
      standardizeSide(workspace, dataset, side);
    });
    const ended = performance.now();
    await source.keep(rows);
    return {
      from,
      rowsMs: filled - started,
      frameMs: framed - filled,
      matricesMs: ended - framed,
      wholeMs: ended - started,
    };
  };
  const best = async (from: string, useCache: boolean): Promise<LoadingRow> => {
    let shortest = await load(from, useCache);
    for (let run = 1; run < RUNS; run += 1) {
      const next = await load(from, useCache);
      if (next.wholeMs < shortest.wholeMs) shortest = next;
    }
    return shortest;
  };
  const fromFiles = await best('parquet', false);
  await load('filling the cache', true);
  return [fromFiles, await best('the cache', true)];
}
