import { countText } from '../counts.ts';
import { GATES } from '../experiment/gates.ts';
import { parameterOf } from '../experiment/parameters.ts';
import { modelKey } from '../experiment/results.ts';
import type { MetricValue } from '../store/metric-columns.ts';
import { ROWS_AHEAD, type TrustRow } from '../trust/trust-row.ts';
import { axisValueText, movesText, shortAxisName } from './axes.ts';
import type { AxisSummary } from './axis-summary.ts';
import { FIGURE_FIELDS, type Field, PARAMETER_FIELDS } from './fields.ts';
import { type Fold, unfolded } from './fold.ts';
import { shortGateName } from './gates-text.ts';
import type { Leaderboard, LeaderboardRow } from './leaderboard.ts';
import { aucText, MISSING, marginText, ratioText, shortNumbers, signedText } from './number-text.ts';
import { printable } from './printable.ts';
import { type ColumnForm, columnsOver, type TextColumn } from './text-table.ts';
import { UNCONVERGED_MARK } from './unconverged-text.ts';
import { verdictOf } from './verdict-words.ts';

/** What a leaderboard's table has: a row for each fold, and below them the best that passes where none of them does. */
export type TableRow = Fold<LeaderboardRow>;

/** The folds shown, then the best that passes, unless one of them is it. */
export function tableRows({ folds, bestPass }: Leaderboard): TableRow[] {
  if (bestPass === null || folds.length === 0 || folds.some(passes)) return [...folds];
  return [...folds, ...unfolded([bestPass], PARAMETER_FIELDS)];
}

/**
 * The columns of a leaderboard's rows: rank, id, the parameters that vary, figures of tune, gates, verdict.
 *
 * @param wanted to be shown where there is room for them beside all others
 */
export function rowColumns(leaderboard: Leaderboard, wanted: readonly Field[] = []): TextColumn[] {
  const { shortIdLength, show, at } = leaderboard;
  const rows = tableRows(leaderboard);
  const { left, right } = columnsOver(rows);
  const shownIn = (field: Field, more: Parameters<typeof right>[2]): TextColumn => {
    const values = rows.map((row) => field.read(first(row), at));
    const text = field.textOf(values);
    const column = field.type === 'number' ? right : left;
    return column(field.name, (row) => printable(text(field.read(first(row), at))), more);
  };
  return [
    right(['rank', '#'], (row) => String(first(row).rank)),
    left('id', (row) => first(row).outcome.configurationId.slice(0, shortIdLength)),
    ...parameterColumns(leaderboard, rows),
    ...show
      .filter(({ name }) => !SHOWN.has(name) || (isTrusted(leaderboard) && NOT_BESIDE_TRUST.has(name)))
      .map((field) => shownIn(field, {})),
    ...(isTrusted(leaderboard) ? trustedFigureColumns : figureColumns)(
      leaderboard,
      rows,
      wanted.map((field) => shownIn(field, { priority: 'extra' })),
    ),
  ];
}

/** Figures of tune, gates, verdict. @param more beside tune's */
function figureColumns(_: Leaderboard, rows: readonly TableRow[], more: readonly TextColumn[]): TextColumn[] {
  const { left, right } = columnsOver(rows);
  return [
    right(['tune_mae', 'mae'], (row) => ratioText(first(row).outcome.tuneEdgeMaeRatio)),
    right(['tune_auc', 'auc'], (row) => aucText(first(row).outcome.tuneAuc), { priority: 'wanted', givesWay: 3 }),
    ...more,
    right('gates', (row) => gatesText(first(row)), { priority: 'wanted', givesWay: 2 }),
    right('margin', (row) => marginCell(first(row)), {
      style: (row) => ((first(row).outcome.smallestMargin ?? -1) < 0 ? 'red' : undefined),
    }),
    left(['weakest_gate', 'weakest'], (row) => weakestGate(first(row)), {
      priority: 'wanted',
      narrow: (row) => weakestGate(first(row)).replace(/ (auc|mae)\b/, ''),
    }),
    left('verdict', (row) => verdictCell(first(row)), {
      style: (row) => (passes(row) ? 'green' : 'dim'),
    }),
  ];
}

