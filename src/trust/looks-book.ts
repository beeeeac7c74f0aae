import type { TrustSet, TrustSide } from './losses.ts';

/** What a locked split is of: looks at splits of equal keys are looks at the same thing. */
export type Evaluation = {
  readonly key: string;
  /** Of each symbol the UTC days of the split, since 1970-01-01, ascending. */
  readonly days: Readonly<Record<string, readonly number[]>>;
  /** The label's definition, by name. */
  readonly label: Readonly<Record<string, number>>;
  readonly barGaps: string;
};

/** One set of daily sums of four models on a locked split that somebody could see. */
export type Look = {
  readonly key: string;
  /** What showed it first. */
  readonly configuration: string;
  readonly sweep: string;
  readonly run: string;
  /** Σ|y − ŷ| by day, of the four models in turn. */
  readonly sums: ArrayLike<number>;
  /** Block scores; null where what the constant loses is not known. */
  readonly scores: LookScores | null;
};

export type LookScores = Readonly<Record<TrustSide, Readonly<Record<TrustSet, ArrayLike<number>>>>>;

/** Looks of one or more stores and ledgers, in the order in which they were named. */
export type LooksBook = {
  /** By key. Looks of data of which nobody knows what they are of have keys that are none of these. */
  readonly evaluations: ReadonlyMap<string, Evaluation>;
  readonly looks: readonly Look[];
};

export function joinBooks(books: readonly LooksBook[]): LooksBook {
  return {
    evaluations: new Map(books.flatMap(({ evaluations }) => [...evaluations])),
    looks: books.flatMap(({ looks }) => looks),
  };
}
