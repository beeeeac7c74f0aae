import { z } from 'zod';
import { parseSlicePayload, type SlicePayload } from '../sweep/slice-payload.ts';

/** What lies in a queue: a slice, and how often hosts that are gone have begun it as jobs that this one follows. */
export type SliceJob = { readonly slice: SlicePayload; readonly attempts: number };

const JOB = z.object({ slice: z.unknown(), attempts: z.int().nonnegative() });

/** @throws Error when it is none: jobs of other versions lie in other queues */
export function sliceJobOf(data: unknown): SliceJob {
  const { slice, attempts } = JOB.parse(data);
  return { slice: parseSlicePayload(slice), attempts };
}
