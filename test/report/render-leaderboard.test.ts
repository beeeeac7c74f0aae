import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { fieldNamed, SIDE_FIELDS } from '../../src/report/fields.ts';
import {
  assembleLeaderboard,
  type Leaderboard,
  type LeaderboardQuery,
  parseLeaderboardQuery,
} from '../../src/report/leaderboard.ts';
import { lockedSplitTexts } from '../../src/report/leaderboard-text.ts';
import { asciiSigns, displayWidth } from '../../src/report/printable.ts';
import { REPORT_FORMATS, type ReportFormat, renderLeaderboards } from '../../src/report/render-leaderboard.ts';
import type { Screen } from '../../src/report/text-table.ts';
import type { OutcomeSet } from '../../src/store/records.ts';
import { configurationWith, SYNTHETIC_DATA, SYNTHETIC_RUN } from '../store/synthetic.ts';
import { failed, huber, idOf, judged, outcomesOf, sampleGrid } from './sample-outcomes.ts';
import { assertScreen } from './screen.ts';

describe('the leaderboard on a terminal', () => {
  test('of 80 columns', () => {
    const printed = table(sampleGrid(), {}, 80);
    assertScreen('leaderboard-80.txt', printed);
    assertFits(printed, 80);
  });

  test('of 120 columns', () => {
    const printed = table(sampleGrid(), {}, 120);
    assertScreen('leaderboard-120.txt', printed);
    assertFits(printed, 120);
  });

  test("of 200 columns has each side's figures, and what they gain over market_only", () => {
    const printed = table(sampleGrid(), { wanted: SIDE_FIELDS }, 200);
    assertScreen('leaderboard-200.txt', printed);
    assertFits(printed, 200);
    assert.match(printed, /^rank .*long_mae .*short_mae .*long_mae_gain .*short_mae_gain /m);
  });

  test('always shows the weakest gate and the unit of the margin', () => {
    for (const width of [80, 100, 120, 200]) {
      assert.match(table(sampleGrid(), {}, width), / -0\.0031 mae +short stress( mae)? +not ready$/m);
    }
  });

  test('always shows the best that passes, and says so where it does not follow on the row before', () => {
    const printed = table(sampleGrid(), { top: 1, sort: 'tune_mae:desc' }, 100);
    assert.match(
      printed,
      /^ *(#|rank) +id.*\n *4 +d400000.*\n {3}…\n *1 +b200000.* pass\n\nthe last row is the best that passes$/m,
    );
    assert.ok(!table(sampleGrid(), {}, 100).includes('best that passes'));
    assert.ok(!table(sampleGrid(), { top: 1 }, 100).includes('best that passes'), 'it is the first row');
  });

  test('of ASCII alone has no sign of ours beyond it', () => {
    const query = { top: 1, sort: 'tune_mae:desc' };
    const printed = asciiSigns(render(board(sampleGrid(), query), 'table', { width: 80, color: false, ascii: true }));
    assert.equal(printed, asciiSigns(table(sampleGrid(), query, 80)), 'none of them changes a width here');
    assert.doesNotMatch(printed, /[^\n\x20-\x7e]/);
  });

  test('folds rows that read the same, and says once what makes no difference', () => {
    const grid = [0, 60, 120].flatMap((clip) =>
      [0.001, 1].map((alpha) =>
        judged(`${clip}a${alpha === 1 ? 1 : 0}`, {
          configuration: configurationWith({ regressor: huber(alpha), regressionTargetClipBps: clip }),
          tuneEdgeMaeRatio: alpha === 1 ? 0.95 : 0.94,
        }),
      ),
    );
    const printed = table(outcomesOf(grid), { fold: true }, 80);
    assert.match(printed, /^clip 0, 60, 120: the same, to the digits shown$/m);
    assert.match(printed, /^6 of 6 configurations shown, in 2 rows/m);
    assert.match(printed, /^ *1 +0a00000 +0\.001 .*\n *4 +0a10000 +1 /m);
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
    const coloured = render(board(sampleGrid(), query), 'table', { width: 100, color: true });
    assert.notEqual(coloured, table(sampleGrid(), query, 100));
    assert.equal(stripVTControlCharacters(coloured), table(sampleGrid(), query, 100));
  });
});

test('no format sends to the terminal what a name or an error says to it', () => {
  const hostile = '\u001b]0;owned\u0007\u202egnp\r\n| <b>';
  const set = outcomesOf(
    [judged('a', { code: { hash: hostile, version: hostile } }), judged('b', { code: { hash: 'x', version: 'x' } })],
    [failed('c', hostile)],
  );
  for (const status of ['error', undefined] as const) {
    for (const format of REPORT_FORMATS) {
      if (format === 'csv') continue; // data: a field holds what it holds, in quotes
      const printed = render({ ...board(set, { status }), sweep: hostile }, format, {
        width: 80,
        color: false,
      });
      assert.doesNotMatch(printed, /(?!\n)[\p{Cc}\p{Cf}]/u, format);
    }
  }
});

test('as JSON has whole ids and numbers, and every parameter, under the names of the columns', () => {
  const parsed = JSON.parse(render(board(sampleGrid(), { top: 1, sort: 'margin' }), 'json', SCREEN));
  assert.deepEqual(parsed.sortedBy, { field: 'margin', descending: true, spendsLockedSplit: true });
  assert.deepEqual(parsed.counts, { judged: 5, pass: 2, notReady: 3, unconverged: 0, sealed: 0, error: 2, pending: 3 });
  assert.equal(parsed.rows.length, 1);
  assert.deepEqual(parsed.rows[0], {
    rank: 1,
    id: 'b20000000000000000000000',
    verdict: 'pass',
    sweep: null,
    baseline: 'btc-2m',
    data: SYNTHETIC_DATA.hash,
    dataset: sampleGrid().judged[1]!.dataset.contentHash,
    code: SYNTHETIC_RUN.code.hash,
    tags: null,
    ages: [3, 5, 10, 15, 30],
    kind: 'huber',
    alpha: 0.0031622776602,
    epsilon: 1.1,
    max_iter: 1000,
    clip: 60,
    cap: 0,
    tune_mae: 0.94873,
    tune_auc: 0.6279,
    gates: 8,
    margin: 0.00124,
    weakest_gate: 'long validation_locked edge_mae_vs_constant_ratio',
    duration_ms: 25,
    status: 'PASS_TO_FORMAL_CHAIN',
    unconverged: [],
  });
  assert.equal(parsed.bestPass, 'b20000000000000000000000');
  assert.deepEqual(parsed.axes.find(({ axis }: { axis: string }) => axis === 'huberAlpha').moves, [
    'edge_mae',
    'edge_mae_vs_constant_ratio',
  ]);
});

test('as CSV has a line for each row, its texts safe in a spreadsheet', () => {
  const lines = render(board(sampleGrid()), 'csv', SCREEN).trimEnd().split('\n');
  assert.equal(lines.length, 1 + 5);
  assert.match(
    lines[0]!,
    /^rank,id,verdict,sweep,baseline,data,dataset,code,tags,ages,kind,alpha,epsilon,max_iter,clip,cap,tune_mae,/,
  );
  assert.match(
    lines[1]!,
    /^1,b20{22},pass,,btc-2m,(da7a){16},\w{64},(c0de){16},,"3,5,10,15,30",huber,0\.0031622776602,1\.1,1000,60,0,0\.94873,0\.6279,8,0\.00124,/,
  );
  const formula = outcomesOf([], [{ ...failed('a', ''), error: { name: '=cmd', message: 'a "b"' } }]);
  assert.match(render(board(formula, { status: 'error' }), 'csv', SCREEN), /,"'=cmd: a ""b"""\n$/);
});

test('the columns of a table, of CSV and of JSON have one name, and each is a field to filter and sort by', () => {
  const shown = { show: ['data', 'duration_ms', 'tune.brier'] };
  const [header] = render(board(sampleGrid(), shown), 'csv', SCREEN).split('\n');
  const { rows } = JSON.parse(render(board(sampleGrid(), shown), 'json', SCREEN));
  assert.deepEqual(new Set(header!.split(',')), new Set([...Object.keys(rows[0]), 'error']));
  const namesOf = (width: number, query: LeaderboardQuery) =>
    /^ *(?:#|rank) .*$/m
      .exec(table(sampleGrid(), query, width))![0]
      .trim()
      .split(/ +/);
  const names = namesOf(400, { ...shown, wanted: SIDE_FIELDS });
  assert.ok(names.length > 20, names.join());
  for (const name of names) assert.equal(fieldNamed(name).name, name);
  const common = names.filter((name) => !SIDE_FIELDS.some((field) => field.name === name));
  assert.deepEqual(
    common.filter((name) => !header!.split(',').includes(name)),
    [],
  );
  // Short names of a narrow table are names, too.
  for (const name of namesOf(60, {})) assert.ok(fieldNamed(name).name.length > 0);
});

test('a row of which a fit did not converge is marked in every form, and the mark is explained in one line', () => {
  const unconverged = [{ model: 'long_market_only', fit: 'regressor', status: 'stalled' }] as const;
  const own = [{ model: 'long_market_plus_state', fit: 'regressor', status: 'stalled' }] as const;
  const unconvergedOf = (id: string) => (id === idOf('c3') ? unconverged : id === idOf('a1') ? own : []);
  const grid = sampleGrid();
  const list = grid.judged.map((each) => ({ ...each, unconverged: unconvergedOf(each.configurationId) }));
  const marked = board({ ...grid, judged: list });
  const printed = render(marked, 'table', { width: 100, color: false });
  assert.match(printed, /^ *2 +c300000 .* long stress ! +unconverged$/m);
  assert.match(printed, /^ *3 +a100000 .* short stress +not ready !$/m);
  assert.match(printed, /: 1 pass, 3 not ready, 1 unconverged, 2 error, 3 pending$/m);
  const note =
    "!: a fit did not converge: its figures are not the optimum's, and a market_only regressor like that makes gates easier to pass; sweep show ID names it";
  assert.ok(printed.replaceAll('\n', ' ').includes(note));
  const markdown = render(marked, 'markdown', SCREEN);
  assert.match(markdown, /^\| 2 \| c300000 .* \| unconverged \|$/m);
  assert.ok(markdown.includes('!: a fit did not converge: '));
  const json = JSON.parse(render(marked, 'json', SCREEN));
  assert.deepEqual([json.rows[1].verdict, json.rows[1].unconverged], ['unconverged', unconverged]);
  assert.match(render(marked, 'csv', SCREEN).split('\n')[2]!, /,unconverged,.*,long_market_only regressor stalled,/);
  for (const format of ['table', 'markdown'] as const) {
    assert.ok(!render(board(sampleGrid()), format, SCREEN).includes('!'), 'nothing is said where all converged');
  }
});

test('as Markdown has tables whose lines have as many cells as their header', () => {
  const printed = render(board(sampleGrid()), 'markdown', SCREEN);
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

function render(leaderboard: Leaderboard, format: ReportFormat, screen: Screen): string {
  return renderLeaderboards([leaderboard], false, format, screen);
}

function board(outcomes: OutcomeSet, query: LeaderboardQuery = {}): Leaderboard {
  return { ...assembleLeaderboard(outcomes, parseLeaderboardQuery(query)), shortIdLength: 7 };
}

function table(outcomes: OutcomeSet, query: LeaderboardQuery, width: number): string {
  return render(board(outcomes, query), 'table', { width, color: false });
}

function assertFits(printed: string, width: number): void {
  for (const line of printed.split('\n'))
    assert.ok(displayWidth(line) <= width, `${displayWidth(line)} columns: ${line}`);
}

test('looks at the locked splits of a rebuilt baseline run are told by its data', () => {
  const outcomes = outcomesOf([judged('a')]);
  const [looks] = outcomes.looks;
  const earlier = { ...looks!, dataHash: '0ld'.repeat(8), configurationCount: 7 };
  assert.deepEqual(lockedSplitTexts(board({ ...outcomes, looks: [looks!, earlier] })), [
    `locked splits of btc-2m (data ${SYNTHETIC_DATA.hash.slice(0, 12)}): 1,201 configurations of this store judged on them`,
    'locked splits of btc-2m (data 0ld0ld0ld0ld): 7 configurations of this store judged on them',
  ]);
  assert.match(lockedSplitTexts(board(outcomes))[0]!, /^locked splits of btc-2m: /);
  assert.equal(lockedSplitTexts(board(outcomes)).length, 1, 'nothing is sealed');
});
