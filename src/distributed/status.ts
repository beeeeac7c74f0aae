import { openVerdictStore } from '../store/open-verdict-store.ts';
import { type StoreActivity, storeActivity } from '../store/postgres/activity.ts';
import { postgresLocation } from '../store/postgres/url.ts';
import type { SweepSummary } from '../store/records.ts';
import { SliceQueue } from './queue.ts';
import { queueName } from './queue-names.ts';
import type { QueueState, RecentSlices, WaitingAudits } from './queue-states.ts';

/** How far the sweeps of a database are, and who is at work on them. */
export type MachinesStatus = StoreActivity & {
  readonly sweeps: readonly SweepStatus[];
  readonly audits: readonly WaitingAudits[];
};

export type SweepStatus = {
  readonly summary: SweepSummary;
  /** Of the queue of its code and data, which other sweeps may share; null where nothing was ever sent. */
  readonly slices: QueueState | null;
  /** Configurations an hour, by what came of the queue's last slices; null where none ended lately. */
  readonly perHour: number | null;
  /** At that rate; null where it is not known, or nothing is left. */
  readonly leftMs: number | null;
};

/** @throws UserError when the database cannot be reached, or holds no store or no queue */
export async function machinesStatus(url: string): Promise<MachinesStatus> {
  // A file may be a store, but has no queue: what is said of it should not be how to make such a file.
  postgresLocation(url);
  await using store = await openVerdictStore(url, { mode: 'read' });
  await using queue = await SliceQueue.open(url, 'reader');
  const [summaries, states, activity] = [await store.sweeps(), await queue.states(), await storeActivity(url)];
  const sweeps: SweepStatus[] = [];
  for (const summary of summaries) {
    const name = queueName(summary.code.hash, summary.dataHash);
    const slices = states.find((state) => state.queue === name) ?? null;
    const rate = slices === null ? null : rateOf(await queue.recent(name));
    const leftMs = rate === null || summary.pendingCount === 0 ? null : summary.pendingCount / rate;
    sweeps.push({ summary, slices, perHour: rate === null ? null : rate * MS_PER_HOUR, leftMs });
  }
  return { sweeps, audits: await queue.waitingAudits(), ...activity };
}

const MS_PER_HOUR = 3_600_000;

/** Configurations a millisecond. */
function rateOf({ configurations, spanMs }: RecentSlices): number | null {
  return configurations > 0 && spanMs > 0 ? configurations / spanMs : null;
}
