import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assembleLeaderboard, type LeaderboardQuery, parseLeaderboardQuery } from '../../src/report/leaderboard.ts';
import { metricColumn } from '../../src/store/metric-columns.ts';
import type { OutcomeSet } from '../../src/store/records.ts';
import { configurationWith, SYNTHETIC_DATA } from '../store/synthetic.ts';
import { randomFrom } from '../support/random.ts';
import { userError } from '../support/user-error.ts';
import { huber, idOf, judged, outcomesOf, ridge, sampleGrid } from './sample-outcomes.ts';

describe('the leaderboard ranks', () => {
  test('by the mean mae ratio on tune, lower first; then by auc, higher first', () => {
    const list = [
      judged('d', { tuneEdgeMaeRatio: 0.95, tuneAuc: 0.61 }),
      judged('b', { tuneEdgeMaeRatio: 0.95, tuneAuc: 0.62 }),
      judged('c', { tuneEdgeMaeRatio: 0.95, tuneAuc: 0.61 }),
      judged('a', { tuneEdgeMaeRatio: 0.96, tuneAuc: 0.7 }),
      judged('e', { tuneEdgeMaeRatio: 0.94, tuneAuc: null }),
    ];
    assert.deepEqual(namesOf(outcomesOf(list)), ['e', 'b', 'c', 'd', 'a']);
  });

  test('by parameters where figures agree to seven digits, whatever the last bits', () => {
    const at = (ages: number[], alpha: number, clip: number) =>
      configurationWith({ agesMinutes: ages, regressor: huber(alpha), regressionTargetClipBps: clip });
    const alike = [
      judged('z', { configuration: at([5, 15], 0.01, 0) }),
      judged('y', { configuration: at([5, 15], 0.01, 60) }),
      judged('x', { configuration: at([5, 15], 0.1, 0) }),
      judged('w', { configuration: at([5, 15, 30], 0.001, 0) }),
      judged('v', { configuration: at([5, 15, 30], 0.001, 120) }),
      judged('a', { configuration: configurationWith({ agesMinutes: [10], regressor: ridge(0.0001) }) }),
      judged('b', { configuration: configurationWith({ agesMinutes: [10], regressor: ridge(0.001) }) }),
    ];
    const random = randomFrom(12);
    for (let i = 0; i < 20; i += 1) {
      const list = alike.map((verdict) => {
        const noise = 1 + 1e-12 * random.uniform();
        const [tuneEdgeMaeRatio, tuneAuc, smallestMargin] = [0.9372341 * noise, 0.6833123 / noise, -0.0031 * noise];
        return { ...verdict, tuneEdgeMaeRatio, tuneAuc, smallestMargin };
      });
      const outcomes = outcomesOf(random.shuffled(list));
      assert.deepEqual(namesOf(outcomes), ['z', 'y', 'x', 'w', 'v', 'a', 'b']);
      assert.deepEqual(namesOf(outcomes, { sort: 'margin' }), ['z', 'y', 'x', 'w', 'v', 'a', 'b']);
    }
    const better = judged('c', { configuration: at([30], 10, 120), tuneEdgeMaeRatio: 0.9372338 });
    const [first] = namesOf(outcomesOf([judged('z', { tuneEdgeMaeRatio: 0.9372341 }), better]));
    assert.equal(first, 'c', 'what differs in the seventh digit is an order');
  });

  test('what has no mae ratio last', () => {
    const list = [judged('a', { tuneEdgeMaeRatio: null }), judged('b', { tuneEdgeMaeRatio: 2 })];
    assert.deepEqual(namesOf(outcomesOf(list)), ['b', 'a']);
  });

  test('a thousand as sorting them by their figures does', () => {
    const random = randomFrom(4);
    const list = Array.from({ length: 1000 }, (_, i) =>
      judged(`${i}x`, { tuneEdgeMaeRatio: i % 50 === 0 ? null : 10 ** (6 * random.uniform() - 3) }),
    );
    const ratios = boardOf(outcomesOf(list), {}).rows.map(({ outcome }) => outcome.tuneEdgeMaeRatio ?? Infinity);
    assert.deepEqual(
      ratios,
      ratios.toSorted((a, b) => a - b),
    );
    assert.ok(new Set(ratios).size > 900);
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
      board.rows.map((row) => [row.rank, row.outcome.configurationId]),
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
      board.rows.map((row) => [row.outcome.configurationId, request.sort!.field.read(row, board.at)]),
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

  test('by a number as it is shown, unless one is just that', () => {
    const third = configurationWith({ regressor: huber(0.316227766017) });
    const list = [
      judged('a', { configuration: third }),
      judged('b', { tuneEdgeMaeRatio: 0.937234, configuration: third }),
    ];
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['alpha=0.3162'] }), ['b', 'a']);
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['alpha!=0.3162'] }), []);
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['alpha<=0.3162'] }), ['b', 'a']);
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['tune_mae=0.93723'] }), ['b']);
    const exact = judged('c', { configuration: configurationWith({ regressor: huber(0.3162) }) });
    assert.deepEqual(namesOf(outcomesOf([...list, exact]), { where: ['alpha=0.3162'] }), ['c']);
  });

  test('by where a verdict comes from, ids and hashes by their beginning', () => {
    const list = [judged('a'), judged('b', { dataset: { ...judged('b').dataset, baselineRunId: 'eth' } })];
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['baseline=eth'] }), ['b']);
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['id=a0'] }), ['a']);
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['rank<=1'] }), ['a']);
    const hash = list[0]!.dataset.dataHash;
    assert.deepEqual(namesOf(outcomesOf(list), { where: [`data=${hash.slice(0, 12)}`] }), ['a', 'b']);
    const sweeps = { sweep: null, sweepsOf: () => ['one'] };
    const board = assembleLeaderboard(outcomesOf(list), parseLeaderboardQuery({ where: ['sweep=one'] }), sweeps);
    assert.equal(board.rows.length, 2);
  });

  test('by a tag, or a sweep, that is one of several', () => {
    const list = [judged('a', { tags: ['keep', 'odd one'] }), judged('b', { tags: ['keeper'] }), judged('c')];
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['tag=keep'] }), ['a']);
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['tags=odd one'] }), ['a']);
    assert.deepEqual(namesOf(outcomesOf(list), { where: ['tags!=keep'] }), ['b', 'c']);
    const facts = { sweep: null, sweepsOf: () => ['one', 'two'] };
    const board = assembleLeaderboard(outcomesOf(list), parseLeaderboardQuery({ where: ['sweep=two'] }), facts);
    assert.equal(board.rows.length, 3);
  });

  test('by the weakest gate and the verdict, as the screen has them', () => {
    assert.deepEqual(namesOf(sampleGrid(), { where: ['weakest_gate=short stress'] }), ['a1', 'd4']);
    assert.deepEqual(namesOf(sampleGrid(), { where: ['weakest_gate=long validation_locked'] }), ['b2', 'e5']);
    assert.deepEqual(namesOf(sampleGrid(), { where: ['verdict=not ready'] }), ['a1', 'd4', 'e5']);
  });

  test('by what nothing can meet says which values there are', () => {
    for (const [where, warning] of [
      ['ages=30,60', 'ages=30,60 matches nothing: ages is 3,5,10,15,30; 30 or 5,15'],
      ['clip=5', 'clip=5 matches nothing: clip is 0 or 60'],
      ['tune_mae<0.5', 'tune_mae<0.5 matches nothing: tune_mae is 0.94873, 0.95104, 0.95312 or 0.97251'],
      ['tune.brier<1', 'tune.brier<1 matches nothing: tune.brier has no value here'],
    ] as const) {
      const board = boardOf(sampleGrid(), { where: [where] });
      assert.deepEqual([board.rows.length, board.warnings[0]], [0, warning]);
    }
    // Each alone is met by something: then there is nothing to say.
    assert.deepEqual(boardOf(sampleGrid(), { where: ['kind=ridge', 'epsilon=1.1'] }).warnings, []);
    const many = Array.from({ length: 30 }, (_, i) =>
      judged(`${i}x`, { configuration: configurationWith({ regressor: huber(i + 1) }) }),
    );
    assert.deepEqual(boardOf(outcomesOf(many), { where: ['alpha=77'] }).warnings, [
      'alpha=77 matches nothing: alpha is from 1 to 30',
    ]);
  });

  test('a parameter that a configuration does not have meets nothing but !=', () => {
    assert.deepEqual(namesOf(sampleGrid(), { where: ['epsilon>0'] }), ['b2', 'c3', 'a1']);
    assert.deepEqual(namesOf(sampleGrid(), { where: ['epsilon!=1.1'] }), ['c3', 'a1', 'd4', 'e5']);
  });

  test('by status', () => {
    assert.deepEqual(namesOf(sampleGrid(), { status: 'pass' }), ['b2', 'c3']);
    assert.deepEqual(namesOf(sampleGrid(), { status: 'not-ready' }), ['a1', 'd4', 'e5']);
    const errors = boardOf(sampleGrid(), { status: 'error', where: ['kind=ridge'] });
    assert.deepEqual(
      errors.failures.map((failure) => failure.outcome.configurationId),
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
    const counts = { judged: 5, pass: 2, notReady: 3, unconverged: 0, sealed: 0, error: 2, pending: 3 };
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
      ['kind=foo', /kind is one of huber, ridge; got foo/],
      ['verdict=fail', /verdict is one of pass, not ready, unconverged, sealed, error; got fail/],
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
          { value: 'huber', count: 4, median: 2.25, best: 1, worst: 5 },
          { value: 'ridge', count: 1, median: 9, best: 9, worst: 9 },
        ],
      },
      {
        axis: 'huberAlpha',
        spread: 3 - 2.25,
        values: [
          { value: 2, count: 2, median: 2.25, best: 2, worst: 2.5 },
          { value: 1, count: 2, median: 3, best: 1, worst: 5 },
        ],
      },
      {
        axis: 'huberEpsilon',
        spread: 0.5,
        values: [
          { value: 1.35, count: 3, median: 2, best: 1, worst: 5 },
          { value: 1.5, count: 1, median: 2.5, best: 2.5, worst: 2.5 },
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
    assert.deepEqual(boardOf(sampleGrid()).errorReasons, [
      { reason: 'UserError: fit_inner has labels of one class only', count: 2 },
    ]);
  });

  test('how many configurations were judged on the locked splits of its baseline run, in any sweep', () => {
    assert.deepEqual(boardOf(sampleGrid()).lockedSplits, [
      { baselineRunId: 'btc-2m', dataHash: SYNTHETIC_DATA.hash, configurationCount: 1205 },
    ]);
  });

  test('and warns where verdicts do not compare', () => {
    const list = [
      judged('a'),
      judged('b', { code: { hash: 'beef', version: '0.3.0' } }),
      judged('c', { dataset: { ...judged('c').dataset, baselineRunId: 'eth' } }),
    ];
    assert.deepEqual(boardOf(outcomesOf(list)).warnings, [
      'verdicts by 2 codes: c0dec0dec0de, beef',
      'verdicts on 2 baseline runs (btc-2m, eth): their figures do not compare',
    ]);
  });

  test('an empty sweep has an empty leaderboard', () => {
    const board = boardOf(outcomesOf([]));
    assert.deepEqual([board.rows, board.axes, board.varying, board.constant, board.matchingCount], [[], [], [], [], 0]);
  });
});

