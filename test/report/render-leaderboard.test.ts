import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import {
  assembleLeaderboard,
  type Leaderboard,
  type LeaderboardQuery,
  parseLeaderboardQuery,
} from '../../src/report/leaderboard.ts';
import { displayWidth } from '../../src/report/printable.ts';
import { REPORT_FORMATS, renderLeaderboard } from '../../src/report/render-leaderboard.ts';
import type { OutcomeSet } from '../../src/store/records.ts';
import { configurationWith } from '../store/synthetic.ts';
import { failed, huber, judged, outcomesOf, sampleGrid } from './sample-outcomes.ts';
import { assertScreen } from './screen.ts';

describe('the leaderboard on a terminal', () => {
  test('of 80 columns', () => {
    const printed = table(sampleGrid(), {}, 80);
    assertScreen('leaderboard-80.txt', printed);
    assertFits(printed, 80);
  });

  test('of 140 columns', () => {
    const printed = table(sampleGrid(), {}, 140);
    assertScreen('leaderboard-140.txt', printed);
    assertFits(printed, 140);
  });

  test('sorted by a locked split, and filtered', () => {
    assertScreen('leaderboard-locked-80.txt', table(sampleGrid(), { sort: 'margin', where: ['kind=huber'] }, 80));
  });

  test('of what failed', () => {
    const printed = table(sampleGrid(), { status: 'error' }, 80);
    assertScreen('failures-80.txt', printed);
    assertFits(printed, 80);
  });

  test('of a sweep that has no verdict yet', () => {
    assertScreen('leaderboard-empty-80.txt', table(outcomesOf([], [], 12), {}, 80));
  });

  test('never cuts a number, however narrow it is', () => {
    const narrow = table(sampleGrid(), {}, 30);
    for (const number of ['0.94873', '0.97251', '0.003162']) assert.ok(narrow.includes(number), narrow);
  });

  test('has the same text with colours and without', () => {
    const query = { sort: 'margin' };
    const coloured = renderLeaderboard(board(sampleGrid(), query), 'table', { width: 100, color: true });
    assert.notEqual(coloured, table(sampleGrid(), query, 100));
    assert.equal(stripVTControlCharacters(coloured), table(sampleGrid(), query, 100));
  });
});

test('no format sends to the terminal what a name or an error says to it', () => {
  const hostile = '\u001b]0;owned\u0007\u202egnp\r\n| <b>';
  const set = outcomesOf(
    [judged('a', { codeVersion: hostile }), judged('b', { codeVersion: 'x' })],
    [failed('c', hostile)],
  );
  for (const status of ['error', undefined] as const) {
    for (const format of REPORT_FORMATS) {
      if (format === 'csv') continue; // data: a field holds what it holds, in quotes
      const printed = renderLeaderboard({ ...board(set, { status }), sweep: hostile }, format, {
        width: 80,
        color: false,
      });
      assert.doesNotMatch(printed, /(?!\n)[\p{Cc}\p{Cf}]/u, format);
    }
  }
});

test('as JSON has whole ids and numbers, and every parameter', () => {
  const parsed = JSON.parse(renderLeaderboard(board(sampleGrid(), { top: 1, sort: 'margin' }), 'json', SCREEN));
  assert.deepEqual(parsed.sortedBy, { field: 'margin', descending: true, spendsLockedSplit: true });
  assert.deepEqual(parsed.counts, { judged: 5, passed: 2, notReady: 3, failed: 2, pending: 3 });
  assert.equal(parsed.rows.length, 1);
  assert.deepEqual(parsed.rows[0], {
    rank: 1,
    id: 'b20000000000000000000000',
    configuration: {
      agesMinutes: [3, 5, 10, 15, 30],
      regressor: { kind: 'huber', alpha: 0.0031622776602, epsilon: 1.1, maxIter: 1000 },
      regressionTargetClipBps: 60,
      maxRowsPerSplit: 0,
    },
    status: 'PASS_TO_FORMAL_CHAIN',
    tune: { edge_mae_vs_constant_ratio: 0.94873, continue_auc: 0.6279 },
    gates: { passed: 8, of: 8, smallestMargin: 0.00124, weakest: 'long validation_locked edge_mae_vs_constant_ratio' },
    unconvergedFits: [],
    sortValue: 0.00124,
    baselineRunId: 'btc-2m',
    datasetHash: sampleGrid().judged[1]!.dataset.contentHash,
    codeVersion: '0.1.0',
    durationMs: 25,
  });
  assert.deepEqual(parsed.axes.find(({ axis }: { axis: string }) => axis === 'huberAlpha').moves, [
    'edge_mae',
    'edge_mae_vs_constant_ratio',
  ]);
});