/**
 * The same with what chance and choice may have made of them. Of the gates a word alone: their margins would be a finer
 * signal than the gates, and spend the locked splits faster.
 */
function trustedFigureColumns(
  leaderboard: Leaderboard,
  rows: readonly TableRow[],
  more: readonly TextColumn[],
): TextColumn[] {
  const { left, right } = columnsOver(rows);
  const trustOf = (row: TableRow) => leaderboard.trust?.rows.get(first(row).outcome.configurationId);
  const gain = (row: TableRow) => {
    const trust = trustOf(row);
    if (trust === undefined) return MISSING;
    return `${signedText(trust.gain)} ${halfText(trust.gainHalf)}`.trimEnd();
  };
  return [
    right(['tune_mae', 'mae'], (row) => ratioText(first(row).outcome.tuneEdgeMaeRatio)),
    left('±', (row) => halfText(trustOf(row)?.half), { priority: 'wanted', givesWay: 1 }),
    left('', (row) => (trustOf(row)?.plateau === true ? '=' : '')),
    right(['gain vs market', 'gain'], gain, { priority: 'wanted', givesWay: 2 }),
    right(['tune_auc', 'auc'], (row) => aucText(first(row).outcome.tuneAuc), { priority: 'wanted', givesWay: 3 }),
    ...more,
    right('gates', (row) => gatesText(first(row)), { priority: 'wanted' }),
    left(['weakest gate', 'weakest'], (row) => weakestWords(first(row), trustOf(row)), {
      narrow: (row) => weakestWords(first(row), trustOf(row)).replace(/ (auc|mae)\b/, ''),
    }),
    trustedVerdictColumn(leaderboard, rows, trustOf),
  ];
}

/** `short stress mae noise`: the gate that decides, and how surely; marked as `weakestGate` is. */
function weakestWords(row: LeaderboardRow, trust: TrustRow | undefined): string {
  if (trust === undefined || trust.weakest === null || trust.weakestGate === null) return MISSING;
  const name = shortGateName(trust.weakestGate);
  return `${name} ${trust.weakest}${markOf(
    GATES.find((gate) => shortGateName(gate.name) === name),
    row,
  )}`;
}

/** The stored verdict, whether the days decide it, and among how many it was found; narrower, with a mark for doubt. */
function trustedVerdictColumn(
  leaderboard: Leaderboard,
  rows: readonly TableRow[],
  trustOf: (row: TableRow) => TrustRow | undefined,
): TextColumn {
  const { judged } = leaderboard.counts;
  // As `sweep trust` has it, and so however many rows are shown.
  const isFound = (i: number) => {
    const { outcome, rank } = first(rows[i]!);
    return leaderboard.isSearched || (outcome.passed === true && rank > ROWS_AHEAD);
  };
  const found = (i: number) => (isFound(i) ? `, found among ${countText(judged)}` : '');
  const isOpen = (row: TableRow) => trustOf(row)?.decided === false;
  const wide = rows.map((row, i) => {
    const doubt = isOpen(row)
      ? first(row).outcome.passed === true
        ? ', undecided'
        : ' (the days cannot settle it)'
      : '';
    return verdictCell(first(row)) + doubt + found(i);
  });
  const narrow = rows.map((row, i) => `${verdictCell(first(row))}${isOpen(row) ? ' ?' : ''}${isFound(i) ? ' *' : ''}`);
  const notes = [
    ...(rows.some(isOpen) ? ['?: undecided, the days cannot settle it'] : []),
    ...(rows.some((_, i) => isFound(i)) ? [`*: found among ${countText(judged)}`] : []),
  ];
  return {
    forms: [
      { header: 'verdict', cells: wide },
      { header: 'verdict', cells: narrow, note: notes.length === 0 ? undefined : notes.join('; ') },
    ],
    align: 'left',
    priority: 'needed',
    styleOf: (i) => (passes(rows[i]!) ? 'green' : 'dim'),
  };
}

function halfText(half: number | null | undefined): string {
  return half === undefined || half === null ? '' : `±${half.toFixed(3)}`;
}

