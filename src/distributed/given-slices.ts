import { failureText } from '../execution/messages.ts';
import type { OpenSlice, OutcomeSink, SliceRows } from '../execution/slice-engine.ts';
import type { OutcomeRecord } from '../store/records.ts';
import type { PlannedConfiguration, PlannedDataset } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { type OpenedSlice, receivedError, type SentRows, type SliceCall, type SliceNews } from './engine-messages.ts';

/** A process that judged has ended, without a word of what it was at. */
export class EngineLost extends Error {
  override readonly name = 'EngineLost';
}

/** What a child is given at a time: a slice, or a part of one over which a child has ended before. */
export type Part = { readonly number: number; readonly slice: PlannedDataset };

type OpenPart = Part & {
  readonly given: GivenSlice;
  isJudged: boolean;
  /** How many children have ended over it while it was one configuration alone. */
  readonly endsAlone: number;
};

/** A slice that was asked for, until all that was to be done of it is settled. */
type GivenSlice = {
  readonly slice: PlannedDataset;
  /** Whoever waits for it, so that it is opened once. */
  open: OpenSlice | null;
  datasetHash: string | null;
  /** What has no outcome yet; all before it was opened. */
  readonly left: Map<string, PlannedConfiguration>;
  hasBegun: boolean;
  toldDays: boolean;
  /** How many children have ended while they prepared its dataset. */
  endsPreparing: number;
};

/** A configuration, or a dataset's preparation, that so many children have ended over is not tried again. */
const MOST_ENDS = 2;

/**
 * Where so many configurations one after another end children, and none is judged between them, that is no longer said of
 * them: this machine, or its memory for this dataset, is as likely.
 */
const MOST_GIVEN_UP = 3;

/**
 * The slices that an engine child judges, as its parent sees them: what was given, what has an outcome, and, when a child has
 * ended, what another is given. What was being judged then comes in halves, one after another, until what ends a child is
 * alone; it is alone twice before it is a failure.
 */
export class GivenSlices {
  readonly #sink: OutcomeSink;
  readonly #coming: AsyncIterator<PlannedDataset>;
  readonly #proveHost: () => Promise<void>;
  readonly #outstanding = new Map<number, OpenPart>();
  /** Of slices that were given before. */
  #again: Omit<OpenPart, 'number'>[] = [];
  readonly #opened = new Set<GivenSlice>();
  #isExhausted = false;
  #givenUpInARow = 0;
  #nextNumber: number;
  #whenClosed: (() => void) | undefined;

  /**
   * @param firstNumber of parts: no other part of the child has it or a later one
   * @param proveHost throws where this machine is not fit: its failures say nothing of a configuration
   */
  constructor(
    slices: AsyncIterable<PlannedDataset>,
    sink: OutcomeSink,
    firstNumber: number,
    proveHost: () => Promise<void>,
  ) {
    this.#coming = slices[Symbol.asyncIterator]();
    this.#sink = sink;
    this.#nextNumber = firstNumber;
    this.#proveHost = proveHost;
  }

  get nextNumber(): number {
    return this.#nextNumber;
  }

  /** Nothing is given to a child and not closed. */
  get isIdle(): boolean {
    return this.#outstanding.size === 0;
  }

  /** Everything is given and closed. */
  get isDone(): boolean {
    return this.#isExhausted && this.isIdle && this.#again.length === 0;
  }

  /** What a child is given next, or null when nothing is left to give. While something is tried again, one at a time. */
  async next(): Promise<Part | null> {
    if (this.#again.length > 0 && !this.isIdle) {
      await new Promise<void>((resolve) => {
        this.#whenClosed = resolve;
      });
    }
    const again = this.#again.shift();
    if (again !== undefined) return this.#give(again);
    const next = await this.#coming.next();
    if (next.done === true) {
      this.#isExhausted = true;
      return null;
    }
    const left = new Map(next.value.configurations.map((planned) => [planned.id, planned]));
    const kept = { open: null, datasetHash: null, hasBegun: false, toldDays: false, endsPreparing: 0 };
    const given: GivenSlice = { slice: next.value, left, ...kept };
    return this.#give({ slice: next.value, given, isJudged: false, endsAlone: 0 });
  }