test('as CSV has a line for each row, its texts safe in a spreadsheet', () => {
  const lines = renderLeaderboard(board(sampleGrid()), 'csv', SCREEN).trimEnd().split('\n');
  assert.equal(lines.length, 1 + 5);
  assert.match(lines[0]!, /^rank,id,status,agesMinutes,regressorKind,huberAlpha,/);
  assert.match(
    lines[1]!,
    /^1,b20{22},PASS_TO_FORMAL_CHAIN,"3,5,10,15,30",huber,0\.0031622776602,1\.1,1000,,60,0,0\.94873,0\.6279,8,0\.00124,/,
  );
  const formula = outcomesOf([], [{ ...failed('a', ''), error: { name: '=cmd', message: 'a "b"' } }]);
  assert.match(renderLeaderboard(board(formula, { status: 'error' }), 'csv', SCREEN), /,"'=cmd: a ""b"""\n$/);
});

test('a row of which a fit did not converge is marked in every form, and the mark is explained in one line', () => {
  const unconverged = [{ model: 'short_market_only', fit: 'regressor', status: 'stalled' }] as const;
  const sound = board(sampleGrid());
  const rows = sound.rows.map((row, i) => (i === 1 ? { ...row, unconverged } : row));
  const printed = renderLeaderboard({ ...sound, rows }, 'table', { width: 100, color: false }).split('\n');
  const marked = printed.filter((line) => line.endsWith(' !'));
  assert.deepEqual(
    marked.map((line) => /^\d +(\w+)/.exec(line)?.[1]),
    ['c300000'],
  );
  const note =
    "!: a fit did not converge: its figures are not the optimum's, and a market_only regressor like that makes gates easier to pass; sweep show ID names it";
  assert.ok(printed.join(' ').includes(note));
  assert.ok(renderLeaderboard({ ...sound, rows }, 'table', SCREEN).includes(' yes !'));
  const markdown = renderLeaderboard({ ...sound, rows }, 'markdown', SCREEN);
  assert.match(markdown, /^\| 2 \| c300000 .* \| PASS ! \|$/m);
  assert.ok(markdown.includes('!: a fit did not converge: '));
  const json = JSON.parse(renderLeaderboard({ ...sound, rows }, 'json', SCREEN));
  assert.deepEqual(json.rows[1].unconvergedFits, unconverged);
  assert.match(
    renderLeaderboard({ ...sound, rows }, 'csv', SCREEN).split('\n')[2]!,
    /,short_market_only regressor stalled,/,
  );
  for (const format of ['table', 'markdown'] as const) {
    assert.ok(!renderLeaderboard(sound, format, SCREEN).includes('!'), 'nothing is said where all converged');
  }
});

test('as Markdown has tables whose lines have as many cells as their header', () => {
  const printed = renderLeaderboard(board(sampleGrid()), 'markdown', SCREEN);
  assertScreen('leaderboard-markdown.txt', printed);
  const rows = printed.split('\n').filter((line) => line.startsWith('|'));
  assert.equal(rows.length, 2 + 5 + 2 + 5);
  const cellCounts = rows.map((line) => line.split(/(?<!\\)\|/).length);
  assert.equal(new Set(cellCounts.slice(0, 7)).size, 1);
  assert.equal(new Set(cellCounts.slice(7)).size, 1);
});

test('parameters are shortened as far as they still differ', () => {
  const alphas = [0.00123456, 0.00123457, 1];
  const set = outcomesOf(
    alphas.map((alpha, i) => judged(`${i}`, { configuration: configurationWith({ regressor: huber(alpha) }) })),
  );
  const printed = table(set, {}, 80);
  for (const text of ['0.00123456', '0.00123457', ' 1 ']) assert.ok(printed.includes(text), printed);
});

const SCREEN = { width: 80, color: false };

function board(outcomes: OutcomeSet, query: LeaderboardQuery = {}): Leaderboard {
  return { ...assembleLeaderboard(outcomes, parseLeaderboardQuery(query)), shortIdLength: 7 };
}

function table(outcomes: OutcomeSet, query: LeaderboardQuery, width: number): string {
  return renderLeaderboard(board(outcomes, query), 'table', { width, color: false });
}

function assertFits(printed: string, width: number): void {
  for (const line of printed.split('\n'))
    assert.ok(displayWidth(line) <= width, `${displayWidth(line)} columns: ${line}`);
}
