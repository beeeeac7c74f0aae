/**
 * `sweep-report/1`: what a report's page is given. Whatever a figure, a sentence or a label says was computed where the
 * report was made; the page draws it and does no statistics.
 *
 * A report is a header (this type, as JSON) and the columns of its sweeps (`columns.ts`). In a page's file they stand as
 *
 *   <script type="application/json" id="sweep-report-header">…</script>           `<` written as \u003c
 *   <script type="application/octet-stream" id="sweep-report-columns">…</script>  columns, gzip, base64
 *
 * and `reading.ts` gives them back. Nothing of it is a clock's or a machine's but what stands under `machine` and in
 * `dataRoot`, which are null in a report that was made without. Numbers that do not exist are null here and NaN in columns.
 */
export const REPORT_FORMAT = 'sweep-report/1';

export type Report = {
  readonly format: typeof REPORT_FORMAT;
  /** Version of the program that computed it. */
  readonly program: string;
  readonly sweeps: readonly [SweepFacts, ...SweepFacts[]];
  /** Of two sweeps and more: each later one against the first. */
  readonly comparisons: readonly SweepComparisonFacts[];
};

export type SweepFacts = {
  readonly name: string;
  readonly state: StateFacts;
  readonly counts: CountFacts;
  readonly headline: HeadlineFacts;
  /** Six, always in the same order. */
  readonly checks: readonly CheckFacts[];
  /** The five questions of `sweep trust`, answered in its words. */
  readonly answers: AnswerFacts;
  /** What to bear in mind, one sentence each: conflicts, earlier verdicts, other data. */
  readonly warnings: readonly string[];
  /** What is left out of this file, one sentence each; empty where nothing is. */
  readonly leftOut: readonly string[];
  readonly axes: readonly AxisFacts[];
  readonly gates: GateMatrixFacts;
  readonly heatMaps: readonly HeatMapFacts[];
  readonly importance: ImportanceFacts;
  readonly carryOver: CarryOverFacts;
  readonly named: readonly NamedConfiguration[];
  readonly days: DayFacts;
  /** Null where the store does not have them: verdicts of older versions. */
  readonly calibration: CalibrationFacts | null;
  readonly rows: RowsFacts;
  readonly datasets: readonly DatasetFacts[];
  readonly runs: readonly RunFacts[];
  readonly failures: FailureFacts;
  readonly reproduce: ReproduceFacts;
  /** Of configurations that were reproduced with their models' files; empty where none was given. */
  readonly coefficients: readonly CoefficientFacts[];
};

// --- Words ---------------------------------------------------------------------------------------------------------

/** A sentence in pieces; together they are plain text. `id` names a configuration, which the page may link to its own page. */
export type Words = readonly Piece[];
export type Piece = {
  readonly text: string;
  /** `good` and `doubt` are said with more than a colour; `strong` is stressed. */
  readonly tone?: 'good' | 'doubt' | 'strong';
  /** Whole id of the configuration that this piece names. */
  readonly configuration?: string;
};

/** A figure's question, how to read it in one sentence, and what it shows: the figure's label. */
export type FigureWords = { readonly question: string; readonly howToRead: string; readonly finding: string };

// --- What the sweep is ---------------------------------------------------------------------------------------------

export type StateFacts = {
  /** Whether everything is judged that will be. Before it, sentences say `so far` and no check is ✓. */
  readonly isFinal: boolean;
  /** Of the last run. */
  readonly outcome: 'running' | 'finished' | 'interrupted';
  readonly finishedAt: string | null;
  /** `finished 2026-11-27 02:14 UTC`, `still running, 120 of 300 judged`. */
  readonly text: string;
};

export type CountFacts = {
  /** All of the sweep; the others add up to it. */
  readonly configurations: number;
  readonly pass: number;
  readonly notReady: number;
  readonly unconverged: number;
  /** Judged, and its gates not looked at. */
  readonly sealed: number;
  readonly error: number;
  readonly pending: number;
};

