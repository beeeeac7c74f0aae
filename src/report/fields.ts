import { GATES } from '../experiment/gates.ts';
import { PARAMETER_NAMES, parameterOf } from '../experiment/parameters.ts';
import { ALL_SPLITS, GATE_SPLITS, modelKey, SIDES, type Side, type SplitId } from '../experiment/results.ts';
import { shortHash } from '../short-hash.ts';
import {
  METRIC_COLUMNS,
  type MetricColumn,
  type MetricValue,
  metricColumn,
  metricColumnName,
  SPLIT_METRIC_NAMES,
} from '../store/metric-columns.ts';
import type { OutcomeValue, StoredValue } from '../store/ranked-outcomes.ts';
import type { FailedConfiguration, JudgedConfiguration } from '../store/records.ts';
import type { UnconvergedFit } from '../store/unconverged-fits.ts';
import { didYouMean } from '../sweep/did-you-mean.ts';
import { UserError } from '../user-error.ts';
import { axisValueOf, axisValueText } from './axes.ts';
import { shortGateName } from './gates-text.ts';
import { aucText, MISSING, marginText, measureText, ratioText, shortNumbers } from './number-text.ts';
import { VERDICT_WORDS, VERDICTS, verdictOf } from './verdict-words.ts';

/** Something that a leaderboard shows, sorts and filters by. Its name is its column's, in every form of the report. */
export type Field = {
  readonly name: string;
  readonly type: 'number' | 'text';
  /** Whether it was found out on a split that is to be locked: choosing by it spends that split. */
  readonly spendsLockedSplit: boolean;
  /** Which end comes first when nothing else is said. */
  readonly descendsByDefault: boolean;
  /** The columns it needs beside the summary. */
  readonly columns: readonly MetricColumn[];
  /** @param at where a column stands in `JudgedConfiguration.metrics` */
  readonly read: (entry: Entry, at: ColumnPlaces) => MetricValue;
  /** Where a store has what `read` gives. */
  readonly stored: StoredValue;
  /** How a table shows one of these values: numbers are shortened as far as they still differ. */
  readonly textOf: (values: readonly MetricValue[]) => (value: MetricValue) => string;
  /** All that a text can be, where that is known beforehand. */
  readonly domain: readonly string[] | null;
  /** How a text is found: whole, by its beginning as ids are, or as one of several in it, as tags are. */
  readonly foundBy: 'whole' | 'beginning' | 'member';
};

export type Outcome = JudgedConfiguration | FailedConfiguration;
export type ColumnPlaces = ReadonlyMap<MetricColumn, number>;

/** An outcome in its place. */
export type Entry = {
  readonly outcome: Outcome;
  /** By tune among all verdicts of the leaderboard, 1 the best; null where it could not be judged. */
  readonly rank: number | null;
  /** The sweeps that show it. */
  readonly sweeps: readonly string[];
  /** The fits of it that did not converge. */
  readonly unconverged: readonly UnconvergedFit[];
};

/**
 * - parameters: `ages kind alpha epsilon max_iter clip cap`, and the axes of a definition (`huberAlpha`, …)
 * - figures: `tune_mae tune_auc gates margin weakest_gate verdict rank`, and each side's (`long_mae`, `short_auc_gain`)
 * - where it comes from: `id sweep baseline data dataset code tags duration_ms`
 * - a metric of market_plus_state, mean over both sides: `tune.brier`, `validation_locked.continue_auc`
 * - a metric of one model: `short_market_only.tune.brier`, `long_market_plus_state.regressor_iterations`; the name of its
 *   column in an export will do, too
 *
 * @throws UserError when there is no such field
 */
export function fieldNamed(name: string): Field {
  const field = SIMPLE_FIELDS.get(ALIASES[name] ?? name) ?? meanField(name) ?? columnField(name);
  if (field !== undefined) return field;
  const known = [...SIMPLE_FIELDS.keys(), ...MEAN_NAMES.keys(), ...METRIC_COLUMNS.map((column) => column.name)];
  const meant = didYouMean(name, known);
  throw new UserError(
    `${JSON.stringify(name)}: no such field. ` +
      (meant === null
        ? `There are ${COMMON_FIELDS.join(', ')}, and metrics such as tune.brier and short_market_only.tune.brier`
        : `Did you mean ${meant}?`),
  );
}

/** Of a parameter's column: every parameter that shares it. A configuration has at most one of them. */
function parameterField(column: string): Field {
  const names = PARAMETER_NAMES.filter((name) => parameterOf(name).column === column);
  const isText = names.some((name) => parameterOf(name).bounds === null);
  return field({
    name: column,
    type: isText ? 'text' : 'number',
    stored: { of: 'parameter', names },
    read: ({ outcome }) => {
      for (const name of names) {
        const value = axisValueOf(outcome.configuration, name);
        if (value !== null) return typeof value === 'object' ? axisValueText(value) : value;
      }
      return null;
    },
    textOf: (values) => textOrNumber(shortNumbers(values.filter((value) => typeof value === 'number'))),
    domain: column === 'kind' ? parameterOf('regressorKind').kinds : null,
  });
}