  #give(part: Omit<OpenPart, 'number'>): Part {
    const number = this.#nextNumber++;
    this.#outstanding.set(number, { ...part, number });
    return { number, slice: part.slice };
  }

  /** What was to be given, and no child is there any more that takes it. */
  putBack({ number }: Part): void {
    const part = this.#outstanding.get(number);
    if (part === undefined) return;
    this.#outstanding.delete(number);
    this.#again.unshift(part);
  }

  /** Answers what a child asks of a part. */
  async answer(number: number, asked: SliceCall): Promise<OpenedSlice | null> {
    const part = this.#partOf(number);
    switch (asked.asks) {
      case 'open':
        return this.#open(part, asked.rows);
      case 'days':
        await openOf(part).tellDays(asked.days);
        part.given.toldDays = true;
        return null;
      case 'stored':
        await openOf(part).stored();
        return null;
      case 'close':
        await this.#close(part);
        return null;
    }
  }

  /** Hears what a child says of a part. */
  hear(number: number, news: SliceNews): void {
    const part = this.#partOf(number);
    switch (news.says) {
      case 'begin':
        part.isJudged = true;
        if (!part.given.hasBegun) openOf(part).begin();
        part.given.hasBegun = true;
        return;
      case 'settle':
        this.#givenUpInARow = 0;
        this.#settle(part.given, news.outcome);
        return;
      case 'fail':
        this.#fail(part, receivedError(news.error));
    }
  }

  async #open(part: OpenPart, sent: SentRows): Promise<OpenedSlice> {
    const { given } = part;
    if (given.open === null) {
      const rows: SliceRows = sent.kind === 'built' ? sent : { kind: 'unbuilt', error: receivedError(sent.error) };
      given.open = await this.#sink.open(given.slice, rows);
      this.#opened.add(given);
      given.datasetHash = sent.kind === 'built' ? sent.contentHash : null;
      given.left.clear();
      for (const planned of given.open.remaining) given.left.set(planned.id, planned);
    }
    const remaining = part.slice.configurations.map(({ id }) => id).filter((id) => given.left.has(id));
    return { remaining, wantsDays: given.open.wantsDays && !given.toldDays };
  }

  #settle(given: GivenSlice, outcome: OutcomeRecord): void {
    // Whatever a child says twice is one outcome.
    if (given.left.delete(outcome.configurationId)) given.open?.settle(outcome);
  }

  #fail(part: OpenPart, error: Error): void {
    if (!(error instanceof UserError)) throw error;
    this.#settleAll(part, { error, attempts: 1 });
  }

  #settleAll({ given, slice }: OpenPart, { error, attempts }: { error: Error; attempts: number }): void {
    const failure = {
      kind: 'failed',
      datasetHash: given.datasetHash,
      durationMs: 0,
      attempts,
      error: failureText(error),
    } as const;
    for (const { id } of slice.configurations) this.#settle(given, { ...failure, configurationId: id });
  }

  async #close(part: OpenPart): Promise<void> {
    await this.#closeSlice(part.given);
    this.#outstanding.delete(part.number);
    this.#whenClosed?.();
    this.#whenClosed = undefined;
  }

  /** Stores all of a slice, where no part of it is to be given any more. */
  async #closeSlice(given: GivenSlice): Promise<void> {
    if (this.#again.some((other) => other.given === given)) return;
    if (this.#opened.delete(given)) await given.open?.[Symbol.asyncDispose]();
  }

  /**
   * A child has ended, and nothing more of it will be heard. Arranges what another is given.
   *
   * @throws EngineLost where children end over the preparation of a dataset, or over all of its configurations; what says that this machine is not fit
   */
  async childEnded(reason: string): Promise<void> {
    const parts = [...this.#outstanding.values()];
    this.#outstanding.clear();
    this.#whenClosed = undefined;
    const wasJudged = parts.some(({ isJudged }) => isJudged);
    const again: Omit<OpenPart, 'number'>[] = [];
    for (const part of parts) {
      if (part.isJudged) again.push(...(await this.#divide(part, reason)));
      else if (wasJudged) again.push(part);
      else again.push(this.#prepareAgain(part, reason));
    }
    this.#again = [...again, ...this.#again];
    for (const { given } of parts) await this.#closeSlice(given);
  }

  async #divide(part: OpenPart, reason: string): Promise<Omit<OpenPart, 'number'>[]> {
    const { given } = part;
    const left = part.slice.configurations.filter(({ id }) => given.left.has(id));
    const of = (configurations: readonly PlannedConfiguration[], endsAlone = 0): Omit<OpenPart, 'number'> => {
      return { given, slice: { ...given.slice, configurations }, isJudged: false, endsAlone };
    };
    if (left.length > 1) {
      const middle = Math.ceil(left.length / 2);
      return [of(left.slice(0, middle)), of(left.slice(middle))];
    }
    // Its last outcome was heard, and its end was not.
    if (left.length === 0) return [];
    const endsAlone = part.slice.configurations.length === 1 ? part.endsAlone + 1 : 1;
    if (endsAlone < MOST_ENDS) return [of(left, endsAlone)];
    this.#givenUpInARow += 1;
    if (this.#givenUpInARow === MOST_GIVEN_UP) {
      throw new EngineLost(
        `${given.slice.key}: ${MOST_GIVEN_UP} configurations one after another ended its process (${reason})`,
      );
    }
    await this.#proveHost();
    const error = new EngineLost(`its process ended ${endsAlone} times while it was judged alone (${reason})`);
    this.#settleAll(part, { error, attempts: endsAlone });
    return [];
  }

  #prepareAgain(part: OpenPart, reason: string): Omit<OpenPart, 'number'> {
    const { given } = part;
    given.endsPreparing += 1;
    if (given.endsPreparing < MOST_ENDS) return part;
    throw new EngineLost(
      `${given.slice.key}: its dataset was not prepared, ${MOST_ENDS} processes ended over it (${reason})`,
    );
  }

  /** Stores what is settled of slices that are not closed: of a run that ends before they are. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#coming.return?.();
    const opened = [...this.#opened];
    this.#opened.clear();
    const ends = await Promise.allSettled(opened.map(({ open }) => open?.[Symbol.asyncDispose]()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #partOf(number: number): OpenPart {
    const part = this.#outstanding.get(number);
    if (part === undefined) throw new Error(`the engine's process spoke of part ${number}, which it does not have`);
    return part;
  }
}

function openOf({ given, number }: OpenPart): OpenSlice {
  if (given.open === null) throw new Error(`the engine's process spoke of part ${number} before it opened it`);
  return given.open;
}