// --- First screen --------------------------------------------------------------------------------------------------

export type HeadlineFacts = {
  /** How many pass, where, and the strongest reason to doubt. */
  readonly title: Words;
  /** Best that passes, best by tune and what it misses. */
  readonly lead: Words;
};

export type CheckName = 'distinct' | 'edge' | 'margin' | 'carry-over' | 'market-only' | 'looks';
export type CheckFacts = {
  readonly name: CheckName;
  /** `open`: it cannot be said, or not yet. */
  readonly state: 'good' | 'doubt' | 'open';
  readonly title: string;
  readonly text: string;
};

export type AnswerFacts = {
  /** `tune: 10 days in 10 blocks, …` and what that cannot tell. */
  readonly about: readonly string[];
  readonly answers: readonly { readonly question: string; readonly answer: string }[];
  /** Why nothing can be said, without a full stop; null where it can. */
  readonly refused: string | null;
  /** The version of the statistics; null where there are none. */
  readonly statistics: number | null;
};

// --- Axes ----------------------------------------------------------------------------------------------------------

/** A parameter that varies within the sweep. Its column has the place of a row's value in `values`. */
export type AxisFacts = {
  /** `huberAlpha`: the name in a definition. */
  readonly name: string;
  /** `huber alpha`. */
  readonly label: string;
  /** Of the column of `rows`: `axis_huberAlpha`. */
  readonly column: string;
  /** Ascending where they are numbers. The last one may be that of rows of another kind. */
  readonly values: readonly AxisValueFacts[];
  /** Which metrics it can move: `all metrics`, `edge metrics only`, `none: …`. */
  readonly moves: string;
};

export type AxisValueFacts = {
  readonly text: string;
  /** Null for ages, kinds and `none`. */
  readonly number: number | null;
  /** `none`: the row's regressor has no such parameter. */
  readonly isNone: boolean;
};

// --- Which gates decide? -------------------------------------------------------------------------------------------

/** The eight gates, in the order of a verdict. Margins of each row are columns `margin_0` to `margin_7`. */
export type GateMatrixFacts = FigureWords & {
  readonly gates: readonly GateFacts[];
  /** By rank, where not all rows are embedded: null else. */
  readonly bins: GateBins | null;
};

export type GateFacts = {
  /** `long latest_stress continue_auc`. */
  readonly name: string;
  /** `LONG stress AUC`. */
  readonly label: string;
  readonly side: 'LONG' | 'SHORT';
  readonly split: GateSplitName;
  readonly metric: 'continue_auc' | 'edge_mae_vs_constant_ratio';
  readonly limit: number;
  /** Judged rows that meet it, of so many that are not sealed. */
  readonly passed: number;
  readonly of: number;
  /** Largest distance to the nearer bar on either side, for one scale of colour in a row. */
  readonly largest: number | null;
};

export type GateBins = {
  /** Ranks [from[i], to[i]], the best first, 1 the best. */
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** [gate][bin]: the worst margin in it, never a mean. */
  readonly worst: readonly (readonly (number | null)[])[];
  /** [gate][bin]: rows that meet the gate. */
  readonly met: readonly (readonly number[])[];
  readonly passes: readonly number[];
};

// --- Where does it pass? -------------------------------------------------------------------------------------------

/**
 * Cells of the grid, exact: nothing is interpolated. One map a kind of regressor and arrangement: `isDetailed` has a panel
 * for each value of every other axis, the other one a panel an ages set, with what else varies within its cells.
 */
export type HeatMapFacts = FigureWords & {
  readonly kind: 'huber' | 'ridge';
  readonly isDetailed: boolean;
  readonly x: HeatAxis;
  /** Null where there is one row of cells. */
  readonly y: HeatAxis | null;
  /** Axes whose values share a cell: what they move is said in `within`. */
  readonly within: string;
  readonly panels: readonly HeatPanel[];
  /** Why panels are fewer than there are, or levels coarser; null where they are not. */
  readonly coarse: string | null;
};

