import { existsSync } from 'node:fs';
import { buildBaselineRun } from '../../src/baseline/from-bars/build-baseline-run.ts';
import { runFolder } from '../../src/baseline/run-folder.ts';
import { buildDataset, type Dataset } from '../../src/dataset/dataset.ts';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import { composeStateFrame, type StateFrame } from '../../src/dataset/state-frame.ts';
import { planMemory } from '../../src/execution/memory-plan.ts';
import { prepareSide, type SideContext } from '../../src/experiment/side-context.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { Workspace } from '../../src/numerics/workspace.ts';

/** A dataset in shared memory, prepared as a sweep prepares it, on one thread. */
export type Workbench = {
  readonly workspace: Workspace;
  readonly frame: StateFrame;
  readonly dataset: Dataset;
  readonly contexts: readonly SideContext[];
  readonly featureOrder: readonly string[];
};

export async function loadWorkbench(
  dataRoot: string,
  runId: string,
  agesMinutes: readonly number[],
): Promise<Workbench> {
  if (runId === 'quickstart' && !existsSync(runFolder(dataRoot, runId))) {
    await buildBaselineRun({
      dataRoot,
      runId,
      bars: [{ symbol: 'BTCUSDT', path: 'sweeps/quickstart/btcusdt-1m.parquet' }],
    });
  }
  const source = await openStateRows(dataRoot, runId, agesMinutes, { cache: null });
  const arena = new SharedArena(
    createSharedMemory(planMemory(source.run, source.counts, [{ agesMinutes, maxRowsPerSplit: 0 }], 2).totalBytes),
  );
  const rows = await source.fill(arena);
  const frame = composeStateFrame(rows, { agesMinutes, maxRowsPerSplit: 0, barGaps: 'keep' });
  const dataset = buildDataset(frame, arena);
  const workspace = new Workspace(arena);
  const contexts = [0, 1].map((side) => prepareSide(workspace, arena, dataset, side));
  return { workspace, frame, dataset, contexts, featureOrder: source.run.features.featureOrder };
}

/** The shortest of several runs, ms: the one that was disturbed least. */
export function bestMs(runs: number, work: () => void): number {
  let best = Infinity;
  for (let run = 0; run < runs; run += 1) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}
