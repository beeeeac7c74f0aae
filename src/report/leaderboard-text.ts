import { shortAxisName } from './axes.ts';
import type { Leaderboard } from './leaderboard.ts';
import { axisColumns, axisValueText, failureColumns, rowColumns } from './leaderboard-columns.ts';
import { countOf, countText } from './number-text.ts';
import { printable, truncate } from './printable.ts';
import { paint, type Screen, textTable, wrap } from './text-table.ts';
import { UNCONVERGED_NOTE } from './unconverged-text.ts';

/** The leaderboard for a terminal: what is in it, the rows, and below them what the grid says. */
export function leaderboardText(leaderboard: Leaderboard, screen: Screen): string {
  return [
    ...titleLines(leaderboard, screen),
    '',
    ...tableLines(leaderboard, screen),
    ...axisLines(leaderboard, screen),
    ...closingLines(leaderboard, screen),
    '',
  ].join('\n');
}

/** `288 configurations: 12 pass, 270 not ready, 6 failed, 0 pending`. */
export function countsText({ counts }: Leaderboard): string {
  const total = counts.judged + counts.failed + counts.pending;
  return (
    `${countOf(total, 'configuration')}: ${countText(counts.passed)} pass, ${countText(counts.notReady)} not ready, ` +
    `${countText(counts.failed)} failed, ${countText(counts.pending)} pending`
  );
}

/** `same in all: epsilon 1.35, clip 0`, or nothing. */
export function constantTexts({ constant }: Leaderboard): string[] {
  const texts = constant.map(({ axis, value }) => `${shortAxisName(axis)} ${axisValueText(value)}`);
  return texts.length === 0 ? [] : [`same in all: ${texts.join('; ')}`];
}

/** How the locked splits were used so far. */
export function lockedSplitTexts({ lockedSplits }: Leaderboard): string[] {
  return lockedSplits.map(
    ({ baselineRunId, configurationCount }) =>
      `locked splits of ${printable(baselineRunId)}: ${countOf(configurationCount, 'configuration')} of this store judged on them`,
  );
}

export const AXES_TITLE = 'what the grid says: median tune mae at the best and worst value of each axis';
export const LEGEND =
  'tune mae: market_plus_state’s edge MAE over the constant’s on tune, mean of both sides; lower is better';

/** What the mark behind a verdict means, where one is shown. */
export function unconvergedNotes({ rows }: Leaderboard): string[] {
  return rows.some((row) => row.unconverged.length > 0) ? [UNCONVERGED_NOTE] : [];
}

function titleLines(leaderboard: Leaderboard, screen: Screen): string[] {
  const { sweep, conditions, status, sort, warnings } = leaderboard;
  const asked = [
    ...conditions.map(printable),
    ...(status === null ? [] : [`status ${status}`]),
    ...(sort === null ? [] : [`sorted by ${sort.field.name}, ${sort.descending ? 'highest' : 'lowest'} first`]),
  ];
  return [
    `${paint('bold', sweep === null ? 'all sweeps' : printable(sweep), screen.color)}  ${countsText(leaderboard)}`,
    ...(asked.length === 0 ? [] : [asked.join(' · ')]),
    ...warnings.map((warning) => paint('yellow', `! ${printable(warning)}`, screen.color)),
  ];
}

function tableLines(leaderboard: Leaderboard, screen: Screen): string[] {
  const { rows, failures, matchingCount, sort } = leaderboard;
  const dim = (text: string) => paint('dim', text, screen.color);
  const shownCount = rows.length + failures.length;
  if (shownCount === 0) return ['nothing to show'];
  const table = textTable(failures.length > 0 ? failureColumns(leaderboard) : rowColumns(leaderboard), screen);
  const isAll = shownCount === matchingCount;
  const notes = [
    ...table.notes,
    ...constantTexts(leaderboard),
    ...(failures.length > 0 ? [] : [LEGEND]),
    ...(sort === null ? [] : ['#: rank by tune mae among all that were judged']),
    ...unconvergedNotes(leaderboard),
    `${countText(shownCount)} of ${countText(matchingCount)} shown${isAll ? '' : '; --top N shows more'}` +
      (table.dropped.length === 0 ? '' : `; hidden at this width: ${table.dropped.join(', ')}`),
  ];
  return [...table.lines, '', ...notes.flatMap((note) => wrap(note, screen.width)).map(dim)];
}

function axisLines(leaderboard: Leaderboard, screen: Screen): string[] {
  if (leaderboard.axes.length === 0) return [];
  return ['', paint('bold', AXES_TITLE, screen.color), ...textTable(axisColumns(leaderboard), screen).lines];
}

function closingLines(leaderboard: Leaderboard, screen: Screen): string[] {
  const reasons = leaderboard.failureReasons.slice(0, MOST_REASONS).map(({ reason, count }) => {
    return truncate(`failed ${countText(count)} × ${printable(reason)}`, screen.width);
  });
  const more = leaderboard.failureReasons.length - reasons.length;
  return [
    '',
    ...reasons.map((line) => paint('red', line, screen.color)),
    ...(more > 0 ? [`and ${countOf(more, 'other reason')}; --status error lists them`] : []),
    ...lockedSplitTexts(leaderboard),
  ];
}

const MOST_REASONS = 3;
