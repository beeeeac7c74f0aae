import type { DatasetDays, OutcomeRecord } from '../store/records.ts';
import type { PlannedConfiguration, PlannedDataset } from '../sweep/plan.ts';

/**
 * What takes slices to their outcomes. A slice is configurations of one dataset: all of them, or some. How finely a sweep
 * is cut changes no result (one configuration, one answer), so that is for whoever coordinates to choose: the host engine
 * is given datasets whole, since their fits share what they pass; hosts that work beside each other get smaller ones.
 *
 * Nothing here knows threads, memory or a store: the same interface is for an engine that has other machines judge.
 */
export interface SliceEngine {
  /**
   * Judges slices as they come, to the end of the list; those of one dataset should stand together. Every configuration
   * that is left to do of a slice has one outcome at its sink when this resolves.
   *
   * @param signal aborted: what is in hand is judged and stored, nothing else begins, and this resolves
   * @throws what is a bug, or what the sink has thrown; what a user can mend of one dataset is an outcome of its
   *   configurations
   */
  run(slices: AsyncIterable<PlannedDataset>, sink: OutcomeSink, signal: AbortSignal): Promise<void>;
}

/** Where an engine tells what it has found. */
export interface OutcomeSink {
  /** Nothing can be known yet: a dataset may be prepared before its content was told. */
  readonly knowsNothing: boolean;

  /** Tells what a slice's rows turned out to be. @returns what is to be done of it */
  open(slice: PlannedDataset, rows: SliceRows): Promise<OpenSlice>;
}

/** What a slice's rows turned out to be: hash and number, or why they cannot be had. */
export type SliceRows =
  | { readonly kind: 'built'; readonly contentHash: string; readonly rowCount: number }
  | { readonly kind: 'unbuilt'; readonly error: unknown };

/** A slice whose rows are known. Disposed, it has all its outcomes stored, or throws what kept it from that. */
export interface OpenSlice extends AsyncDisposable {
  /** What nothing is known of, or what is to be judged again. */
  readonly remaining: readonly PlannedConfiguration[];

  /** The days of its dataset are not known, and are wanted even where nothing remains. */
  readonly wantsDays: boolean;

  /** What no regressor setting moves of its dataset. */
  tellDays(days: DatasetDays): Promise<void>;

  /** From now on it is being judged; before that it may be prepared while another is. */
  begin(): void;

  /** What became of one configuration. */
  settle(outcome: OutcomeRecord): void;

  /**
   * What kept all that remains of it from being judged: an outcome of each where a user can mend it.
   *
   * @throws the error itself where it is a bug
   */
  fail(error: unknown): void;

  /** Resolves when judging may go on: it is no further ahead of the store than is meant to be lost with this process. */
  stored(): Promise<void>;
}
