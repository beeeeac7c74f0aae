import { z } from 'zod';
import { sha256Json } from '../canonical-json.ts';
import { UserError } from '../user-error.ts';
import { expandSweep } from './expand.ts';
import { type PlannedDataset, plannedDatasets } from './plan.ts';
import type { SweepAxes } from './sweep-definition.ts';

/** What a slice is sent for. */
export type SlicePurpose = {
  /** The run that has published it. */
  readonly runId: string;
  readonly sweep: string;
  readonly dataHash: string;
  /** What is to be judged of it: what nothing is known of; also what could not be judged before; or everything. */
  readonly judges: 'new' | 'errors' | 'all';
  /** Whether gates of what is judged stay sealed. */
  readonly seals: boolean;
};

const numbers = z.array(z.number()).min(1);

const sliceAxes = z.strictObject({
  /** One ages set, ascending, runs of neighbours as `3-60`. */
  ages: z.string().regex(/^\d+(-\d+)?(,\d+(-\d+)?)*$/),
  maxRowsPerSplit: z.number(),
  regressorKind: z.enum(['huber', 'ridge']),
  alpha: numbers,
  regressionTargetClipBps: numbers,
  huberEpsilon: numbers.optional(),
  huberMaxIter: numbers.optional(),
});

type SliceAxes = z.infer<typeof sliceAxes>;

const payloadSchema = z.strictObject({
  format: z.literal('sweep-slice/1'),
  runId: z.string(),
  sweep: z.string(),
  dataHash: z.string(),
  judges: z.enum(['new', 'errors', 'all']),
  seals: z.boolean(),
  axes: sliceAxes,
  /** Its first so many configurations, in the order of `expandSweep`: all, but for what `--limit` has left out. */
  count: z.int().min(1),
  sliceHash: z.string(),
});

/**
 * A slice as it is sent: its axes, at most 1 KiB of JSON whatever it holds. `sliceHash` names the work, whichever run has
 * published it: SHA-256 of the sweep's name, the data's hash, what is to be judged, the axes and the count.
 */
export type SlicePayload = z.infer<typeof payloadSchema>;

/** A longer one leaves no room for the rest, with the longest name that a sweep may have. */
const MAX_AGES_LENGTH = 200;

/**
 * @param axes of one dataset and kind
 * @param count how many of their configurations, from the first one, are the slice's
 * @throws UserError when the ages set is too long to be sent
 */
export function slicePayload(purpose: SlicePurpose, axes: SweepAxes, count: number): SlicePayload {
  const [agesMinutes = []] = axes.agesMinutes ?? [];
  const isHuber = axes.regressorKind?.[0] === 'huber';
  const written: SliceAxes = {
    ages: agesText(agesMinutes),
    maxRowsPerSplit: listOf(axes.maxRowsPerSplit)[0] ?? 0,
    regressorKind: isHuber ? 'huber' : 'ridge',
    alpha: listOf(isHuber ? axes.huberAlpha : axes.ridgeAlpha),
    regressionTargetClipBps: listOf(axes.regressionTargetClipBps),
    ...(isHuber ? { huberEpsilon: listOf(axes.huberEpsilon), huberMaxIter: listOf(axes.huberMaxIter) } : {}),
  };
  if (written.ages.length > MAX_AGES_LENGTH) {
    throw new UserError(
      `ages set ${written.ages.slice(0, 20)}…: too long to be sent to other machines (${written.ages.length} characters, at ` +
        `most ${MAX_AGES_LENGTH}). Shards take it (sweep run --shard)`,
    );
  }
  const { runId, ...work } = purpose;
  const sliceHash = hashOf({ ...work, axes: written, count });
  return { format: 'sweep-slice/1', runId, ...work, axes: written, count, sliceHash };
}

/**
 * The payload that a queue's message is.
 *
 * @throws Error when it is none, or is not what was published: its hash says so
 */
export function parseSlicePayload(message: unknown): SlicePayload {
  const payload = payloadSchema.parse(message);
  if (hashOf(payload) !== payload.sliceHash)
    throw new Error('a slice that is not what was published: its hash differs');
  return payload;
}

/** Exactly the configurations that were published, in the order of `expandSweep`. */
export function expandSlice({ sweep, axes, count }: SlicePayload): PlannedDataset {
  const { ages, maxRowsPerSplit, regressorKind, alpha, regressionTargetClipBps, huberEpsilon, huberMaxIter } = axes;
  const grid: SweepAxes = {
    agesMinutes: [agesOf(ages)],
    maxRowsPerSplit: [maxRowsPerSplit],
    regressorKind: [regressorKind],
    regressionTargetClipBps,
    ...(regressorKind === 'huber' ? { huberAlpha: alpha, huberEpsilon, huberMaxIter } : { ridgeAlpha: alpha }),
  };
  const configurations = expandSweep({ name: sweep, baseline: { dataRoot: '', runId: '' }, axes: grid }, count);
  const [dataset, ...others] = plannedDatasets(configurations);
  if (dataset === undefined || others.length > 0 || dataset.configurations.length !== count) {
    throw new Error(`a slice of ${count} configurations whose axes have ${configurations.length}`);
  }
  return dataset;
}

function hashOf({ sweep, dataHash, judges, seals, axes, count }: Omit<SlicePayload, 'format' | 'runId' | 'sliceHash'>) {
  // Through JSON, since absent keys and undefined ones are the same there.
  return sha256Json(JSON.parse(JSON.stringify({ sweep, dataHash, judges, seals, axes, count })));
}

function listOf(axis: SweepAxes['huberAlpha']): number[] {
  if (axis === undefined) return [];
  if (!Array.isArray(axis)) throw new Error('the axes of a slice are lists');
  return [...axis];
}

/** `3,5,10-60`: ascending, runs of neighbours by their ends. */
function agesText(agesMinutes: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const age of agesMinutes) {
    const last = runs.at(-1);
    if (last !== undefined && last[1] === age - 1) last[1] = age;
    else runs.push([age, age]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join();
}

function agesOf(text: string): number[] {
  return text.split(',').flatMap((run) => {
    const [from, to = from] = run.split('-').map(Number) as [number, number?];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}
