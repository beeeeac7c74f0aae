import type { Json } from '../canonical-json.ts';
import type { Configuration } from '../experiment/configuration.ts';
import type { CalibrationBin } from '../experiment/fixed-metrics.ts';
import type {
  DailyLosses,
  EvalSplitId,
  ExperimentResult,
  FeatureSet,
  GateSplitId,
  Side,
} from '../experiment/results.ts';
import type { Verdict } from '../experiment/verdict.ts';
import type { Shard } from '../sweep/shards.ts';
import type { DayLosses } from './daily-losses.ts';
import type { MetricColumn, MetricValue } from './metric-columns.ts';
import type { ShownResult } from './shown-result.ts';
import type { ShownGates, ShownSummary } from './verdict-summary.ts';

/** What a store is given and what it gives back. Times are ISO 8601 text in UTC; nothing is ever ordered by them. */

/** A UUID: runs of several machines can come into one store. */
export type RunId = string;

/** What makes verdicts. Equal hashes give equal verdicts; version and commit are for people. */
export type Code = { readonly hash: string; readonly version: string };

/** A baseline run as it lay on disk, and how it is read. Equal hashes are equal data. */
export type DataRecord = {
  readonly baselineRunId: string;
  /** As seen from the working folder. The store keeps the latest: data may be moved, and stay what they are. */
  readonly dataRoot: string;
  /** `sha256Json` of files and reading; of data that an older schema knew, a made-up name. */
  readonly hash: string;
  /** Null where an older schema did not keep them. */
  readonly files: readonly DataFile[] | null;
  /** Options that change what is read, such as `{ barGaps: 'drop' }`. */
  readonly reading: Json;
};

/** One file of a baseline run. */
export type DataFile = { readonly path: string; readonly sizeBytes: number; readonly sha256: string };

/** One start of a sweep: what it is made of from now on, what it runs on, and what makes its verdicts. */
export type RunStart = Provenance & {
  readonly sweepName: string;
  /** The sweep's configurations become these, and no others; without it they are added to those that it has. */
  readonly replaces: boolean;
  readonly configurations: readonly ConfigurationRecord[];
  /** How many it is asked for, where that is not their number: a run that takes part in a sweep names none. */
  readonly configurationCount?: number | undefined;
  readonly data: DataRecord;
  /** What the locked splits of the data are of, those that have rows. */
  readonly evaluations?: Partial<Readonly<Record<GateSplitId, Evaluation>>> | undefined;
  /** Gates of what this run judges stay sealed until somebody unseals them. */
  readonly seals?: boolean | undefined;
  /** Where it is to judge a part of the sweep only. */
  readonly shard?: RunShard | null | undefined;
};

/** A run's part of a sweep that was dealt to several stores. */
export type RunShard = Shard & { readonly configurationCount: number };

export type Provenance = {
  readonly code: Code;
  /** Null where the program does not run from a git checkout. */
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
  readonly nodeVersion: string;
  /** name → version of the packages that numbers come from */
  readonly packages: { readonly [name: string]: string };
  /** Null, as host and user, where the run was told to keep its machine to itself. */
  readonly cpuModel: string | null;
  /** Such as `linux x64`. */
  readonly platform: string;
  readonly host: string | null;
  readonly user: string | null;
  readonly definition: Json;
  readonly options: Json;
  readonly startedAt: string;
};

/**
 * `running`: it runs now. One that died without a word is `interrupted`: in a database as soon as its lease is over, in a file
 * as soon as its writer's lock is gone. Of a run that came into a file with a copy or a merge nobody there knows whether it
 * runs, and it stays as it came until the next run.
 */
export type RunOutcome = 'running' | 'finished' | 'interrupted';

/** Why and when a run ended. */
export type RunEnd = {
  readonly outcome: Exclude<RunOutcome, 'running'>;
  /** One sentence, such as `Ctrl-C`. */
  readonly reason: string;
  readonly finishedAt: string;
};

export type StoredRun = Provenance & {
  readonly runId: RunId;
  readonly sweepName: string;
  readonly data: DataRecord;
  /** How many configurations the run was asked for, whether or not they were judged before. */
  readonly configurationCount: number;
  readonly shard: RunShard | null;
  readonly outcome: RunOutcome;
  readonly reason: string | null;
  readonly finishedAt: string | null;
};

