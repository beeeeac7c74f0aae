import { Coordinator } from '../execution/coordinator.ts';
import type { SliceEngine } from '../execution/slice-engine.ts';
import type { Conflict, RecordCounts, RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { idsOf } from '../sweep/ids-of.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import { expandSlice } from '../sweep/slice-payload.ts';
import { messageOf, UserError } from '../user-error.ts';
import type { ClaimedSlice } from './claimed-slice.ts';
import { EngineLost } from './given-slices.ts';
import type { SliceQueue } from './queue.ts';

export type ClaimSetup = {
  readonly queue: SliceQueue;
  readonly store: VerdictStore;
  /** This host's. */
  readonly runId: RunId;
  readonly engine: SliceEngine;
  /** Told to stop: what is in hand is judged and stored, the slice given back. */
  readonly signal: AbortSignal;
  /** The slice has gone to another host: nothing more of it is begun. */
  readonly lost: AbortSignal;
  readonly notice: (text: string) => void;
};

/** `given back` and `failed`: somebody else has it next; `lost`: somebody else has it already. */
export type ClaimEnd = {
  readonly end: 'done' | 'given back' | 'failed' | 'lost';
  readonly completed: number;
  readonly failed: number;
  readonly known: number;
  readonly conflicts: readonly Conflict[];
  /** What the store says that it has stored of it. */
  readonly recorded: Pick<RecordCounts, 'completed' | 'failed'>;
};

type Counts = Omit<ClaimEnd, 'end'>;

/** How long judged verdicts wait for company: what a host that dies loses. */
const STORE_EVERY_MS = 1_000;

/**
 * Judges a slice that this host has claimed. What is known is not judged again, verdicts are stored about every second, and
 * the last of them in one transaction with the slice's end. A slice that hosts have died of is judged in halves, then one
 * configuration after another, each noted before it is begun.
 *
 * @throws what is no slice's fault, after the slice was given back without an attempt spent; a bug, after it was failed
 */
export async function judgeClaim(claim: ClaimedSlice, setup: ClaimSetup): Promise<ClaimEnd> {
  const judging = new JudgedClaim(claim, setup, AbortSignal.any([setup.signal, setup.lost]));
  try {
    const isWhole = await judging.run();
    const end = claim.isLost ? 'lost' : isWhole ? 'done' : 'given back';
    if (end === 'given back') await claim.giveBack(judging.isRenewed);
    if (end === 'lost')
      setup.notice('a slice went to another host, which had not heard of this one: what was judged is stored');
    return { ...judging.counts, end };
  } catch (error) {
    // What a user can mend of this host or its store says nothing of the slice.
    if (error instanceof UserError) await claim.giveBack();
    else await claim.fail(messageOf(error));
    if (error instanceof EngineLost) return { ...judging.counts, end: 'failed' };
    throw error;
  }
}

class JudgedClaim {
  readonly #claim: ClaimedSlice;
  readonly #setup: ClaimSetup;
  readonly #signal: AbortSignal;
  counts: Counts = { completed: 0, failed: 0, known: 0, conflicts: [], recorded: { completed: 0, failed: 0 } };
  /** What hosts have died of was found. */
  isRenewed = false;

  constructor(claim: ClaimedSlice, setup: ClaimSetup, signal: AbortSignal) {
    this.#claim = claim;
    this.#setup = setup;
    this.#signal = signal;
  }

  /** @returns whether all of it is judged, and its end stored */
  async run(): Promise<boolean> {
    const slice = expandSlice(this.#claim.job.slice);
    if (this.#claim.attempts === 0) return this.#judge(slice, true);
    if (this.#claim.attempts > 1) return this.#oneByOne(slice);
    const [first, second] = halvesOf(slice);
    return (await this.#judge(first, second === undefined)) && (second === undefined || this.#judge(second, true));
  }

  /** @returns whether all of the part is judged */
  async #judge(part: PlannedDataset, isLast: boolean): Promise<boolean> {
    const { store, runId, engine } = this.#setup;
    let isWhole = false;
    const coordinator = new Coordinator({
      slices: [part],
      store,
      runId,
      observer: {},
      options: { fresh: false, retryErrors: false, signal: this.#signal },
      isFirst: false,
      storeEveryMs: STORE_EVERY_MS,
      judges: () => this.#claim.job.slice.judges,
      endOf: () => (isLast ? this.#claim.complete : undefined),
      sliceOver: (_, whole) => {
        isWhole = whole;
      },
    });
    try {
      await coordinator.run(engine);
    } finally {
      const { completed, failed, known } = coordinator.counts;
      this.#count({ completed, failed, known, conflicts: coordinator.conflicts, recorded: coordinator.recorded });
    }
    return isWhole;
  }

  async #oneByOne(slice: PlannedDataset): Promise<boolean> {
    const { queue, store, runId } = this.#setup;
    const key = this.#claim.key;
    const known = await store.outcomesOf(runId, slice, idsOf(slice));
    const left = slice.configurations.filter(({ id }) => !known.has(id));
    const begun = await queue.begunAlone(key);
    const deadly = left.filter(({ id }) => begun.has(id));
    if (deadly.length > 0) {
      for (const { id } of deadly) await this.#giveUp(slice, id);
      this.isRenewed = true;
      return false;
    }
    for (const configuration of left) {
      if (!(await this.#judgeAlone({ ...slice, configurations: [configuration] }, configuration.id))) return false;
    }
    await store.record(runId, [], this.#claim.complete);
    return true;
  }

  async #judgeAlone(part: PlannedDataset, id: string): Promise<boolean> {
    const { queue } = this.#setup;
    await queue.beginAlone(this.#claim.key, id);
    try {
      return await this.#judge(part, false);
    } finally {
      // Whatever has become of it, this host did not die of it.
      await queue.endAlone(this.#claim.key, id);
    }
  }

  /** It was begun alone, and its host was not heard of again. */
  async #giveUp(slice: PlannedDataset, id: string): Promise<void> {
    const { queue, store, runId, notice } = this.#setup;
    const datasetHash = await store.datasetHash(runId, slice);
    const message = 'the host that judged it alone ended, after others that had judged it among others';
    const failure = { kind: 'failed', datasetHash, durationMs: 0, error: { name: 'HostLost', message } } as const;
    const { attempts } = this.#claim;
    const { failed } = await store.record(runId, [{ ...failure, configurationId: id, attempts }]);
    await queue.endAlone(this.#claim.key, id);
    this.#count({ completed: 0, failed, known: 0, conflicts: [], recorded: { completed: 0, failed } });
    notice(`configuration ${id.slice(0, 7)}: ${message}; it is stored as an error`);
  }

  #count({ completed, failed, known, conflicts, recorded }: Counts): void {
    const before = this.counts.recorded;
    this.counts = {
      completed: this.counts.completed + completed,
      failed: this.counts.failed + failed,
      known: this.counts.known + known,
      conflicts: [...this.counts.conflicts, ...conflicts],
      recorded: { completed: before.completed + recorded.completed, failed: before.failed + recorded.failed },
    };
  }
}

function halvesOf(slice: PlannedDataset): [PlannedDataset, PlannedDataset?] {
  const { configurations } = slice;
  if (configurations.length < 2) return [slice];
  const middle = Math.ceil(configurations.length / 2);
  const part = (own: typeof configurations) => ({ ...slice, configurations: own });
  return [part(configurations.slice(0, middle)), part(configurations.slice(middle))];
}
