import type { RunId, StoredRun } from '../store/records.ts';
import type { Alongside, VerdictStore } from '../store/verdict-store.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import { expandSlice, type SlicePayload } from '../sweep/slice-payload.ts';
import { type ClaimedSlice, type QueueTimes, queueName, type SliceQueue } from './queue.ts';

export type ClaimsSetup = {
  readonly queue: SliceQueue;
  readonly store: VerdictStore;
  /** This host's. */
  readonly runId: RunId;
  /** Whose slices they are. */
  readonly run: StoredRun;
  readonly mostSlices: number;
  readonly times: QueueTimes;
  readonly signal: AbortSignal;
  readonly notice: (text: string) => void;
};

/** A claim, and how many of the parts that it is judged in are left. */
type Claim = {
  readonly claimed: ClaimedSlice;
  partsLeft: number;
  isWhole: boolean;
  isOver: boolean;
  isLost: boolean;
  readonly heartbeat: NodeJS.Timeout;
};

/** Beats so often in the time after which a host is taken for dead. */
const BEATS = 3;

/**
 * The slices that this host claims, one after another, as long as some wait; each is held by a heartbeat until it is over. One
 * that hosts have died of is judged in halves, and then one by one.
 */
export class Claims {
  readonly #setup: ClaimsSetup;
  readonly #claims = new Set<Claim>();
  readonly #ofPart = new Map<PlannedDataset, Claim>();
  readonly #partOver = new Map<PlannedDataset, () => void>();
  #count = 0;

  constructor(setup: ClaimsSetup) {
    this.#setup = setup;
  }

  /** How many slices were ended. */
  get count(): number {
    return this.#count;
  }

  async *slices(): AsyncGenerator<PlannedDataset> {
    const { queue, run, signal, mostSlices } = this.#setup;
    const name = queueName(run.code.hash, run.data.hash);
    for (let taken = 0; taken < mostSlices && !signal.aborted; taken += 1) {
      const claimed = await queue.claim(name);
      if (claimed === null) return;
      const claim = this.#hold(claimed);
      if (claimed.job.slice.sweep !== run.sweepName) {
        // Of another sweep on these data: whoever looks for work next takes it.
        await this.#giveBack(claim);
        return;
      }
      const slice = expandSlice(claimed.job.slice);
      if (claimed.attempts < 2) yield* this.#parts(claim, claimed.attempts === 0 ? [slice] : halvesOf(slice));
      else yield* this.#oneByOne(claim, slice);
    }
  }

  *#parts(claim: Claim, parts: readonly PlannedDataset[]): Generator<PlannedDataset> {
    claim.partsLeft = parts.length;
    for (const part of parts) {
      this.#ofPart.set(part, claim);
      yield part;
    }
  }

  /**
   * A configuration that was begun alone, and whose host died, is what they died of: it is given up, and the others judged.
   * The next begins when the one before is stored.
   */
  async *#oneByOne(claim: Claim, slice: PlannedDataset): AsyncGenerator<PlannedDataset> {
    const { queue, store, runId, notice } = this.#setup;
    const { sliceHash: hash } = claim.claimed.job.slice;
    const { agesMinutes, maxRowsPerSplit } = slice;
    const selection = { agesMinutes, maxRowsPerSplit };
    const begun = await queue.begunAlone(hash);
    const known = await store.outcomesOf(runId, selection);
    const left = slice.configurations.filter(({ id }) => !known.has(id));
    for (const { id } of left.filter((each) => begun.has(each.id))) {
      notice(`configuration ${id.slice(0, 12)}: the host that judged it alone died; it is stored as an error`);
      const datasetHash = await store.datasetHash(runId, selection);
      const error = { name: 'HostDied', message: 'the host that judged it alone died, after others that judged it' };
      const failure = { kind: 'failed', configurationId: id, datasetHash, durationMs: 0, error } as const;
      await store.record(runId, [{ ...failure, attempts: claim.claimed.attempts }]);
      await queue.endAlone(hash, id);
    }
    const fresh = left.filter(({ id }) => !begun.has(id));
    if (fresh.length === 0) {
      yield* this.#parts(claim, [slice]);
      return;
    }
    claim.partsLeft = fresh.length;
    for (const configuration of fresh) {
      const part = { ...slice, configurations: [configuration] };
      const over = Promise.withResolvers<void>();
      this.#ofPart.set(part, claim);
      this.#partOver.set(part, over.resolve);
      await queue.beginAlone(hash, configuration.id);
      yield part;
      await over.promise;
      await queue.endAlone(hash, configuration.id);
    }
  }

  /** What ends a slice, with the last outcomes of its last part. */
  endOf(part: PlannedDataset): Alongside | undefined {
    const claim = this.#claimOf(part);
    return claim.partsLeft === 1 && claim.isWhole ? claim.claimed.complete : undefined;
  }

  /** What is to be judged of it. `all`: to see whether this host comes to what is stored. */
  judges(part: PlannedDataset): SlicePayload['judges'] {
    return this.#claimOf(part).claimed.job.slice.judges;
  }

  over(part: PlannedDataset, isWhole: boolean): void {
    const claim = this.#claimOf(part);
    claim.partsLeft -= 1;
    claim.isWhole &&= isWhole;
    this.#ofPart.delete(part);
    if (claim.partsLeft === 0 && claim.isWhole) {
      this.#end(claim);
      this.#count += 1;
    }
    this.#partOver.get(part)?.();
    this.#partOver.delete(part);
  }

  /** What was claimed and is not over goes back, without an attempt spent. */
  async giveBackRest(): Promise<void> {
    for (const claim of [...this.#claims]) await this.#giveBack(claim);
  }

  #hold(claimed: ClaimedSlice): Claim {
    const { times, notice } = this.#setup;
    const beat = async (): Promise<void> => {
      try {
        if (claim.isOver || (await claimed.touch()) || claim.isOver || claim.isLost) return;
        claim.isLost = true;
        notice('a slice was taken over by another host, which had not heard of this one: what was judged stays stored');
      } catch (error) {
        // The server does not answer: the store says so where it is needed.
        if (!claim.isOver) notice(error instanceof Error ? error.message : String(error));
      }
    };
    const heartbeat = setInterval(() => void beat(), (times.heartbeatSeconds * 1000) / BEATS);
    const claim: Claim = { claimed, partsLeft: 1, isWhole: true, isOver: false, isLost: false, heartbeat };
    this.#claims.add(claim);
    return claim;
  }

  async #giveBack(claim: Claim): Promise<void> {
    this.#end(claim);
    if (!claim.isLost) await claim.claimed.giveBack();
  }

  #end(claim: Claim): void {
    claim.isOver = true;
    clearInterval(claim.heartbeat);
    this.#claims.delete(claim);
  }

  #claimOf(part: PlannedDataset): Claim {
    const claim = this.#ofPart.get(part);
    if (claim === undefined) throw new Error(`${part.key}: this slice was not claimed`);
    return claim;
  }
}

function halvesOf(slice: PlannedDataset): PlannedDataset[] {
  const { configurations } = slice;
  if (configurations.length < 2) return [slice];
  const middle = Math.ceil(configurations.length / 2);
  return [configurations.slice(0, middle), configurations.slice(middle)].map((part) => ({
    ...slice,
    configurations: part,
  }));
}