/** A run with what came of it: the verdicts and failures that it made and that are in the store. */
export type RunHistory = StoredRun & { readonly judgedCount: number; readonly errorCount: number };

/** One ages set and cap: the rows that are taken of a baseline run. */
export type RowSelection = { readonly agesMinutes: readonly number[]; readonly maxRowsPerSplit: number };

/** What a dataset turned out to hold. Where it could not be built there is no content. */
export type DatasetContent =
  | { readonly contentHash: string; readonly rowCount: number }
  | { readonly contentHash: null; readonly rowCount: null };

/**
 * What no regressor setting moves, by day: what statements about a sweep's noise are made of, once a dataset. Counts are
 * whole numbers; days are UTC days since 1970-01-01, ascending.
 */
export type DatasetDays = {
  /** Bars of the baseline run on each day of a split, whether or not they are rows of this dataset. */
  readonly bars: Readonly<Record<EvalSplitId, readonly (readonly [day: number, bars: number])[]>>;
  /** Of each side and split that has rows, in the order of `SIDES` and `EVAL_SPLITS`. */
  readonly parts: readonly DatasetDaysPart[];
};

export type DatasetDaysPart = {
  readonly side: Side;
  readonly split: EvalSplitId;
  readonly days: readonly number[];
  readonly rows: readonly number[];
  /** Rows whose label is to continue. */
  readonly positives: readonly number[];
  /** Σ|edge − median of the fit rows|, bps. */
  readonly constantAbsoluteErrors: readonly number[];
  /** Σ(rate of the fit rows − label)². */
  readonly constantSquaredErrors: readonly number[];
  /** The cell of days of each day, ascending from 0, that pairs are counted by; schema 4 had none: a cell a day. */
  readonly pairCells?: readonly number[] | undefined;
  readonly sets: Readonly<
    Record<
      FeatureSet,
      {
        /** Σ(probability − label)². */
        readonly squaredErrors: readonly number[];
        /**
         * [cell of the positive][cell of the negative]: 2·#{positive ranked above} + #{ties}; null where schema 4 had more
         * days than pairs were counted by.
         */
        readonly doubledPairs: readonly (readonly number[])[] | null;
        /** How often rows of like probability are positive, by its deciles, ascending; schema 4 had none. */
        readonly calibration?: readonly CalibrationBin[] | undefined;
      }
    >
  >;
};

/** The days of a dataset, with what tells it from others. */
export type StoredDatasetDays = { readonly dataset: DatasetRecord; readonly days: DatasetDays };

/** One ages set and cap of a baseline run. */
export type DatasetRecord = RowSelection &
  DatasetContent & {
    readonly baselineRunId: string;
    readonly dataRoot: string;
    /** Of the baseline run that it was taken from. */
    readonly dataHash: string;
  };

export type ConfigurationRecord = {
  /** Hexadecimal: the first 24 characters of the SHA-256 of the canonical form. */
  readonly id: string;
  readonly configuration: Configuration;
  readonly canonical: Json;
};

/** What became of one configuration in one run. `datasetHash` is null where its dataset could not be built. */
export type OutcomeRecord = { readonly configurationId: string; readonly durationMs: number } & (
  | ({ readonly kind: 'completed'; readonly datasetHash: string } & WholeJudgement)
  | {
      readonly kind: 'failed';
      readonly datasetHash: string | null;
      readonly error: FailureReason;
      readonly attempts: number;
    }
);

/** What was judged, as it is recorded: nothing of it left out. */
export type WholeJudgement = {
  readonly result: ExperimentResult;
  readonly verdict: Verdict;
  readonly dailyLosses: readonly DailyLosses[];
};

/** What was judged, as a reader has it. */
export type ShownJudgement =
  | ({ readonly isSealed: false } & WholeJudgement)
  | {
      readonly isSealed: true;
      readonly result: ShownResult;
      readonly verdict: null;
      /** Those of tune. */
      readonly dailyLosses: readonly DailyLosses[];
    };

export type FailureReason = { readonly name: string; readonly message: string };

/** What `record` did: `ignored` were stored before, or came after a verdict that stands. */
export type RecordCounts = {
  readonly completed: number;
  readonly failed: number;
  readonly ignored: number;
  readonly conflicts: readonly Conflict[];
};