/** The parameters, each column once, in the order of a definition's axes. */
export const PARAMETER_FIELDS: readonly Field[] = [
  ...new Set(PARAMETER_NAMES.map((name) => parameterOf(name).column)),
].map(parameterField);

function field(given: Pick<Field, 'name' | 'read' | 'stored'> & Partial<Field>): Field {
  return {
    type: 'number',
    spendsLockedSplit: false,
    descendsByDefault: false,
    columns: [],
    textOf: () => textOrNumber(measureText),
    domain: null,
    foundBy: 'whole',
    ...given,
  };
}

function textOrNumber(numberText: (value: number) => string): (value: MetricValue) => string {
  return (value) => (value === null ? MISSING : typeof value === 'number' ? numberText(value) : value);
}

/** A figure of a verdict; what could not be judged has none. */
function figure(
  name: string,
  stored: OutcomeValue,
  numberText: (value: number) => string,
  of: (judged: JudgedConfiguration) => MetricValue,
  more: Partial<Field> = {},
): Field {
  return field({
    name,
    stored: { of: 'outcome', name: stored },
    read: ({ outcome }) => ('metrics' in outcome ? of(outcome) : null),
    textOf: () => textOrNumber(numberText),
    ...more,
  });
}

function origin(name: string, stored: OutcomeValue, read: Field['read'], more: Partial<Field> = {}): Field {
  return field({ name, type: 'text', stored: { of: 'outcome', name: stored }, read, ...more });
}

/** Shown as far as anybody reads it, and found by its beginning. */
function hash(name: string, stored: OutcomeValue, read: Field['read']): Field {
  const textOf = () => (value: MetricValue) => (value === null ? MISSING : shortHash(String(value)));
  return origin(name, stored, read, { textOf, foundBy: 'beginning' });
}

function tagsOf(outcome: Outcome): string | null {
  return 'tags' in outcome && outcome.tags.length > 0 ? outcome.tags.join(MEMBERS) : null;
}

/** Between several names in one text. */
export const MEMBERS = ', ';

const LOCKED: Partial<Field> = { spendsLockedSplit: true, descendsByDefault: true };

const COMMON: readonly Field[] = [
  field({
    name: 'rank',
    stored: { of: 'outcome', name: 'rank' },
    read: ({ rank }) => rank,
    textOf: () => textOrNumber(String),
  }),
  origin('id', 'configurationId', ({ outcome }) => outcome.configurationId, { foundBy: 'beginning' }),
  ...PARAMETER_FIELDS,
  figure('tune_mae', 'tuneEdgeMaeRatio', ratioText, (judged) => judged.tuneEdgeMaeRatio),
  figure('tune_auc', 'tuneAuc', aucText, (judged) => judged.tuneAuc, { descendsByDefault: true }),
  figure('gates', 'gatesPassed', String, (judged) => judged.gatesPassed, LOCKED),
  figure('margin', 'smallestMargin', marginText, (judged) => judged.smallestMargin, LOCKED),
  figure('weakest_gate', 'weakestGate', String, (judged) => GATES[judged.weakestGate ?? -1]?.name ?? null, {
    type: 'text',
    spendsLockedSplit: true,
    textOf: () => (value) => (value === null ? MISSING : shortGateName(String(value))),
    domain: GATES.map((gate) => gate.name),
    foundBy: 'beginning',
  }),
  field({
    name: 'verdict',
    type: 'text',
    stored: { of: 'word', words: VERDICT_WORDS },
    read: ({ outcome, unconverged }) => verdictOf(outcome, unconverged),
    spendsLockedSplit: true,
    domain: VERDICTS,
  }),
  origin('sweep', 'sweep', ({ sweeps }) => (sweeps.length === 0 ? null : sweeps.join(MEMBERS)), { foundBy: 'member' }),
  origin('baseline', 'baselineRunId', ({ outcome }) => outcome.dataset.baselineRunId),
  hash('data', 'dataHash', ({ outcome }) => outcome.dataset.dataHash),
  hash('dataset', 'contentHash', ({ outcome }) => outcome.dataset.contentHash),
  hash('code', 'codeHash', ({ outcome }) => outcome.code.hash),
  origin('tags', 'tags', ({ outcome }) => tagsOf(outcome), { foundBy: 'member' }),
  field({
    name: 'duration_ms',
    stored: { of: 'outcome', name: 'durationMs' },
    read: ({ outcome }) => outcome.durationMs,
  }),
];
/** What a row of a leaderboard says of a verdict: rows that agree in these say the same. */
export const FIGURE_FIELDS: readonly Field[] = COMMON.filter(({ name }) =>
  ['tune_mae', 'tune_auc', 'gates', 'margin', 'weakest_gate', 'verdict'].includes(name),
);

const named = (name: string): Field => COMMON.find((field) => field.name === name)!;

/** What CSV, JSON and export say of every outcome, in this order. */
export const RECORD_FIELDS: readonly Field[] = [
  ...['rank', 'id', 'verdict', 'sweep', 'baseline', 'data', 'dataset', 'code', 'tags'].map(named),
  ...PARAMETER_FIELDS,
  ...['tune_mae', 'tune_auc', 'gates', 'margin', 'weakest_gate', 'duration_ms'].map(named),
];

