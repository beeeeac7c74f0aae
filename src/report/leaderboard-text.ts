import { countOf, countText } from '../counts.ts';
import { parameterOf } from '../experiment/parameters.ts';
import { SIDES } from '../experiment/results.ts';
import { shortHash } from '../short-hash.ts';
import { axisValueText, shortAxisName } from './axes.ts';
import { hintedCommand, quotedCommands } from './command-line.ts';
import type { Field } from './fields.ts';
import type { Leaderboard } from './leaderboard.ts';
import {
  axisColumns,
  failureColumns,
  foldedParameters,
  isTrusted,
  rowColumns,
  tableRows,
  valuesText,
  varyingParameters,
} from './leaderboard-columns.ts';
import { printable, truncate } from './printable.ts';
import { hiddenText, noteLines, paint, type Screen, tableLines, textTable, wrap } from './text-table.ts';
import { believeLines } from './trust-text.ts';
import { unconvergedNote } from './unconverged-text.ts';

/** The leaderboard for a terminal: what is in it, the rows, and below them what the grid says. */
export function leaderboardText(leaderboard: Leaderboard, screen: Screen): string {
  return [
    ...titleLines(leaderboard, screen),
    '',
    ...rowLines(leaderboard, screen),
    ...axisLines(leaderboard, screen),
    ...trustLines(leaderboard, screen),
    ...closingLines(leaderboard, screen),
    '',
  ].join('\n');
}

/** The rows once more with what may be believed of them, and of the sweep: below a leaderboard that had to come first. */
export function trustedRowsText(leaderboard: Leaderboard, screen: Screen): string {
  const rows = isTrusted(leaderboard) ? withGap(fittedTable(leaderboard, screen).table.lines, leaderboard) : [];
  return [...rows, ...trustLines(leaderboard, screen), ''].join('\n');
}

/** `288 configurations: 12 pass, 270 not ready, 6 error`; the last two words only where there is something to count. */
export function countsText({ counts }: Leaderboard): string {
  const { judged, pass, notReady, unconverged, sealed, error, pending } = counts;
  const isAllSealed = sealed > 0 && sealed === judged;
  const parts = [
    ...(isAllSealed ? [] : [`${countText(pass)} pass`, `${countText(notReady)} not ready`]),
    ...(unconverged > 0 ? [`${countText(unconverged)} unconverged`] : []),
    ...(sealed > 0 ? [`${countText(sealed)} sealed`] : []),
    ...(error > 0 ? [`${countText(error)} error`] : []),
    ...(pending > 0 ? [`${countText(pending)} pending`] : []),
  ];
  return `${countOf(judged + error + pending, 'configuration')}: ${parts.join(', ')}`;
}

/** What it is a leaderboard of: a sweep, or everything on one baseline run. */
export function titleText({ sweep, baselineRunIds, dataHash }: Leaderboard): string {
  const data = dataHash === undefined ? '' : `, data ${shortHash(dataHash)}`;
  return sweep ?? (baselineRunIds.length === 1 ? `baseline run ${baselineRunIds[0]}${data}` : 'all sweeps');
}

/** What is equal in all rows, or makes no difference to them. */
export function constantTexts(leaderboard: Leaderboard): string[] {
  // An alpha that is constant for each kind has a column where there are two kinds.
  const columns = new Set(varyingParameters(leaderboard).map(({ name }) => name));
  const same = leaderboard.constant
    .filter(({ axis }) => !columns.has(parameterOf(axis).column))
    .map(({ axis, value }) => `${shortAxisName(axis)} ${axisValueText(value)}`);
  return [
    ...foldedParameters(leaderboard).map(
      ({ field, values }) => `${field.name} ${valuesText(values, field)}: the same, to the digits shown`,
    ),
    ...(same.length === 0 ? [] : [`same in all: ${same.join('; ')}`]),
  ];
}

/** How the locked splits were used so far. */
export function lockedSplitTexts({ lockedSplits, counts }: Leaderboard): string[] {
  const judged = lockedSplits.map(({ baselineRunId, dataHash, configurationCount }) => {
    const isOneOfSeveral = lockedSplits.filter((other) => other.baselineRunId === baselineRunId).length > 1;
    const data = isOneOfSeveral ? ` (data ${shortHash(dataHash)})` : '';
    const count = countOf(configurationCount, 'configuration');
    return `locked splits of ${printable(baselineRunId)}${data}: ${count} of this store judged on them`;
  });
  if (counts.sealed === 0) return judged;
  return [...judged, `${countText(counts.sealed)} of those above are sealed: nobody has looked at their gates`];
}

export const AXES_TITLE = 'what the grid says: median tune_mae at the best and worst value of each axis';

/** What the columns mean that are shown. */
export function legendTexts(
  leaderboard: Leaderboard,
  wanted: readonly Field[] = [],
  screen: Partial<Screen> = {},
): string[] {
  if (leaderboard.rows.length === 0) return [];
  const gains = [...wanted, ...leaderboard.show].some(({ name }) => name.endsWith('_gain'));
  const margins = !isTrusted(leaderboard) || leaderboard.show.some(({ name }) => name === 'margin');
  return [
    "tune_mae: market_plus_state's edge MAE over the constant's on tune, mean of both sides; lower is better",
    ...(isTrusted(leaderboard)
      ? [
          '±: by the days alone (95%), for a row named beforehand; of a gain for all rows at once. =: may be the best',
          `weakest gate: the one that decides, and how surely it is passed or missed: clear, leaning, noise (numbers: ${hintedCommand(screen, ['show', 'ID'])})`,
        ]
      : []),
    ...(margins
      ? [
          "margin: the weakest gate's distance to its limit or to market_only, in points of AUC (auc) or of the MAE ratio (mae)",
        ]
      : []),
    ...(gains ? ['gain: what market_plus_state gains over market_only on tune; positive is better'] : []),
  ];
}

