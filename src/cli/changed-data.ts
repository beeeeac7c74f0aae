import { changesOnDisk } from '../execution/data-changes.ts';
import type { VerdictStore } from '../store/verdict-store.ts';

/**
 * Says that the baseline run which a sweep's last run read is not what it was then, where this machine has it: what the
 * store shows are verdicts on the earlier data until the sweep is run again.
 *
 * @returns a sentence; null where nothing is known to have changed, or there is no such sweep
 */
export async function changedDataText(store: VerdictStore, sweep: string): Promise<string | null> {
  const stored = await store.sweep(sweep);
  if (stored === null) return null;
  const lastRun = (await store.history(sweep)).at(-1);
  if (lastRun === undefined) return null;
  const changes = await changesOnDisk(stored.data, lastRun.startedAt);
  if (changes === null) return null;
  return (
    `baseline run ${stored.data.baselineRunId} was changed since (${changes}): verdicts of ${sweep} are on earlier data ` +
    'until it is run again'
  );
}