describe('rows that read the same', () => {
  const at = (alpha: number, clip: number, figures: Partial<Parameters<typeof judged>[1]> = {}) =>
    judged(`${alpha}${clip}x`, {
      configuration: configurationWith({ regressor: huber(alpha), regressionTargetClipBps: clip }),
      ...figures,
    });
  const foldsOf = (list: Parameters<typeof outcomesOf>[0], query: LeaderboardQuery = {}) =>
    boardOf(outcomesOf(list), { fold: true, ...query }).folds.map(({ rows, values }) => {
      const named = [...values].map(([field, found]) => [field.name, found] as const);
      return {
        count: rows.length,
        ...Object.fromEntries(named.filter(([name]) => name === 'alpha' || name === 'clip')),
      };
    });

  test('are one row, with all values of what differs', () => {
    const list = [
      at(1, 0),
      at(1, 60),
      at(1, 120, { tuneEdgeMaeRatio: 0.9600001 }),
      at(2, 0, { tuneEdgeMaeRatio: 0.97 }),
    ];
    assert.deepEqual(foldsOf(list), [
      { count: 3, alpha: [1], clip: [0, 60, 120] },
      { count: 1, alpha: [2], clip: [0] },
    ]);
  });

  test('are folded along several parameters only where every combination is among them', () => {
    assert.deepEqual(foldsOf([at(1, 0), at(1, 60), at(2, 0), at(2, 60)]), [{ count: 4, alpha: [1, 2], clip: [0, 60] }]);
    assert.deepEqual(foldsOf([at(1, 0), at(1, 60), at(2, 0)]), [
      { count: 2, alpha: [1], clip: [0, 60] },
      { count: 1, alpha: [2], clip: [0] },
    ]);
  });

  test('stay apart where any figure differs to the digits shown, and where a column that was asked for does', () => {
    const different = [
      { tuneEdgeMaeRatio: 0.96001 },
      { tuneAuc: 0.63 },
      { smallestMargin: -0.004 },
      { weakestGate: 1 },
      { passed: true },
    ];
    for (const figures of different) {
      assert.equal(foldsOf([at(1, 0), at(1, 60, figures)]).length, 2, JSON.stringify(figures));
    }
    const list = [at(1, 0), at(1, 60, { durationMs: 99 })];
    assert.equal(foldsOf(list).length, 1);
    assert.equal(foldsOf(list, { show: ['duration_ms'] }).length, 2);
  });

  test('count as one of the rows to show, and as many configurations', () => {
    const list = [at(1, 0), at(1, 60), at(2, 0, { tuneEdgeMaeRatio: 0.97 }), at(3, 0, { tuneEdgeMaeRatio: 0.98 })];
    const board = boardOf(outcomesOf(list), { fold: true, top: 2 });
    assert.deepEqual([board.folds.length, board.rows.length, board.matchingCount], [2, 3, 4]);
    assert.deepEqual(boardOf(outcomesOf(list), { top: 2 }).rows.length, 2);
  });

  test('are a product of their values, and none is lost, whatever the grid', () => {
    const random = randomFrom(21);
    let folded = 0;
    for (let round = 0; round < 40; round += 1) {
      const list = Array.from({ length: random.integer(1, 40) }, (_, i) => ({
        ...at(random.integer(1, 3), 10 * random.integer(0, 3), { tuneEdgeMaeRatio: random.integer(0, 2) }),
        configurationId: `${i}`,
      }));
      const { folds } = boardOf(outcomesOf(list), { fold: true });
      assert.equal(new Set(folds.flatMap(({ rows }) => rows)).size, list.length);
      for (const { rows, values } of folds) {
        assert.equal(
          [...values.values()].reduce((product, of) => product * of.length, 1),
          rows.length,
        );
        if (rows.length > 1) folded += 1;
      }
    }
    assert.ok(folded > 20, `${folded} folds`);
  });
});

