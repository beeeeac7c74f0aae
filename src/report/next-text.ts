import { commandLine } from './command-line.ts';
import type { Leaderboard } from './leaderboard.ts';
import { displayWidth, pad } from './printable.ts';
import type { Screen } from './text-table.ts';

/** What can be done next with a sweep: commands that work where they stand, beginning with the best that passes. */
export function nextText(leaderboard: Leaderboard, db: readonly string[], definition: string, screen: Screen): string {
  const { bestPass, rows, shortIdLength, sweep } = leaderboard;
  const row = bestPass ?? rows[0];
  const what = bestPass === null ? 'the best by tune; none passes' : 'the best that passes';
  const of = sweep === null ? ['--all'] : ['--sweep', sweep];
  const id = row?.outcome.configurationId.slice(0, shortIdLength);
  const hints: [words: readonly string[], meaning: string][] = [
    ...(id === undefined
      ? []
      : [
          [['show', id, ...db], `${what}, in full`] as [string[], string],
          [['reproduce', id, ...db], 'the same again, alone: writes its nine files and its models, and compares'] as [
            string[],
            string,
          ],
        ]),
    [['report', ...of, ...db, '--status', 'pass'], 'what passed all eight gates'],
    [['report', ...of, ...db, '--where', 'kind=ridge'], 'one part of the grid'],
    [['plan', definition], 'what a definition would run; then change it'],
  ];
  const lines = hints.map(([words, meaning]) => ({
    line: `  ${commandLine(screen.program ?? 'sweep', words)}`,
    meaning,
  }));
  const width = Math.max(...lines.map(({ line }) => displayWidth(line)));
  const longest = Math.max(...lines.map(({ meaning }) => displayWidth(meaning)));
  if (width + GAP + longest > screen.width) {
    return ['next', ...lines.flatMap(({ line, meaning }) => [line, `      ${meaning}`])].join('\n');
  }
  return ['next', ...lines.map(({ line, meaning }) => pad(line, width + GAP, 'left') + meaning)].join('\n');
}

const GAP = 3;
