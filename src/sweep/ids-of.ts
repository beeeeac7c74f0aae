import type { PlannedDataset } from './plan.ts';

/** Of the configurations of a dataset, or of a part of it. */
export function idsOf({ configurations }: Pick<PlannedDataset, 'configurations'>): string[] {
  return configurations.map(({ id }) => id);
}
