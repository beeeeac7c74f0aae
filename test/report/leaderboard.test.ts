import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assembleLeaderboard, type LeaderboardQuery, parseLeaderboardQuery } from '../../src/report/leaderboard.ts';
import { metricColumn } from '../../src/store/metric-columns.ts';
import type { OutcomeSet } from '../../src/store/records.ts';
import { UserError } from '../../src/user-error.ts';
import { configurationWith } from '../store/synthetic.ts';
import { randomFrom } from '../support/random.ts';
import { huber, idOf, judged, outcomesOf, ridge, sampleGrid } from './sample-outcomes.ts';

describe('the leaderboard ranks', () => {
  test('by the mean mae ratio on tune, lower first; then by auc, higher first; then by id', () => {
    const list = [
      judged('d', { tuneEdgeMaeRatio: 0.95, tuneAuc: 0.61 }),
      judged('b', { tuneEdgeMaeRatio: 0.95, tuneAuc: 0.62 }),
      judged('c', { tuneEdgeMaeRatio: 0.95, tuneAuc: 0.61 }),
      judged('a', { tuneEdgeMaeRatio: 0.96, tuneAuc: 0.7 }),
      judged('e', { tuneEdgeMaeRatio: 0.94, tuneAuc: null }),
    ];
    assert.deepEqual(namesOf(outcomesOf(list)), ['e', 'b', 'c', 'd', 'a']);
  });

  test('what has no mae ratio last', () => {
    const list = [judged('a', { tuneEdgeMaeRatio: null }), judged('b', { tuneEdgeMaeRatio: 2 })];
    assert.deepEqual(namesOf(outcomesOf(list)), ['b', 'a']);
  });

  test('the same whatever the order in which verdicts were stored', () => {
    const random = randomFrom(3);
    const list = Array.from({ length: 60 }, (_, i) =>
      judged(`${i}x`, { tuneEdgeMaeRatio: random.integer(0, 5), tuneAuc: random.integer(0, 2) }),
    );
    const names = namesOf(outcomesOf(list));
    assert.equal(new Set(names).size, 60);
    for (let i = 0; i < 5; i += 1) assert.deepEqual(namesOf(outcomesOf(random.shuffled(list))), names);
  });

  test('among all that were judged, whatever is shown', () => {
    const board = boardOf(sampleGrid(), { where: ['kind=ridge'], top: 1 });
    assert.deepEqual(
      board.rows.map((row) => [row.rank, row.judged.configurationId]),
      [[4, idOf('d4')]],
    );
    assert.equal(board.matchingCount, 2);
  });
});

describe('sorting', () => {
  test('by another field keeps the rank by tune', () => {
    const board = boardOf(sampleGrid(), { sort: 'auc' });
    assert.deepEqual(
      board.rows.map((row) => row.rank),
      [2, 4, 1, 3, 5],
    );
    assert.deepEqual(board.warnings, []);
  });

  test('may be turned round; what is missing stays last', () => {
    assert.deepEqual(namesOf(sampleGrid(), { sort: 'alpha' }), ['a1', 'b2', 'c3', 'd4', 'e5']);
    assert.deepEqual(namesOf(sampleGrid(), { sort: 'epsilon:desc' }), ['c3', 'a1', 'b2', 'd4', 'e5']);
    assert.deepEqual(namesOf(sampleGrid(), { sort: 'mae:desc' }), ['d4', 'a1', 'c3', 'b2', 'e5']);
  });

  test('by anything found on a locked split is marked', () => {
    for (const sort of ['gates', 'margin', 'validation_locked.brier', 'short_market_only.latest_stress.continue_auc']) {
      assert.deepEqual(boardOf(sampleGrid(), { sort }).warnings, [
        'sorted by a locked split: selecting on it spends it',
      ]);
    }
    for (const sort of ['mae', 'auc', 'alpha', 'tune.brier', 'fit_inner.edge_mae']) {
      assert.deepEqual(boardOf(sampleGrid(), { sort }).warnings, []);
    }
  });

  test('by a metric reads its columns, and takes the mean of both sides', () => {
    const request = parseLeaderboardQuery({ sort: 'tune.brier' });
    const names = ['long_market_plus_state_tune_brier', 'short_market_plus_state_tune_brier'];
    assert.deepEqual(
      request.columns,
      names.map((name) => metricColumn(name)),
    );
    const list = [
      judged('a', { metrics: [0.3, 0.1] }),
      judged('b', { metrics: [0.1, 0.2] }),
      judged('c', { metrics: [null, 0] }),
    ];
    const board = assembleLeaderboard(outcomesOf(list), request);
    assert.deepEqual(
      board.rows.map((row) => [row.judged.configurationId, row.sortValue]),
      [
        [idOf('b'), (0.1 + 0.2) / 2],
        [idOf('a'), 0.2],
        [idOf('c'), null],
      ],
    );
  });

  test('by a field that does not exist says what was probably meant', () => {
    assert.throws(
      () => parseLeaderboardQuery({ sort: 'epslon' }),
      userError(/"epslon": no such field\. Did you mean epsilon\?/),
    );
    assert.throws(() => parseLeaderboardQuery({ sort: 'tune.breir' }), userError(/Did you mean tune\.brier\?/));
    assert.throws(() => parseLeaderboardQuery({ sort: '\u001b[31m' }), userError(/^"\\u001b\[31m": no such field/));
  });
});