function first({ rows: [row] }: TableRow): LeaderboardRow {
  return row;
}

/** Whether rows are shown with what may be believed of them. */
export function isTrusted({ trust }: Leaderboard): boolean {
  return trust !== null && trust.rows.size > 0;
}

/** The parameters that a column says something about: those that vary, unless every row has all of their values. */
export function varyingParameters(leaderboard: Leaderboard): Field[] {
  const folded = new Set(foldedParameters(leaderboard).map(({ field }) => field));
  return PARAMETER_FIELDS.filter((field) => varies(leaderboard, field) && !folded.has(field));
}

export type FoldedParameter = { readonly field: Field; readonly values: readonly MetricValue[] };

/** The parameters along which every row shown has the same several values: nothing moves along them. */
export function foldedParameters(leaderboard: Leaderboard): FoldedParameter[] {
  const [first, ...others] = leaderboard.folds;
  if (first === undefined) return [];
  return PARAMETER_FIELDS.flatMap((field) => {
    const values = first.values.get(field) ?? [];
    const isSame = others.every((fold) => String(fold.values.get(field)) === String(values));
    return values.length > 1 && isSame ? [{ field, values }] : [];
  });
}

/** The columns of what could not be judged. */
export function failureColumns(leaderboard: Leaderboard): TextColumn[] {
  const { failures, shortIdLength } = leaderboard;
  const { left, right } = columnsOver(failures);
  const folds = unfolded(failures, PARAMETER_FIELDS);
  return [
    left('id', ({ outcome }) => outcome.configurationId.slice(0, shortIdLength)),
    ...PARAMETER_FIELDS.filter((field) => varies(leaderboard, field)).map((field) => parameterColumn(field, folds)),
    right('tries', ({ outcome }) => String(outcome.attempts)),
    left('error', ({ outcome }) => printable(`${outcome.error.name}: ${outcome.error.message}`), { mayBeCut: true }),
  ];
}

/** The columns of what the grid says: the best and the worst value of each axis, and what lies between. */
export function axisColumns({ axes }: Leaderboard): TextColumn[] {
  const { left, right } = columnsOver(axes);
  const valueText = ({ values }: AxisSummary, i: number) => {
    const numbers = values.map(({ value }) => value).filter((value) => typeof value === 'number');
    return axisValueText(values.at(i)!.value, shortNumbers(numbers));
  };
  return [
    left('axis', ({ axis }) => axis, { narrow: ({ axis }) => shortAxisName(axis) }),
    right('values', ({ values }) => countText(values.length), { priority: 'extra' }),
    right('best', (summary) => valueText(summary, 0)),
    right('median', ({ values }) => ratioText(values[0]!.median)),
    right('worst', (summary) => valueText(summary, -1), { priority: 'wanted' }),
    right('median', ({ values }) => ratioText(values.at(-1)!.median), {
      priority: 'wanted',
      hiddenAs: 'median at the worst',
    }),
    right('effect', ({ spread }) => ratioText(spread)),
    left(['can move', 'moves'], ({ axis }) => movesText(axis), {
      narrow: ({ axis }) => movesText(axis).replace(/[ :].*/, ''),
    }),
  ];
}

/** `0, 60, 120`: values of one parameter in words. */
export function valuesText(values: readonly MetricValue[], field: Field): string {
  const text = field.textOf(values);
  const separator = values.some((value) => typeof value === 'string' && value.includes(',')) ? '; ' : ', ';
  return values.map(text).join(separator);
}

function passes({ rows: [row] }: TableRow): boolean {
  return verdictOf(row.outcome, row.unconverged) === 'pass';
}

/** Whether one of the axes that a column stands for varies. */
function varies({ varying }: Leaderboard, { name }: Field): boolean {
  return varying.some((axis) => parameterOf(axis).column === name);
}

function gatesText({ outcome }: LeaderboardRow): string {
  return outcome.gatesPassed === null ? SEALED : `${outcome.gatesPassed}/${GATES.length}`;
}

