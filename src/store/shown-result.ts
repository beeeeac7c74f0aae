import type { GateSplitId, ModelKey, ModelResult, SplitMetrics } from '../experiment/results.ts';

/**
 * A result as a reader has it: of a sealed one the locked splits are null, so that no gate can be made of it by mistake
 * (`gatesOf` does not take it).
 */
export type ShownResult = {
  readonly [key in ModelKey]: Omit<ModelResult, GateSplitId> & {
    readonly [split in GateSplitId]?: SplitMetrics | null;
  };
};