describe('filtering', () => {
  test('by parameters, all conditions at once', () => {
    assert.deepEqual(namesOf(sampleGrid(), { where: ['kind=huber', 'alpha>=0.001'] }), ['b2', 'c3']);
    assert.deepEqual(namesOf(sampleGrid(), { where: ['ages=5,15', 'clip=60'] }), ['c3']);
    assert.deepEqual(namesOf(sampleGrid(), { where: ['agesMinutes=[5, 15]'] }), ['c3', 'd4', 'e5']);
    assert.deepEqual(namesOf(sampleGrid(), { where: ['ridgeAlpha<=10'] }), ['d4']);
  });

  test('a parameter that a configuration does not have meets nothing but !=', () => {
    assert.deepEqual(namesOf(sampleGrid(), { where: ['epsilon>0'] }), ['b2', 'c3', 'a1']);
    assert.deepEqual(namesOf(sampleGrid(), { where: ['epsilon!=1.1'] }), ['c3', 'a1', 'd4', 'e5']);
  });

  test('by status', () => {
    assert.deepEqual(namesOf(sampleGrid(), { status: 'pass' }), ['b2', 'c3']);
    assert.deepEqual(namesOf(sampleGrid(), { status: 'fail' }), ['a1', 'd4', 'e5']);
    const errors = boardOf(sampleGrid(), { status: 'error', where: ['kind=ridge'] });
    assert.deepEqual(
      errors.failures.map((failure) => failure.configurationId),
      [idOf('f6')],
    );
    assert.deepEqual([errors.rows.length, errors.matchingCount], [0, 1]);
  });

  test('by a locked split is marked, since it is a selection too', () => {
    const warning = (what: string) => [`filtered by a locked split (${what}): selecting on it spends it`];
    assert.deepEqual(boardOf(sampleGrid(), { where: ['margin>0'] }).warnings, warning('margin>0'));
    assert.deepEqual(boardOf(sampleGrid(), { status: 'pass' }).warnings, warning('status pass'));
  });

  test('leaves counts as they are, for they are of the whole sweep', () => {
    const counts = { judged: 5, passed: 2, notReady: 3, failed: 2, pending: 3 };
    assert.deepEqual(boardOf(sampleGrid(), { where: ['kind=ridge'], status: 'pass', top: 1 }).counts, counts);
  });

  test('by what makes no sense says so', () => {
    for (const [where, message] of [
      ['alpha', /expected FIELD=VALUE/],
      ['alpha=', /expected FIELD=VALUE/],
      ['alpha=x', /expected a number, got x/],
      ['alpha=Infinity', /expected a number, got Infinity/],
      ['kind>huber', /expected = or !=/],
      ['colour=red', /no such field/],
    ] as const) {
      assert.throws(() => parseLeaderboardQuery({ where: [where] }), userError(message), where);
    }
    assert.throws(() => parseLeaderboardQuery({ top: 0 }), userError(/top: expected a whole number ≥ 1, got 0/));
  });
});