/** `-0.0115 mae`: a margin is in points of its gate's metric, and those of AUC and of a ratio do not compare. */
function marginCell({ outcome }: LeaderboardRow): string {
  if (outcome.smallestMargin === null) return MISSING;
  const isAuc = GATES[outcome.weakestGate ?? -1]?.metric === 'continue_auc';
  return `${marginText(outcome.smallestMargin)} ${isAuc ? 'auc' : 'mae'}`;
}

/** Marked where the market_only fit that it compares with did not converge. */
function weakestGate({ outcome, unconverged }: LeaderboardRow): string {
  const gate = GATES[outcome.weakestGate ?? -1];
  return gate === undefined ? MISSING : `${shortGateName(gate.name)}${markOf(gate, { unconverged })}`;
}

function markOf(
  gate: (typeof GATES)[number] | undefined,
  { unconverged }: Pick<LeaderboardRow, 'unconverged'>,
): string {
  if (gate === undefined) return '';
  const compared = gate.metric === 'continue_auc' ? 'classifier' : 'regressor';
  const isMarked = unconverged.some(
    ({ model, fit }) => model === modelKey(gate.side, 'market_only') && fit === compared,
  );
  return isMarked ? ` ${UNCONVERGED_MARK}` : '';
}

/** Marked where a fit did not converge and the word does not say so. */
function verdictCell({ outcome, unconverged }: LeaderboardRow): string {
  const word = verdictOf(outcome, unconverged);
  return unconverged.length === 0 || word === 'unconverged' ? word : `${word} ${UNCONVERGED_MARK}`;
}

function parameterColumns(leaderboard: Leaderboard, rows: readonly TableRow[]): TextColumn[] {
  const fields = varyingParameters(leaderboard);
  // A ridge configuration has no epsilon, so that column says the kind where there is no room for its own.
  const saysKind = fields.some(({ name }) => name === 'epsilon');
  return fields.map((field) => {
    const column = parameterColumn(field, rows);
    return field.name === 'kind' && saysKind ? { ...column, priority: 'wanted', givesWay: 1 } : column;
  });
}

function parameterColumn(field: Field, rows: readonly Fold[]): TextColumn {
  const all = rows.flatMap(({ values }) => values.get(field) ?? []);
  const text = field.textOf(all);
  const cells = rows.map(({ values }) => listText((values.get(field) ?? []).map(text)));
  const forms: TextColumn['forms'] = [{ header: field.name, cells }, ...narrowForms(field, cells)];
  return { forms, align: field.type === 'text' ? 'left' : 'right', priority: 'needed' };
}

/** `0 60 120`; of many the first and the last. */
function listText(texts: readonly string[]): string {
  if (texts.length <= MOST_LISTED) return texts.join(' ');
  return `${texts[0]} … ${texts.at(-1)} (${countText(texts.length)})`;
}

function narrowForms({ name }: Field, cells: readonly string[]): ColumnForm[] {
  if (name === 'epsilon') return [{ header: 'eps', cells }];
  if (name === 'max_iter') return [{ header: 'iter', cells }];
  return name === 'ages' ? letterForm('ages', cells) : [];
}

/** Long texts as letters, explained below the table. */
function letterForm(header: string, cells: readonly string[]): ColumnForm[] {
  const different = [...new Set(cells)];
  if (different.length > ALPHABET.length || different.every((text) => text.length <= SHORT_TEXT)) return [];
  const letterOf = (text: string) => ALPHABET[different.indexOf(text)]!;
  const note = `${header}: ${different.map((text) => `${letterOf(text)} = ${text}`).join('; ')}`;
  return [{ header, cells: cells.map(letterOf), note }];
}

/** The fields that have a column in any case, or say that they are the same in all. */
const SHOWN = new Set(['rank', 'id', ...[...PARAMETER_FIELDS, ...FIGURE_FIELDS].map(({ name }) => name)]);

/** What a word stands for where there is one, and is shown when it is asked for. */
const NOT_BESIDE_TRUST = new Set(['margin', 'weakest_gate']);

/** In place of what nobody was shown yet. */
const SEALED = 'sealed';
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';
const SHORT_TEXT = 6;
const MOST_LISTED = 4;
