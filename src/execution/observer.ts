import type { OutcomeRecord } from '../store/records.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import type { MemoryPlan } from './memory-plan.ts';

export type SweepCounts = { readonly known: number; readonly completed: number; readonly failed: number };

/** Hears what a running sweep does. Nothing in it can change the sweep. */
export type SweepObserver = {
  /** One sentence on what this run changes, before it begins. */
  notice?: (sentence: string) => void;
  started?(event: { configurations: number; datasets: number; memoryPlan: MemoryPlan }): void;
  datasetBuilt?(event: { planned: PlannedDataset; rowCount: number; datasetHash: string; remaining: number }): void;
  outcome?(outcome: OutcomeRecord, counts: SweepCounts): void;
  cacheProblem?: (message: string) => void;
  batchLost?(event: { reason: string; configurations: number; attempt: number }): void;
};