describe('what the grid says', () => {
  test('for each axis the median of each value, the best first, the largest effect first', () => {
    const list = [
      judged('a', { configuration: configurationWith({ regressor: huber(1) }), tuneEdgeMaeRatio: 1 }),
      judged('b', { configuration: configurationWith({ regressor: huber(1) }), tuneEdgeMaeRatio: 5 }),
      judged('c', { configuration: configurationWith({ regressor: huber(2) }), tuneEdgeMaeRatio: 2 }),
      judged('d', { configuration: configurationWith({ regressor: huber(2, 1.5) }), tuneEdgeMaeRatio: 2.5 }),
      judged('e', { configuration: configurationWith({ regressor: ridge(9) }), tuneEdgeMaeRatio: 9 }),
      judged('f', { configuration: configurationWith({ regressor: ridge(9) }), tuneEdgeMaeRatio: null }),
    ];
    assert.deepEqual(boardOf(outcomesOf(list)).axes, [
      {
        axis: 'regressorKind',
        spread: 9 - 2.25,
        values: [
          { value: 'huber', count: 4, median: 2.25, best: 1 },
          { value: 'ridge', count: 1, median: 9, best: 9 },
        ],
      },
      {
        axis: 'huberAlpha',
        spread: 3 - 2.25,
        values: [
          { value: 2, count: 2, median: 2.25, best: 2 },
          { value: 1, count: 2, median: 3, best: 1 },
        ],
      },
      {
        axis: 'huberEpsilon',
        spread: 0.5,
        values: [
          { value: 1.35, count: 3, median: 2, best: 1 },
          { value: 1.5, count: 1, median: 2.5, best: 2.5 },
        ],
      },
    ]);
  });

  test('medians agree with sorting, whatever the numbers', () => {
    const random = randomFrom(11);
    for (let round = 0; round < 50; round += 1) {
      const list = Array.from({ length: random.integer(2, 40) }, (_, i) =>
        judged(`${i}x`, {
          configuration: configurationWith({ regressor: huber(i % 2) }),
          tuneEdgeMaeRatio: random.integer(0, 9) / 8,
        }),
      );
      const [axis] = boardOf(outcomesOf(list)).axes;
      for (const { value, median, best, count } of axis!.values) {
        const sorted = list
          .filter((verdict) => verdict.configuration.regressor.alpha === value)
          .map((verdict) => verdict.tuneEdgeMaeRatio!)
          .sort((a, b) => a - b);
        const middle = (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
        assert.deepEqual([median, best, count], [middle, sorted[0], sorted.length]);
      }
    }
  });

  test('of those that meet the conditions, whatever their status', () => {
    const axesOf = (query: LeaderboardQuery) => boardOf(sampleGrid(), query).axes.map(({ axis }) => axis);
    assert.deepEqual(axesOf({ where: ['kind=huber'] }).sort(), [
      'agesMinutes',
      'huberAlpha',
      'huberEpsilon',
      'regressionTargetClipBps',
    ]);
    assert.deepEqual(axesOf({ status: 'pass' }), axesOf({}));
  });

  test('which parameters vary, and what the others are', () => {
    const { varying, constant } = boardOf(sampleGrid());
    assert.deepEqual(varying, [
      'agesMinutes',
      'regressorKind',
      'huberAlpha',
      'huberEpsilon',
      'ridgeAlpha',
      'regressionTargetClipBps',
    ]);
    assert.deepEqual(constant, [
      { axis: 'huberMaxIter', value: 1000 },
      { axis: 'maxRowsPerSplit', value: 0 },
    ]);
  });

  test('why configurations failed, the most frequent reason first', () => {
    assert.deepEqual(boardOf(sampleGrid()).failureReasons, [
      { reason: 'UserError: fit_inner has labels of one class only', count: 2 },
    ]);
  });

  test('how many configurations were judged on the locked splits of its baseline run, in any sweep', () => {
    assert.deepEqual(boardOf(sampleGrid()).lockedSplits, [{ baselineRunId: 'btc-2m', configurationCount: 1205 }]);
  });

  test('and warns where verdicts do not compare', () => {
    const list = [
      judged('a'),
      judged('b', { codeVersion: '0.2.0' }),
      judged('c', { dataset: { ...judged('c').dataset, baselineRunId: 'eth' } }),
    ];
    assert.deepEqual(boardOf(outcomesOf(list)).warnings, [
      'verdicts by 2 code versions: 0.1.0, 0.2.0',
      'verdicts on 2 baseline runs (btc-2m, eth): their figures do not compare',
    ]);
  });

  test('an empty sweep has an empty leaderboard', () => {
    const board = boardOf(outcomesOf([]));
    assert.deepEqual([board.rows, board.axes, board.varying, board.constant, board.matchingCount], [[], [], [], [], 0]);
  });
});

function boardOf(outcomes: OutcomeSet, query: LeaderboardQuery = {}) {
  return assembleLeaderboard(outcomes, parseLeaderboardQuery(query));
}

function namesOf(outcomes: OutcomeSet, query: LeaderboardQuery = {}): string[] {
  return boardOf(outcomes, query).rows.map((row) => row.judged.configurationId.replace(/0+$/, ''));
}

function userError(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof UserError && message.test(error.message) && !error.message.includes('\n');
}
