import type { Json } from '../canonical-json.ts';
import type { Configuration } from '../experiment/configuration.ts';
import type { DailyLosses, ExperimentResult } from '../experiment/results.ts';
import type { Verdict } from '../experiment/verdict.ts';
import type { MetricColumn, MetricValue } from './metric-columns.ts';
import type { VerdictSummary } from './verdict-summary.ts';

/** What a store is given and what it gives back. Times are ISO 8601 text in UTC; nothing is ever ordered by them. */

export type RunId = number;

/** One start of a sweep: what is to run, and what makes its verdicts. */
export type RunStart = Provenance & {
  readonly sweepName: string;
  /** How many configurations the definition asks for, whether or not they are already judged. */
  readonly configurationCount: number;
};

export type Provenance = {
  /** Equal versions give equal verdicts: it is part of a verdict's key. */
  readonly codeVersion: string;
  /** Null where the program does not run from a git checkout. */
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
  readonly nodeVersion: string;
  readonly cpuModel: string;
  /** Such as `linux x64`. */
  readonly platform: string;
  readonly definition: Json;
  readonly options: Json;
  readonly startedAt: string;
};

/** `running`: it runs now, or died without a word; the next run of the store finds it so and calls it interrupted. */
export type RunOutcome = 'running' | 'finished' | 'interrupted';

export type StoredRun = RunStart & {
  readonly runId: RunId;
  readonly outcome: RunOutcome;
  readonly finishedAt: string | null;
};

/** One ages set and cap of a baseline run. Where it could not be built it has no content yet. */
export type DatasetRecord = {
  readonly agesMinutes: readonly number[];
  readonly maxRowsPerSplit: number;
  readonly baselineRunId: string;
  /** As it was given. The store keeps the latest: data may be moved, and its content stays what it was. */
  readonly dataRoot: string;
} & (
  | { readonly contentHash: string; readonly rowCount: number }
  | { readonly contentHash: null; readonly rowCount: null }
);

export type ConfigurationRecord = {
  /** Hexadecimal, made of the canonical form. */
  readonly id: string;
  readonly configuration: Configuration;
  readonly canonical: Json;
};

/** What became of one configuration in one run. `datasetHash` is null where its dataset could not be built. */
export type OutcomeRecord = { readonly configurationId: string; readonly durationMs: number } & (
  | ({ readonly kind: 'completed'; readonly datasetHash: string } & Judgement)
  | {
      readonly kind: 'failed';
      readonly datasetHash: string | null;
      readonly error: FailureReason;
      readonly attempts: number;
    }
);

export type Judgement = {
  readonly result: ExperimentResult;
  readonly verdict: Verdict;
  readonly dailyLosses: readonly DailyLosses[];
};

export type FailureReason = { readonly name: string; readonly message: string };

/** What `record` did: `ignored` were stored before, or came after a verdict that stands. */
export type RecordCounts = { readonly completed: number; readonly failed: number; readonly ignored: number };

export type SweepSummary = {
  readonly name: string;
  readonly createdAt: string;
  /** Every configuration that was ever part of the sweep, by what the store knows of it now. */
  readonly configurationCount: number;
  readonly passedCount: number;
  readonly notReadyCount: number;
  readonly failedCount: number;
  readonly pendingCount: number;
  readonly baselineRunIds: readonly string[];
  readonly runCount: number;
  readonly lastRun: StoredRun;
};

export type OutcomeQuery = {
  /** Only this sweep; without it everything in the store. */
  readonly sweep?: string | undefined;
  /** Columns to read beside the summary. Each costs a pass over the wide table. */
  readonly metrics?: readonly MetricColumn[] | undefined;
};

/** The outcomes of a sweep, or of the whole store. */
export type OutcomeSet = {
  readonly judged: readonly JudgedConfiguration[];
  readonly failed: readonly FailedConfiguration[];
  /** Enrolled, and nothing known yet. */
  readonly pendingCount: number;
  /**
   * For each baseline run in the store, how many different configurations have a verdict on it, whatever their sweep:
   * so many were looked at on its locked splits.
   */
  readonly lockedSplitCounts: ReadonlyMap<string, number>;
};

/** Which experiment it was: a configuration, on this content, by this code. */
export type OutcomeOrigin = {
  readonly configurationId: string;
  readonly configuration: Configuration;
  readonly dataset: DatasetRecord;
  readonly codeVersion: string;
  readonly durationMs: number;
};

export type JudgedConfiguration = OutcomeOrigin &
  VerdictSummary & {
    /** In the order of `OutcomeQuery.metrics`. */
    readonly metrics: readonly MetricValue[];
  };

export type FailedConfiguration = OutcomeOrigin & { readonly error: FailureReason; readonly attempts: number };

/** One outcome in full. */
export type StoredOutcome = OutcomeOrigin & {
  readonly canonical: Json;
  /** The run that made it. */
  readonly run: StoredRun;
  /** The names of the sweeps that it is part of. */
  readonly sweeps: readonly string[];
  /** Outcomes of the same configuration on other content or by other code. */
  readonly others: readonly { readonly datasetHash: string | null; readonly codeVersion: string }[];
} & (
    | ({ readonly kind: 'completed'; readonly summary: VerdictSummary } & Judgement)
    | { readonly kind: 'failed'; readonly error: FailureReason; readonly attempts: number }
  );
