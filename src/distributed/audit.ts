import type { RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { idsOf } from '../sweep/ids-of.ts';
import type { QueueSlice } from '../sweep/queue-slices.ts';
import type { SlicePayload } from '../sweep/slice-payload.ts';

/** A slice that is to be judged again by another host than this one, which has judged it. */
export type Audit = { readonly slice: SlicePayload; readonly judgedBy: string };

/**
 * What is audited of a sweep that is judged: ⌈share · slices⌉ of them, by their hashes, so that whoever sends them again
 * chooses the same. A slice that several hosts have judged is an audit of each.
 *
 * @param slices to be judged whole, whatever is known of them
 * @param share from 0 to 1
 * @returns also how many of the chosen slices have verdicts of a host that has kept its name to itself: nobody can be known
 *   to be another
 */
export async function auditsOf(
  store: VerdictStore,
  run: RunId,
  slices: readonly QueueSlice[],
  share: number,
): Promise<{ readonly audits: readonly Audit[]; readonly unnamed: number }> {
  const chosen = [...slices]
    .sort((a, b) => (a.payload.sliceHash < b.payload.sliceHash ? -1 : 1))
    .slice(0, Math.ceil(share * slices.length));
  const audits: Audit[] = [];
  let unnamed = 0;
  for (const { payload, slice } of chosen) {
    const known = await store.authorsOf(run, slice, idsOf(slice));
    // What could not be judged has no verdict, and is no audit's.
    const hosts = new Set(slice.configurations.map(({ id }) => known.get(id)).filter((host) => host !== undefined));
    if (hosts.delete(null)) unnamed += 1;
    for (const judgedBy of hosts) if (judgedBy !== null) audits.push({ slice: payload, judgedBy });
  }
  return { audits, unnamed };
}
