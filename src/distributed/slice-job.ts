import { z } from 'zod';
import { sha256Json } from '../canonical-json.ts';
import type { RunId } from '../store/records.ts';
import type { SweepPlan } from '../sweep/plan.ts';
import { type Slice, slicesOf } from '../sweep/slices.ts';

/**
 * What a worker is told of a slice: which one it is of those that a pure function of the run's definition cuts, and the
 * hash of its configurations, so that a worker whose function cuts otherwise finds out. A few hundred bytes, however many
 * values the axes have.
 */
export type SliceJob = {
  readonly format: typeof SLICE_FORMAT;
  readonly sweep: string;
  /** The run that sent it, whose definition and options say what the sweep is. */
  readonly run: RunId;
  /** As `slicesOf` takes it: slices of at least this cost. */
  readonly cost: number;
  readonly number: number;
  readonly hash: string;
  /** How often its configurations were begun before by hosts that are gone, of jobs that this one follows. */
  readonly attempts: number;
  /** Judged again by another host, to see whether it comes to the same. */
  readonly isAudit: boolean;
};

export const SLICE_FORMAT = 'sweep-slice/1';

const JOB = z.object({
  format: z.literal(SLICE_FORMAT),
  sweep: z.string(),
  run: z.string(),
  cost: z.number(),
  number: z.int().nonnegative(),
  hash: z.string(),
  attempts: z.int().nonnegative(),
  isAudit: z.boolean(),
});

/** @throws ZodError when it is none: jobs of other versions lie in other queues */
export function sliceJobOf(data: unknown): SliceJob {
  return JOB.parse(data);
}

/** The slices of a plan, in the order in which they are numbered. */
export function numberedSlices(plan: SweepPlan, cost: number): readonly Slice[] {
  return slicesOf(plan.datasets, cost);
}

/** The same for the same configurations on the same rows selection, whoever cut them. */
export function sliceHash(slice: Slice): string {
  return sha256Json({ dataset: slice.key, configurations: slice.configurations.map(({ id }) => id) });
}

/** @throws Error where this program cuts a sweep otherwise than the one that sent the job: a bug, since their code is the same */
export function sliceOfJob(plan: SweepPlan, job: SliceJob): Slice {
  const slice = numberedSlices(plan, job.cost)[job.number];
  if (slice === undefined || sliceHash(slice) !== job.hash) {
    throw new Error(
      `slice ${job.number} of sweep ${JSON.stringify(job.sweep)} is cut otherwise here than where it was sent`,
    );
  }
  return slice;
}
