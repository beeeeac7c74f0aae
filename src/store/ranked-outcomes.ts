import type { ParameterName, ParameterValue } from '../experiment/parameters.ts';
import type { MetricColumn, MetricValue } from './metric-columns.ts';
import type { FailedConfiguration, JudgedConfiguration, OutcomeQuery, OutcomeSet } from './records.ts';

/**
 * A sweep's outcomes where they are too many to be read: counted, filtered and put in order by the database, which gives out
 * those alone that are to be shown. What it says is what `VerdictStore.outcomes` and reading them all would say, but that the
 * seals of what is only counted are not looked at.
 */
export interface RankedOutcomes {
  /** How many outcomes could be read at the most: as many as a sweep has configurations, or all that the store has. */
  size(sweep: string | null): Promise<number>;

  /** How many verdicts have shown something new of locked splits. */
  lookCount(): Promise<number>;

  /** What `VerdictStore.outcomes` says beside them, and how many there are of each kind. */
  facts(query: SweepView): Promise<RankedFacts>;

  /**
   * The different values of a field, of verdicts and of failures; null where there are more than `most`.
   *
   * @returns in no particular order; null among them for what has none
   */
  values(query: SweepView, value: StoredValue, most: number): Promise<readonly MetricValue[] | null>;

  /** The least and greatest number of a field, null where there is none; and whether some verdict has exactly this one. */
  numbersOf(query: SweepView, value: StoredValue, number: number): Promise<NumberRange>;

  /** The texts of a field that come next to this one in order of UTF-8, so many on each side at the most; in that order. */
  textsBeside(query: SweepView, value: StoredValue, text: string, most: number): Promise<readonly string[]>;

  /** How many meet all conditions. */
  count(query: SweepView, conditions: readonly StoredCondition[]): Promise<RankedCount>;

  /** The first verdicts that meet all conditions, in an order, with their ranks among all of the sweep. */
  first(query: SweepView, wanted: WantedRows): Promise<readonly RankedVerdict[]>;

  /** The first failures that meet all conditions, by their ids. */
  failures(
    query: SweepView,
    conditions: readonly StoredCondition[],
    count: number,
  ): Promise<readonly FailedConfiguration[]>;

  /** Why what meets all conditions could not be judged, the most frequent reason first. */
  reasons(query: SweepView, conditions: readonly StoredCondition[]): Promise<readonly CountedReason[]>;

  /** Of each parameter its values, of all verdicts and failures, and the figure that ranks by them, of those that meet all conditions. */
  parameters(
    query: SweepView,
    conditions: readonly StoredCondition[],
  ): Promise<ReadonlyMap<ParameterName, readonly ParameterSummary[]>>;
}

export type SweepView = OutcomeQuery & { readonly sweep: string };

export type RankedFacts = Omit<OutcomeSet, 'judged' | 'failed'> & {
  readonly judgedCount: number;
  readonly failedCount: number;
  readonly passedCount: number;
  readonly unconvergedCount: number;
  readonly sealedCount: number;
  readonly baselineRunId: string;
  readonly codeHash: string;
};

export type NumberRange = { readonly least: number | null; readonly greatest: number | null; readonly has: boolean };

export type RankedCount = { readonly judged: number; readonly failed: number };

export type WantedRows = {
  readonly conditions: readonly StoredCondition[];
  /** By rank where it is null, and where values are equal; missing ones come last. Numbers count to seven digits. */
  readonly sort: { readonly value: StoredValue; readonly descending: boolean } | null;
  readonly count: number;
};

export type RankedVerdict = { readonly outcome: JudgedConfiguration; readonly rank: number };

export type CountedReason = { readonly reason: string; readonly count: number };

/** What a value of a parameter comes to; null where no verdict with it meets the conditions and has the figure. */
export type ParameterSummary = {
  readonly value: ParameterValue;
  readonly ratios: {
    readonly count: number;
    readonly median: number;
    readonly best: number;
    readonly worst: number;
  } | null;
};

/** Where a store has what a field of a leaderboard says. */
export type StoredValue =
  /** The first of these parameters that a configuration has. */
  | { readonly of: 'parameter'; readonly names: readonly ParameterName[] }
  /** The mean of some metrics, or the first less the second. */
  | { readonly of: 'metrics'; readonly columns: readonly MetricColumn[]; readonly as: 'mean' | 'difference' }
  /** A verdict's word: one of these texts. */
  | { readonly of: 'word'; readonly words: Readonly<Record<VerdictKind, string>> }
  | { readonly of: 'outcome'; readonly name: OutcomeValue };

export type VerdictKind = 'passed' | 'notReady' | 'unconverged' | 'sealed' | 'failed';

export type OutcomeValue =
  | 'rank'
  | 'configurationId'
  | 'tuneEdgeMaeRatio'
  | 'tuneAuc'
  | 'gatesPassed'
  | 'smallestMargin'
  | 'weakestGate'
  | 'sweep'
  | 'baselineRunId'
  | 'dataHash'
  | 'contentHash'
  | 'codeHash'
  | 'tags'
  | 'durationMs';

/** What a field's value has to be. */
export type StoredCondition = { readonly value: StoredValue; readonly test: StoredTest };

export type StoredTest =
  /** One of these; null stands for what has none. */
  | { readonly kind: 'among'; readonly values: readonly MetricValue[] }
  /** Between two numbers, both of them included. */
  | { readonly kind: 'between'; readonly from: number; readonly to: number }
  /** Below or above a number. */
  | { readonly kind: 'below' | 'above'; readonly limit: number }
  | { readonly kind: 'beginning'; readonly text: string }
  /** The text itself, or one of several that stand in one with this between them. */
  | { readonly kind: 'member'; readonly text: string; readonly between: string }
  /** Also what has no value. */
  | { readonly kind: 'not'; readonly test: StoredTest };