/** A verdict that came under a key that has another: the stored one stands, and both digests are kept. */
export type Conflict = {
  readonly verdictId: string;
  readonly configurationId: string;
  readonly storedDigest: string;
  readonly otherDigest: string;
  readonly runId: RunId;
};

/** A sweep: a name and a definition. */
export type StoredSweep = {
  readonly name: string;
  readonly createdAt: string;
  readonly definition: Json;
  readonly configurationCount: number;
  /** Of its last run: what the sweep shows are verdicts on these data by this code. */
  readonly data: DataRecord;
  readonly code: Code;
};

export type SweepSummary = {
  readonly name: string;
  readonly createdAt: string;
  /** Every configuration of the sweep, by what the store knows of it on the sweep's data by its code. */
  readonly configurationCount: number;
  readonly passedCount: number;
  readonly notReadyCount: number;
  /** Judged against a market_only fit that did not converge: neither of the two above. */
  readonly unconvergedCount: number;
  /** Gates nobody was shown yet: none of the three above. */
  readonly sealedCount: number;
  readonly errorCount: number;
  readonly pendingCount: number;
  readonly baselineRunIds: readonly string[];
  readonly dataHash: string;
  readonly code: Code;
  readonly earlier: readonly EarlierVerdicts[];
  /** What of the sweep fell to the runs that it shows, by count and number; empty where a run had all of it. */
  readonly shards: readonly RunShard[];
  readonly runCount: number;
  readonly lastRun: StoredRun;
};

/** Verdicts on a sweep's configurations that the sweep does not show: on other data of its baseline run, or by other code. */
export type EarlierVerdicts = {
  readonly dataHash: string;
  readonly code: Code;
  /** Whether the content is what the sweep's data have, so that nothing but the code is another. */
  readonly sameData: boolean;
  readonly count: number;
};

export type OutcomeQuery = {
  /** Only this sweep; without it everything in the store. */
  readonly sweep?: string | undefined;
  /** The beginning of a data hash: verdicts on these data, in place of those of the sweep's last run. */
  readonly data?: string | undefined;
  /** The beginning of a code hash, or a version: verdicts by this code, in place of that of the sweep's last run. */
  readonly code?: string | undefined;
  /** Metrics to read beside the summary. They cost a pass over 1.6 kB a verdict. */
  readonly metrics?: readonly MetricColumn[] | undefined;
};

/** Which verdict is meant where a configuration has several. */
export type VerdictChoice = Pick<OutcomeQuery, 'sweep' | 'data' | 'code'> & {
  /** Only on this baseline run. */
  readonly baseline?: string | undefined;
};

/** The outcomes of a sweep, or of the whole store. */
export type OutcomeSet = {
  readonly judged: readonly JudgedConfiguration[];
  readonly failed: readonly FailedConfiguration[];
  /** Known, and nothing came of them yet. */
  readonly pendingCount: number;
  /** As `SweepSummary.shards`, of a sweep. */
  readonly shards: readonly RunShard[];
  /** Of a sweep. */
  readonly earlier: readonly EarlierVerdicts[];
  /** For all data in the store: how many configurations were looked at on their locked splits. Never forgotten. */
  readonly looks: readonly Looks[];
  /** Of the verdicts above. */
  readonly conflicts: readonly Conflict[];
};

/** Looks at the locked splits of one baseline run's data: configurations that ever had a verdict on them. */
export type Looks = { readonly baselineRunId: string; readonly dataHash: string; readonly configurationCount: number };

/** Which experiment it was: a configuration, on this content, by this code. */
export type OutcomeOrigin = {
  readonly configurationId: string;
  readonly configuration: Configuration;
  readonly dataset: DatasetRecord;
  readonly code: Code;
  readonly durationMs: number;
};

export type JudgedConfiguration = OutcomeOrigin &
  ShownSummary & {
    /** `CONFIGURATION@8 characters of its content and code`: names this verdict and no other. */
    readonly verdictId: string;
    /** The run that made it. */
    readonly runId: RunId;
    readonly tags: readonly string[];
    /** In the order of `OutcomeQuery.metrics`; of a sealed verdict null on locked splits. */
    readonly metrics: readonly MetricValue[];
  };