const COMMON_FIELDS = COMMON.map(({ name }) => name);

/**
 * On tune, of one side: market_plus_state's ratio to the constant's loss and its AUC, and what they gain over
 * market_only's. A gain is positive where market_plus_state is better: a lower ratio, a higher AUC.
 */
export const SIDE_FIELDS: readonly Field[] = [
  ...SIDES.map((side) => sideField(side, 'mae')),
  ...SIDES.map((side) => gainField(side, 'mae')),
  ...SIDES.map((side) => sideField(side, 'auc')),
  ...SIDES.map((side) => gainField(side, 'auc')),
];

function sideField(side: Side, what: 'mae' | 'auc'): Field {
  const [column] = tuneColumns(side, what);
  const field = metricField(`${side.toLowerCase()}_${what}`, [column]);
  return { ...field, textOf: () => textOrNumber(what === 'mae' ? ratioText : aucText) };
}

function gainField(side: Side, what: 'mae' | 'auc'): Field {
  const [ofPlus, ofBase] = tuneColumns(side, what);
  // A gain: a ratio is better where it is lower, an AUC where it is higher.
  const columns = what === 'mae' ? [ofBase, ofPlus] : [ofPlus, ofBase];
  return field({
    name: `${side.toLowerCase()}_${what}_gain`,
    descendsByDefault: true,
    columns,
    stored: { of: 'metrics', columns, as: 'difference' },
    read: ({ outcome }, at) => {
      const [larger, smaller] = columns.map((column) => metricOf(outcome, column, at));
      return typeof larger === 'number' && typeof smaller === 'number' ? larger - smaller : null;
    },
    textOf: () => textOrNumber(marginText),
  });
}

function tuneColumns(side: Side, what: 'mae' | 'auc'): readonly [MetricColumn, MetricColumn] {
  const metric = what === 'mae' ? 'edge_mae_vs_constant_ratio' : 'continue_auc';
  const named = (set: 'market_plus_state' | 'market_only') =>
    metricColumn(metricColumnName(modelKey(side, set), 'tune', metric))!;
  return [named('market_plus_state'), named('market_only')];
}

/** Names that a table takes where it is narrow, and those of a definition's axes that a column has to itself. */
const ALIASES: { readonly [name: string]: string } = {
  '#': 'rank',
  eps: 'epsilon',
  iter: 'max_iter',
  maxIter: 'max_iter',
  mae: 'tune_mae',
  auc: 'tune_auc',
  weakest: 'weakest_gate',
  tag: 'tags',
  status: 'verdict',
  duration: 'duration_ms',
};

const SIMPLE_FIELDS: ReadonlyMap<string, Field> = new Map(
  [
    ...COMMON,
    ...SIDE_FIELDS,
    ...PARAMETER_NAMES.map((name) => {
      const shared = parameterField(parameterOf(name).column);
      const read = ({ outcome }: Entry): MetricValue => {
        const value = axisValueOf(outcome.configuration, name);
        return typeof value === 'object' && value !== null ? axisValueText(value) : value;
      };
      return { ...shared, name, read, stored: { of: 'parameter', names: [name] } as const };
    }),
  ].map((field) => [field.name, field]),
);

/** `tune.brier`: the split and metric of market_plus_state on both sides. */
const MEAN_NAMES: ReadonlyMap<string, readonly MetricColumn[]> = new Map(
  ALL_SPLITS.flatMap((split) =>
    SPLIT_METRIC_NAMES.map((metric) => [
      `${split}.${metric}`,
      SIDES.map((side) => metricColumn(metricColumnName(modelKey(side, 'market_plus_state'), split, metric))!),
    ]),
  ),
);

function meanField(name: string): Field | undefined {
  const columns = MEAN_NAMES.get(name);
  return columns && metricField(name, columns);
}

function columnField(name: string): Field | undefined {
  const column = metricColumn(name.replaceAll('.', '_'));
  return column && metricField(name, [column]);
}

/** The mean of columns; a text column stands alone. */
function metricField(name: string, columns: readonly MetricColumn[]): Field {
  const [first] = columns;
  return field({
    name,
    type: first?.type === 'TEXT' ? 'text' : 'number',
    spendsLockedSplit: columns.some((column) => isGateSplit(column.split)),
    descendsByDefault: first?.metric === 'continue_auc',
    columns,
    stored: { of: 'metrics', columns, as: 'mean' },
    read: ({ outcome }, at) => {
      let sum = 0;
      for (const column of columns) {
        const value = metricOf(outcome, column, at);
        if (typeof value !== 'number') return value;
        sum += value;
      }
      return sum / columns.length;
    },
  });
}

function metricOf(outcome: Outcome, column: MetricColumn, at: ColumnPlaces): MetricValue {
  return 'metrics' in outcome ? (outcome.metrics[at.get(column) ?? -1] ?? null) : null;
}

function isGateSplit(split: SplitId | null): boolean {
  return GATE_SPLITS.some((gate) => gate === split);
}
