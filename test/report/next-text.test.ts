import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assembleLeaderboard, parseLeaderboardQuery } from '../../src/report/leaderboard.ts';
import { nextText } from '../../src/report/next-text.ts';
import { judged, outcomesOf, sampleGrid } from './sample-outcomes.ts';

const at = (width: number) => ({ width, color: false, program: 'npx sweep' });
const board = (outcomes = sampleGrid()) => ({
  ...assembleLeaderboard(outcomes, parseLeaderboardQuery({ top: 1, sort: 'tune_mae:desc' }), { sweep: 'my grid' }),
  shortIdLength: 7,
});

test('what to do next begins with the best that passes, in commands as they are typed there, quoted for a shell', () => {
  assert.deepEqual(nextText(board(), ['--db', 'a b.db'], 'my grid.yaml', at(80)).split('\n'), [
    'next',
    "  npx sweep show b200000 --db 'a b.db'",
    '      the best that passes, in full',
    "  npx sweep reproduce b200000 --db 'a b.db'",
    '      the same again, alone: writes its nine files and its models, and compares',
    "  npx sweep report --sweep 'my grid' --db 'a b.db' --status pass",
    '      what passed all eight gates',
    "  npx sweep report --sweep 'my grid' --db 'a b.db' --where kind=ridge",
    '      one part of the grid',
    "  npx sweep plan 'my grid.yaml'",
    '      what a definition would run; then change it',
  ]);
  const wide = nextText(board(), [], 'grid.yaml', at(140)).split('\n');
  assert.equal(wide.length, 6);
  assert.match(wide[1]!, /^ {2}npx sweep show b200000 {3,}the best that passes, in full$/);
});

test('where none passes, next says so and takes the first row; where nothing was judged, it names none', () => {
  assert.match(
    nextText(board(outcomesOf([judged('a')])), [], 'f', at(140)),
    / show a000000 +the best by tune; none passes, in full\n/,
  );
  assert.ok(!nextText(board(outcomesOf([])), [], 'f', at(140)).includes(' show '));
});