test('the best that passes is known whatever is shown, among those that meet the conditions', () => {
  assert.equal(boardOf(sampleGrid(), { top: 1, sort: 'tune_mae:desc' }).bestPass?.outcome.configurationId, idOf('b2'));
  assert.equal(boardOf(sampleGrid(), { where: ['ages=5,15'] }).bestPass?.outcome.configurationId, idOf('c3'));
  assert.equal(boardOf(sampleGrid(), { where: ['kind=ridge'] }).bestPass, null);
});

test('a verdict that rests on a market_only fit that did not converge is neither a pass nor not ready', () => {
  const fit = { model: 'short_market_only', fit: 'regressor', status: 'stalled' } as const;
  const other = { ...fit, model: 'short_market_plus_state' } as const;
  const grid = sampleGrid();
  const unconvergedOf = (id: string) => (id === idOf('b2') ? [fit] : id === idOf('d4') ? [other] : []);
  const list = grid.judged.map((each) => ({ ...each, unconverged: unconvergedOf(each.configurationId) }));
  const board = (query: LeaderboardQuery) => boardOf({ ...grid, judged: list }, query);
  const { counts, bestPass } = board({});
  assert.deepEqual(counts, { judged: 5, pass: 1, notReady: 3, unconverged: 1, sealed: 0, error: 2, pending: 3 });
  assert.equal(bestPass?.outcome.configurationId, idOf('c3'));
  assert.deepEqual(
    board({ status: 'unconverged' }).rows.map((row) => row.outcome.configurationId),
    [idOf('b2')],
  );
});

function boardOf(outcomes: OutcomeSet, query: LeaderboardQuery = {}) {
  return assembleLeaderboard(outcomes, parseLeaderboardQuery(query));
}

function namesOf(outcomes: OutcomeSet, query: LeaderboardQuery = {}): string[] {
  return boardOf(outcomes, query).rows.map((row) => row.outcome.configurationId.replace(/0+$/, ''));
}
