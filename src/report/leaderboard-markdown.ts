import { countText } from '../counts.ts';
import type { Leaderboard } from './leaderboard.ts';
import { axisColumns, failureColumns, rowColumns } from './leaderboard-columns.ts';
import {
  AXES_TITLE,
  bestPassText,
  constantTexts,
  countsText,
  legendTexts,
  lockedSplitTexts,
  shownText,
  titleText,
  unconvergedNotes,
} from './leaderboard-text.ts';
import { printable } from './printable.ts';
import type { TextColumn } from './text-table.ts';

/** The leaderboard for a page: the tables of the terminal at full width, in GitHub's Markdown. */
export function leaderboardMarkdown(leaderboard: Leaderboard): string {
  const { warnings, failures, errorReasons, rows } = leaderboard;
  const columns = failures.length > 0 ? failureColumns(leaderboard) : rowColumns(leaderboard);
  const notes = [
    ...[bestPassText(leaderboard) ?? []].flat(),
    ...legendTexts(leaderboard),
    ...unconvergedNotes(leaderboard),
    ...constantTexts(leaderboard),
    ...lockedSplitTexts(leaderboard),
  ];
  return [
    `**${escaped(titleText(leaderboard))}** ${countsText(leaderboard)}`,
    '',
    ...warnings.map((warning) => `> ${escaped(warning)}\n`),
    ...(rows.length + failures.length === 0 ? ['nothing to show'] : tableLines(columns)),
    '',
    `${shownText(leaderboard)}.`,
    '',
    ...(leaderboard.axes.length === 0 ? [] : [AXES_TITLE, '', ...tableLines(axisColumns(leaderboard)), '']),
    ...errorReasons.map(({ reason, count }) => `- error ${countText(count)} × ${escaped(reason)}`),
    ...notes.map((text) => `- ${escaped(text)}`),
    '',
  ].join('\n');
}

function tableLines(columns: readonly TextColumn[]): string[] {
  const widest = columns.map((column) => column.forms[0]);
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rowCount = widest[0]?.cells.length ?? 0;
  return [
    line(widest.map((form) => escaped(form.header))),
    line(columns.map((column) => (column.align === 'right' ? '---:' : '---'))),
    ...Array.from({ length: rowCount }, (_, row) => line(widest.map((form) => escaped(form.cells[row] ?? '')))),
  ];
}

/** Text that Markdown shows as it is. */
function escaped(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|#~]/g, (character) => ENTITIES[character] ?? `\\${character}`);
}

// A backslash in front does not stop HTML everywhere.
const ENTITIES: { readonly [character: string]: string } = { '<': '&lt;', '>': '&gt;' };