/** A verdict, and its place in the order in which verdicts were stored: a positive whole number. */
export type PlacedVerdict = { readonly place: number; readonly verdict: JudgedConfiguration };

export type FailedConfiguration = OutcomeOrigin & { readonly error: FailureReason; readonly attempts: number };

/** A verdict, named beside others of its configuration. */
export type VerdictName = {
  readonly verdictId: string;
  readonly baselineRunId: string;
  readonly dataHash: string;
  readonly datasetHash: string;
  readonly code: Code;
};

/** What somebody wrote to a verdict: a sentence, or a tag to filter by. */
export type Note = {
  readonly kind: 'note' | 'tag';
  readonly text: string;
  readonly writtenAt: string;
  readonly author: string | null;
};

/** One outcome in full. */
export type StoredOutcome = OutcomeOrigin & {
  readonly canonical: Json;
  /** The run that made it. */
  readonly run: StoredRun;
  /** The names of the sweeps that show it. */
  readonly sweeps: readonly string[];
  /** Verdicts of the same configuration on other content or by other code. */
  readonly others: readonly VerdictName[];
} & (
    | ({
        readonly kind: 'completed';
        readonly verdictId: string;
        readonly summary: ShownSummary;
        /** SHA-256 of its canonical documents, hexadecimal. */
        readonly digest: string;
        readonly notes: readonly Note[];
        readonly conflicts: readonly Conflict[];
      } & ShownJudgement)
    | { readonly kind: 'failed'; readonly error: FailureReason; readonly attempts: number }
  );

/** A verdict's losses by day, with what tells them from others. */
export type VerdictLosses = Pick<JudgedConfiguration, 'verdictId' | 'configurationId' | 'dataset'> &
  Pick<ShownGates, 'isSealed' | 'passed'> &
  // Of a sealed verdict those of tune.
  DayLosses;

/** What a locked split is of: looks at splits of equal keys are looks at the same thing. */
export type Evaluation = {
  /** SHA-256 of all below. */
  readonly key: string;
  /** Of each symbol the UTC days that are the split's, since 1970-01-01, ascending. */
  readonly days: Readonly<Record<string, readonly number[]>>;
  readonly label: {
    readonly horizonMinutes: number;
    readonly minExpectedContinueEdgeBps: number;
    readonly stopBps: number;
    readonly targetBps: number;
    readonly costBps: number;
  };
  readonly barGaps: string;
};

export type StoredEvaluation = {
  readonly dataHash: string;
  readonly split: GateSplitId;
  readonly evaluation: Evaluation;
};

/** One set of daily sums of four models on a locked split that somebody could see. */
export type StoredLook = {
  readonly split: GateSplitId;
  readonly baselineRunId: string;
  readonly dataHash: string;
  readonly contentHash: string;
  /** The configuration that showed it first, in which sweep and run. */
  readonly configurationId: string;
  readonly sweep: string;
  readonly runId: RunId;
  /** Σ|y − ŷ| by day, of the models in the order of `MODEL_KEYS`. */
  readonly sums: Float64Array;
};

/** Every look at a locked split that a store knows of. */
export type StoredLooks = {
  /** In the order in which they were counted. */
  readonly looks: readonly StoredLook[];
  /** Those that are known: data of older schemas have none until they are run on again. */
  readonly evaluations: readonly StoredEvaluation[];
  /** By the hash of their content, what is known of the days of the looks' datasets. */
  readonly datasets: ReadonlyMap<string, DatasetDays>;
};

/** Whose gates are to be looked at: one verdict's, or those of all verdicts that a sweep shows. */
export type UnsealTarget =
  | { readonly id: string; readonly choice: VerdictChoice }
  | (Pick<OutcomeQuery, 'data' | 'code'> & { readonly sweep: string });

/** What came of it: verdicts whose gates were sealed until now, and those that were open before. */
export type Unsealed = { readonly opened: number; readonly before: number };

/** What goes when a sweep is removed, and what stays because another sweep shows it. */
export type Removal = {
  readonly configurationCount: number;
  readonly verdictCount: number;
  readonly failureCount: number;
  readonly noteCount: number;
  readonly runCount: number;
  readonly keptVerdictCount: number;
};
