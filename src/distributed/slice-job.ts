import { z } from 'zod';
import { parseSlicePayload, type SlicePayload } from '../sweep/slice-payload.ts';

/** What lies in a queue. */
export type SliceJob = {
  readonly slice: SlicePayload;
  /** How often hosts that are gone have begun it as jobs that this one follows. */
  readonly attempts: number;
  /** Of an audit, the host whose verdicts are judged again, which is given none of it; null where it is no audit. */
  readonly judgedBy: string | null;
};

const JOB = z.object({ slice: z.unknown(), attempts: z.int().nonnegative(), judgedBy: z.string().min(1).nullable() });

/** @throws Error when it is none: jobs of other versions lie in other queues */
export function sliceJobOf(data: unknown): SliceJob {
  const { slice, ...job } = JOB.parse(data);
  return { slice: parseSlicePayload(slice), ...job };
}
