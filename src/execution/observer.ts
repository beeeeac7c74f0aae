import type { OutcomeRecord } from '../store/records.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import type { MemoryPlan } from './memory-plan.ts';

export type SweepCounts = { readonly known: number; readonly completed: number; readonly failed: number };

/**
 * What a run is at, in the order in which it comes to them; the last three once for each dataset, which may be built while
 * the one before it is judged.
 */
export type SweepPhase = 'reading' | 'building rows' | 'laying out' | 'classifiers' | 'judging';

/** Hears what a running sweep does. Nothing in it can change the sweep. */
export type SweepObserver = {
  /** One sentence on what this run changes, before it begins. */
  notice?: (sentence: string) => void;
  /** @param event.planned the dataset that it is about, where it is about one */
  phase?(event: { phase: SweepPhase; planned?: PlannedDataset }): void;
  started?(event: { configurations: number; datasets: number; memoryPlan: MemoryPlan }): void;
  datasetBuilt?(event: { planned: PlannedDataset; rowCount: number; datasetHash: string; remaining: number }): void;
  outcome?(outcome: OutcomeRecord, counts: SweepCounts): void;
  cacheProblem?: (message: string) => void;
  batchLost?(event: { reason: string; configurations: number; attempt: number }): void;
};