export type HeatAxis = {
  readonly name: string;
  readonly label: string;
  /** Of its levels, ascending. */
  readonly levels: readonly string[];
};

/** (levels of y × levels of x), x fastest; y ascends. */
export type HeatPanel = {
  /** `ages 30,60`. */
  readonly title: string;
  /** Values of the axes that the panel is of, by name: their places in `AxisFacts.values`. */
  readonly of: Readonly<Record<string, number>>;
  /** Least and greatest tune MAE, and smallest margin, of its cells: a panel's colours are scaled within it. */
  readonly tuneRange: Range | null;
  readonly marginRange: Range | null;
  /**
   * Configurations of each cell that were judged, those of them that pass, and those whose gates are sealed. Cells without
   * any are drawn as not judged.
   */
  readonly judged: readonly number[];
  readonly passes: readonly number[];
  readonly sealed: readonly number[];
  /** Not judged yet, or without a verdict. */
  readonly missing: readonly number[];
  /** The fewest gates that a configuration of the cell misses. */
  readonly missed: readonly (number | null)[];
  /** The lowest tune MAE, and the largest of the smallest margins. */
  readonly tune: readonly (number | null)[];
  readonly margin: readonly (number | null)[];
  /** Rank of the configuration with the lowest tune MAE, to open its page. */
  readonly rank: readonly (number | null)[];
};

export type Range = readonly [least: number, greatest: number];

// --- Which axes matter? --------------------------------------------------------------------------------------------

export type ImportanceFacts = FigureWords & {
  /** One for each kind of regressor: the axes of one do not multiply the other. */
  readonly variance: readonly VarianceFacts[];
  /** As `sweep report` has them, the largest effect first. */
  readonly medians: readonly AxisMedians[];
};

export type VarianceFacts = {
  readonly kind: 'huber' | 'ridge';
  readonly configurations: number;
  /** Why shares are not exact, and so not given; null where they are. */
  readonly notExact: string | null;
  /** Of single axes and pairs, the largest first, and what interactions of three and more have; they add up to 1. */
  readonly shares: readonly { readonly axes: readonly string[]; readonly label: string; readonly share: number }[];
};

export type AxisMedians = {
  readonly axis: string;
  readonly label: string;
  readonly moves: string;
  /** How far the medians lie apart. */
  readonly effect: number;
  /** In the order of the axis. */
  readonly values: readonly {
    readonly text: string;
    readonly count: number;
    readonly median: number;
    readonly best: number;
    readonly worst: number;
  }[];
};

// --- Does tune carry over? -----------------------------------------------------------------------------------------

export type CarryOverFacts = FigureWords & { readonly splits: readonly CarryOverSplit[] };

/** x: column `mae_tune`; y: column `mae_validation_locked` or `mae_latest_stress`; means over both sides. */
export type CarryOverSplit = {
  readonly split: GateSplitName;
  readonly finding: string;
  readonly x: string;
  readonly y: string;
  readonly limit: number;
  readonly count: number;
  /** Spearman's, over all judged rows; null of fewer than three, or where one of both does not vary. */
  readonly rho: number | null;
  readonly within: readonly { readonly ages: string; readonly count: number; readonly rho: number | null }[];
  /** Counts of all rows on a raster, where not all rows are embedded: null else. */
  readonly density: Density | null;
};

export type Density = {
  readonly x: Range;
  readonly y: Range;
  readonly columns: number;
  readonly lines: number;
  /** (lines × columns), x fastest, y ascending. */
  readonly counts: readonly number[];
  readonly passes: readonly number[];
};

// --- Steady, or a few days? ----------------------------------------------------------------------------------------

/** At most eight configurations that something is said of by name. */
export type NamedConfiguration = {
  readonly configuration: string;
  readonly row: number;
  /** `best by tune`, `best that passes`, `the defaults`; several where one is all of these. */
  readonly roles: readonly string[];
  /** `ages 30,60, huber, alpha 10, epsilon 1.05`. */
  readonly text: string;
};

