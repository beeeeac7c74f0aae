import { GATES } from '../experiment/gates.ts';
import type { AxisName } from '../sweep/axis-effects.ts';
import { type AxisValue, axisValueKey, axisValueOf, movesText, shortAxisName } from './axes.ts';
import type { AxisSummary } from './axis-summary.ts';
import type { Outcome } from './fields.ts';
import { shortGateName } from './gates-text.ts';
import type { Leaderboard, LeaderboardRow } from './leaderboard.ts';
import { aucText, countText, MISSING, marginText, measureText, ratioText, shortNumbers } from './number-text.ts';
import { printable } from './printable.ts';
import { type ColumnForm, columnsOver, type TextColumn } from './text-table.ts';
import { UNCONVERGED_MARK } from './unconverged-text.ts';

/** The columns of a leaderboard's rows: rank, id, the parameters that vary, figures of tune, gates, verdict. */
export function rowColumns({ rows, varying, sort, shortIdLength }: Leaderboard): TextColumn[] {
  const { left, right } = columnsOver(rows);
  const sortColumn =
    sort === null || SHOWN_FIELDS.has(sort.field.name)
      ? []
      : [
          right(sort.field.name, ({ sortValue: value }) =>
            typeof value === 'string' ? printable(value) : measureText(value),
          ),
        ];
  return [
    right('#', ({ rank }) => String(rank)),
    left('id', ({ judged }) => judged.configurationId.slice(0, shortIdLength)),
    ...parameterColumns(
      varying,
      rows.map((row) => row.judged),
    ),
    ...sortColumn,
    right(['tune mae', 'mae'], ({ judged }) => ratioText(judged.tuneEdgeMaeRatio)),
    right(['tune auc', 'auc'], ({ judged }) => aucText(judged.tuneAuc), { priority: 'wanted' }),
    right('gates', ({ judged }) => `${judged.gatesPassed}/${GATES.length}`),
    right('margin', ({ judged }) => marginText(judged.smallestMargin), {
      priority: 'wanted',
      style: ({ judged }) => ((judged.smallestMargin ?? -1) < 0 ? 'red' : undefined),
    }),
    left('weakest gate', ({ judged }) => shortGateName(GATES[judged.weakestGate]?.name ?? MISSING), {
      priority: 'extra',
    }),
    left(['verdict', 'pass'], (row) => marked(row, row.judged.passed ? 'PASS' : 'not ready'), {
      narrow: (row) => marked(row, row.judged.passed ? 'yes' : 'no'),
      style: ({ judged }) => (judged.passed ? 'green' : 'dim'),
    }),
  ];
}

function marked({ unconverged }: LeaderboardRow, text: string): string {
  return unconverged.length === 0 ? text : `${text} ${UNCONVERGED_MARK}`;
}

/** The fields that have a column in any case. */
const SHOWN_FIELDS = new Set([
  'kind',
  'alpha',
  'epsilon',
  'maxIter',
  'clip',
  'cap',
  'ages',
  'mae',
  'auc',
  'gates',
  'margin',
]);

/** The columns of what could not be judged. */
export function failureColumns({ failures, varying, shortIdLength }: Leaderboard): TextColumn[] {
  const { left, right } = columnsOver(failures);
  return [
    left('id', (failure) => failure.configurationId.slice(0, shortIdLength)),
    ...parameterColumns(varying, failures),
    right('tries', (failure) => String(failure.attempts)),
    left('error', ({ error }) => printable(`${error.name}: ${error.message}`), { mayBeCut: true }),
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
    right('median', ({ values }) => ratioText(values.at(-1)!.median), { priority: 'wanted' }),
    right('effect', ({ spread }) => ratioText(spread)),
    left(['can move', 'moves'], ({ axis }) => movesText(axis), {
      narrow: ({ axis }) => movesText(axis).replace(/[ :].*/, ''),
    }),
  ];
}

export function axisValueText(value: AxisValue, numberText: (value: number) => string = String): string {
  if (value === null) return MISSING;
  return typeof value === 'number' ? numberText(value) : String(axisValueKey(value));
}

function parameterColumns(varying: readonly AxisName[], outcomes: readonly Outcome[]): TextColumn[] {
  // Of huberAlpha and ridgeAlpha a configuration has one: they share a column, also where only one of them varies.
  const isAlpha = (axis: AxisName) => axis === 'huberAlpha' || axis === 'ridgeAlpha';
  const firstAlpha = varying.find(isAlpha);
  return varying
    .filter((axis) => !isAlpha(axis) || axis === firstAlpha)
    .map((axis) => parameterColumn(axis, isAlpha(axis) ? ['huberAlpha', 'ridgeAlpha'] : [axis], outcomes));
}

function parameterColumn(axis: AxisName, sources: readonly AxisName[], outcomes: readonly Outcome[]): TextColumn {
  const values = outcomes.map(({ configuration }) => {
    return sources.map((source) => axisValueOf(configuration, source)).find((value) => value !== null) ?? null;
  });
  const numberText = shortNumbers(values.filter((value) => typeof value === 'number'));
  const cells = values.map((value) => axisValueText(value, numberText));
  const header = sources.length > 1 ? 'alpha' : shortAxisName(axis);
  const forms: TextColumn['forms'] = [{ header, cells }, ...narrowForms(axis, cells)];
  const isText = axis === 'agesMinutes' || axis === 'regressorKind';
  return { forms, align: isText ? 'left' : 'right', priority: 'needed' };
}

function narrowForms(axis: AxisName, cells: readonly string[]): ColumnForm[] {
  if (axis === 'huberEpsilon') return [{ header: 'eps', cells }];
  if (axis === 'huberMaxIter') return [{ header: 'iter', cells }];
  return axis === 'agesMinutes' ? letterForm('ages', cells) : [];
}

/** Long texts as letters, explained below the table. */
function letterForm(header: string, cells: readonly string[]): ColumnForm[] {
  const different = [...new Set(cells)];
  if (different.length > ALPHABET.length || different.every((text) => text.length <= SHORT_TEXT)) return [];
  const letterOf = (text: string) => ALPHABET[different.indexOf(text)]!;
  const note = `${header}: ${different.map((text) => `${letterOf(text)} = ${text}`).join('; ')}`;
  return [{ header, cells: cells.map(letterOf), note }];
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz';
const SHORT_TEXT = 6;