/** What the mark behind a verdict means, where one is shown. */
export function unconvergedNotes({ rows }: Leaderboard, screen: Partial<Screen> = {}): string[] {
  return rows.some((row) => row.unconverged.length > 0) ? [unconvergedNote(screen)] : [];
}

/** `30 of 300 configurations shown, in 10 rows`. */
export function shownText({ rows, folds, failures, matchingCount }: Leaderboard): string {
  const count = rows.length + failures.length;
  const inRows = folds.length < rows.length ? `, in ${countOf(folds.length, 'row')}` : '';
  return `${countText(count)} of ${countOf(matchingCount, 'configuration')} shown${inRows}`;
}

/** Said of the last row where it does not follow on the one before; null where every row shown does. */
export function bestPassText(leaderboard: Leaderboard): string | null {
  if (tableRows(leaderboard).length === leaderboard.folds.length) return null;
  return 'the last row is the best that passes';
}

function titleLines(leaderboard: Leaderboard, screen: Screen): string[] {
  const { conditions, status, sort, warnings } = leaderboard;
  const asked = [
    ...conditions.map(printable),
    ...(status === null ? [] : [`status ${status}`]),
    ...(sort === null ? [] : [`sorted by ${sort.field.name}, ${sort.descending ? 'highest' : 'lowest'} first`]),
  ];
  return [
    `${paint('bold', printable(titleText(leaderboard)), screen.color)}  ${countsText(leaderboard)}`,
    ...(asked.length === 0 ? [] : [asked.join(' · ')]),
    ...warnings
      .flatMap((warning) => wrap(`! ${printable(warning)}`, screen.width))
      .map((line) => paint('yellow', line, screen.color)),
  ];
}

function rowLines(leaderboard: Leaderboard, screen: Screen): string[] {
  const { rows, failures, matchingCount, sort } = leaderboard;
  const shownCount = rows.length + failures.length;
  if (shownCount === 0) return ['nothing to show'];
  const { table, wanted } = fittedTable(leaderboard, screen);
  const isAll = shownCount === matchingCount;
  const notes = [
    ...[bestPassText(leaderboard) ?? []].flat(),
    ...table.notes,
    ...constantTexts(leaderboard),
    ...legendTexts(leaderboard, wanted, screen),
    ...(sort === null ? [] : ['rank: by tune_mae among all that were judged']),
    ...unconvergedNotes(leaderboard, screen),
    [`${shownText(leaderboard)}${isAll ? '' : '; --top N shows more'}`, ...hiddenText(table.dropped)].join('; '),
  ];
  return [...withGap(table.lines, leaderboard), '', ...noteLines(notes, screen)];
}

/** The table with as many of the wanted columns as have room, two at a time: one side's figure alone tells little. */
function fittedTable(leaderboard: Leaderboard, screen: Screen) {
  if (leaderboard.failures.length > 0) return { table: textTable(failureColumns(leaderboard), screen), wanted: [] };
  for (let count = leaderboard.wanted.length; ; count = Math.max(0, count - SIDES.length)) {
    const wanted = leaderboard.wanted.slice(0, count);
    const table = textTable(rowColumns(leaderboard, wanted), screen);
    if (wanted.every(({ name }) => !table.dropped.includes(name))) return { table, wanted };
  }
}

/** The best that passes stands apart from the rows that it does not follow. */
function withGap(lines: readonly string[], leaderboard: Leaderboard): readonly string[] {
  return bestPassText(leaderboard) === null ? lines : [...lines.slice(0, -1), '   …', ...lines.slice(-1)];
}

function axisLines(leaderboard: Leaderboard, screen: Screen): string[] {
  if (leaderboard.axes.length === 0) return [];
  return ['', paint('bold', AXES_TITLE, screen.color), ...tableLines(axisColumns(leaderboard), screen)];
}

/** Can this be believed? Five questions, or in one line why they cannot be answered. */
function trustLines({ trust }: Leaderboard, screen: Screen): string[] {
  if (trust === null) return [];
  const { statement, whyNone, looks } = trust;
  if (statement !== null && !('refused' in statement)) return ['', ...believeLines(statement, screen, looks)];
  const why = quotedCommands(statement?.refused ?? whyNone ?? '', screen);
  return ['', ...wrap(`can this be believed? ${why}`, screen.width)];
}

function closingLines(leaderboard: Leaderboard, screen: Screen): string[] {
  const reasons = leaderboard.errorReasons.slice(0, MOST_REASONS).map(({ reason, count }) => {
    return truncate(`error ${countText(count)} × ${printable(reason)}`, screen.width);
  });
  const more = leaderboard.errorReasons.length - reasons.length;
  return [
    '',
    ...reasons.map((line) => paint('red', line, screen.color)),
    ...(more > 0 ? [`and ${countOf(more, 'other reason')}; --status error lists them`] : []),
    ...lockedSplitTexts(leaderboard),
  ];
}

const MOST_REASONS = 3;