export type DayFacts = FigureWords & {
  readonly curves: readonly DayCurve[];
  readonly table: readonly DayTableRow[];
};

/** Error saved by market_plus_state, summed from the split's first day on, in bps a row of the whole split. */
export type DayCurve = {
  readonly configuration: string;
  readonly side: 'LONG' | 'SHORT';
  readonly split: SplitName;
  /** `2026-09-01`, UTC. */
  readonly days: readonly string[];
  readonly rows: readonly number[];
  readonly againstMarketOnly: readonly number[];
  /** Null where the constant's losses by day are not in the store. */
  readonly againstConstant: readonly number[] | null;
};

/** Mean absolute errors, bps. */
export type DayTableRow = {
  readonly configuration: string;
  readonly side: 'LONG' | 'SHORT';
  readonly split: SplitName;
  readonly rows: number;
  readonly marketPlusState: number;
  readonly marketOnly: number;
  readonly constant: number | null;
};

// --- Calibration ---------------------------------------------------------------------------------------------------

export type CalibrationFacts = FigureWords & { readonly curves: readonly CalibrationCurve[] };

export type CalibrationCurve = {
  /** Place in `datasets`. */
  readonly dataset: number;
  readonly side: 'LONG' | 'SHORT';
  readonly set: SetName;
  readonly split: SplitName;
  /** Equal parts of the rows by predicted probability, ascending; fewer than ten where probabilities are equal. */
  readonly bins: readonly {
    readonly rows: number;
    readonly meanProbability: number;
    readonly sharePositive: number;
  }[];
};

// --- All configurations --------------------------------------------------------------------------------------------

export type SplitName = 'tune' | 'validation_locked' | 'latest_stress';
export type GateSplitName = Exclude<SplitName, 'tune'>;
export type SetName = 'market_only' | 'market_plus_state';

/** What a row's column `verdict` has the place of. */
export const ROW_VERDICTS = ['pass', 'not ready', 'unconverged', 'error', 'sealed'] as const;
export type RowVerdict = (typeof ROW_VERDICTS)[number];
/** What columns of words have the place of. */
export const ROW_WORDS = ['clear', 'leaning', 'noise', 'null'] as const;
export type RowWord = (typeof ROW_WORDS)[number];

/**
 * The rows that the columns have: judged ones by rank, then those that could not be judged.
 *
 * - `id`: 12 hexadecimal digits
 * - `rank`: 1 the best by tune, 0 of a failure
 * - `axis_NAME`: place in the axis' values
 * - `verdict`: place in `ROW_VERDICTS`
 * - `gates`: gates met, 255 where they are sealed; `gate_bits`: bit i of gate i that is met; `bar_bits`: bit i where market_only is the nearer bar
 * - `weakest`: gate with the smallest margin; `margin`: that margin
 * - `margin_0` to `margin_7`: each gate's distance to its nearer bar, positive where it is met
 * - `mae_tune`, `mae_validation_locked`, `mae_latest_stress`: market_plus_state's MAE over the constant's, mean of both
 *   sides; `auc_tune` likewise
 * - `duration_ms`, `dataset` (place in `datasets`), `run` (place in `runs`)
 * - only with `hasMetrics`: `SIDE_SET_SPLIT_mae` and `SIDE_SET_SPLIT_auc`, such as `long_market_only_tune_mae`
 * - only with `hasTrust`, NaN or 255 beyond `trusted` rows: `tune_half` (half width of mae_tune's own 95 % interval),
 *   `gain` (market_only − market_plus_state on tune), `gain_half` (joint in the list), `plateau` (1: may be the best),
 *   `decided` (1: these days decide the verdict), `word` (of the gate that decides), and of each gate `trust_margin_0`,
 *   `trust_half_0` (half width of its 95 % interval), `trust_flip_0`, `trust_list_flip_0`, `trust_word_0`,
 *   `trust_list_word_0` and `trust_of_0` (0 against the limit, 1 against market_only: the condition that speaks)
 */
