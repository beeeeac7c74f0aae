import { buildDataset } from '../../src/dataset/dataset.ts';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import { composeStateFrame } from '../../src/dataset/state-frame.ts';
import { planMemory } from '../../src/execution/memory-plan.ts';
import type { Configuration } from '../../src/experiment/configuration.ts';
import { ConfigurationJudge, type Judgement } from '../../src/experiment/judge.ts';
import { prepareSide } from '../../src/experiment/side-context.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { Workspace } from '../../src/numerics/workspace.ts';
import { TINY_DATA_ROOT } from './tiny-run.ts';

const AGES = [3, 10];

const CONFIGURATIONS: readonly Configuration[] = [
  { kind: 'ridge', alpha: 1, maxIter: 1000 } as const,
  { kind: 'huber', alpha: 0.001, epsilon: 1.35, maxIter: 1000 } as const,
  { kind: 'huber', alpha: 1, epsilon: 1.1, maxIter: 1000 } as const,
].flatMap((regressor) =>
  [0, 60].map((regressionTargetClipBps) => ({
    agesMinutes: AGES,
    regressor,
    regressionTargetClipBps,
    maxRowsPerSplit: 0,
  })),
);

/**
 * Judgements of some configurations of `tiny`, from its files on, with everything in the last bytes of a memory.
 *
 * @param memoryBytes of the memory, where it may have more than it needs
 */
export async function tinyJudgements(
  memoryBytes = 0,
): Promise<{ judgements: readonly Judgement[]; firstByte: number }> {
  using source = await openStateRows(TINY_DATA_ROOT, 'tiny', AGES, { cache: null });
  const { totalBytes } = planMemory(source.run, source.counts, [{ agesMinutes: AGES, maxRowsPerSplit: 0 }], 1);
  const memory = createSharedMemory(Math.max(totalBytes, memoryBytes - 2 ** 16));
  const firstByte = memory.buffer.byteLength - totalBytes;
  const arena = new SharedArena(memory, firstByte);
  const rows = await source.fill(arena);
  const frame = composeStateFrame(rows, { agesMinutes: AGES, maxRowsPerSplit: 0, barGaps: 'keep' });
  const dataset = buildDataset(frame, arena);
  const workspace = new Workspace(arena);
  const contexts = [0, 1].map((side) => prepareSide(workspace, arena, dataset, side));
  const judge = new ConfigurationJudge(workspace, arena, dataset, contexts, source.run.features.featureOrder);
  return { judgements: judge.judge(CONFIGURATIONS), firstByte };
}