export type RowsFacts = {
  /** In this file, and in the sweep. */
  readonly count: number;
  readonly of: number;
  /** How many characters tell an id from all others of the store. */
  readonly shortIdLength: number;
  readonly hasMetrics: boolean;
  readonly hasTrust: boolean;
  readonly trusted: number;
  readonly columns: readonly ColumnFacts[];
  /** Of rows that have any. */
  readonly tags: Readonly<Record<string, readonly string[]>>;
  /** By row: fits that did not converge, such as `short_market_only regressor stalled`. */
  readonly unconverged: Readonly<Record<string, readonly string[]>>;
  /** Parameters that do not vary. */
  readonly constant: readonly { readonly label: string; readonly text: string }[];
};

export type ColumnType = 'uint8' | 'uint16' | 'uint32' | 'float64' | 'hex12';

/** Where a column stands among the bytes; see `columns.ts`. */
export type ColumnFacts = { readonly name: string; readonly type: ColumnType; readonly at: number };

// --- Where it comes from -------------------------------------------------------------------------------------------

export type DatasetFacts = {
  /** `30,60`; with `, cap 1000` where caps differ. */
  readonly label: string;
  readonly agesMinutes: readonly number[];
  readonly maxRowsPerSplit: number;
  readonly rows: number | null;
  readonly baselineRun: string;
  /** Null where the report was made without the machine. */
  readonly dataRoot: string | null;
  readonly dataHash: string;
  readonly contentHash: string | null;
};

export type RunFacts = {
  readonly id: string;
  readonly sweep: string;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  readonly outcome: 'running' | 'finished' | 'interrupted';
  readonly reason: string | null;
  readonly judged: number;
  readonly errors: number;
  readonly codeVersion: string;
  readonly codeHash: string;
  readonly gitCommit: string | null;
  readonly gitDirty: boolean | null;
  readonly nodeVersion: string;
  readonly packages: Readonly<Record<string, string>>;
  /** Null where the run or the report was made without it. */
  readonly machine: string | null;
};

export type FailureFacts = {
  /** The most frequent first. */
  readonly reasons: readonly { readonly reason: string; readonly count: number; readonly example: string }[];
};

export type ReproduceFacts = {
  readonly commands: readonly { readonly command: string; readonly meaning: string }[];
  /** As JSON, indented. */
  readonly definition: string;
  readonly definitionSha256: string;
};

export type CoefficientFacts = {
  readonly configuration: string;
  readonly models: readonly {
    /** `long_market_plus_state`. */
    readonly model: string;
    readonly fit: 'classifier' | 'regressor';
    /** Of standardized features: log-odds of a classifier, bps of a regressor. */
    readonly intercept: number;
    /** By size, the largest first: of standardized features, and of features in their own units. */
    readonly features: readonly {
      readonly name: string;
      readonly standardized: number;
      readonly original: number;
    }[];
  }[];
};

// --- Several sweeps ------------------------------------------------------------------------------------------------

export type SweepComparisonFacts = {
  /** Places in `sweeps`. */
  readonly a: number;
  readonly b: number;
  readonly finding: string;
  readonly common: number;
  readonly onlyInA: number;
  readonly onlyInB: number;
  readonly sameData: number;
  /** How many went from one word to another, the most frequent first. */
  readonly verdicts: readonly { readonly a: RowVerdict; readonly b: RowVerdict; readonly count: number }[];
  /** B's mae_tune less A's. */
  readonly tuneChange: { readonly least: number; readonly median: number; readonly greatest: number } | null;
  /** Those that moved most, at most 50. */
  readonly moved: readonly {
    readonly configuration: string;
    readonly text: string;
    readonly verdictA: RowVerdict;
    readonly verdictB: RowVerdict;
    readonly tuneA: number | null;
    readonly tuneB: number | null;
    readonly marginA: number | null;
    readonly marginB: number | null;
  }[];
};
