import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Configuration } from '../../../src/experiment/configuration.ts';
import { gridEdges } from '../../../src/report/facts/grid-edges.ts';
import { heatMapFacts } from '../../../src/report/facts/heat-maps.ts';
import { importanceFacts } from '../../../src/report/facts/importance.ts';
import { reportTable } from '../../../src/report/facts/report-table.ts';
import { configurationWith } from '../../store/synthetic.ts';
import { failed, huber, ridge } from '../sample-outcomes.ts';
import { judgedAt, sourceOf } from './made-up-source.ts';

const ALPHAS = [0.001, 0.1, 10];
const EPSILONS = [1.1, 1.35, 1.6, 1.9];
const AGES = [
  [5, 15],
  [30, 60],
];
const CLIPS = [0, 60];

/** A full grid of huber, whose tune MAE is a formula of the places on its axes. */
function grid(tune: (age: number, alpha: number, epsilon: number, clip: number) => number) {
  return AGES.flatMap((agesMinutes, a) =>
    ALPHAS.flatMap((alpha, i) =>
      EPSILONS.flatMap((epsilon, e) =>
        CLIPS.map((regressionTargetClipBps, c) =>
          judgedAt(
            configurationWith({ agesMinutes, regressor: huber(alpha, epsilon), regressionTargetClipBps }),
            tune(a, i, e, c),
          ),
        ),
      ),
    ),
  );
}

describe('which axes matter', () => {
  test('of a sum of effects, each has its own share and no pair has any', () => {
    const [variance] = importanceFacts(
      reportTable(sourceOf(grid((age, alpha, epsilon) => 0.9 + 0.01 * age + 0.002 * alpha + 0.001 * epsilon))),
    ).variance;
    // Variances of 0..k−1, times the effects' squares: 1/4, 2/3, 5/4.
    const parts = { ages: 1e-4 / 4, alpha: (4e-6 * 2) / 3, epsilon: (1e-6 * 5) / 4 };
    const total = parts.ages + parts.alpha + parts.epsilon;
    assert.equal(variance?.notExact, null);
    for (const { label, share } of variance!.shares) {
      const expected = label in parts ? parts[label as keyof typeof parts] / total : 0;
      assert.ok(Math.abs(share - expected) < 1e-9, `${label}: ${share}, expected ${expected}`);
    }
  });

  test('of a product of two, the pair has its share, and all shares add up to 1', () => {
    const table = reportTable(
      sourceOf(grid((age, alpha, _, clip) => 0.9 + 0.01 * age * alpha + 0.001 * alpha * clip * age)),
    );
    const { variance, medians } = importanceFacts(table);
    const shares = variance[0]!.shares;
    assert.ok(Math.abs(shares.reduce((sum, { share }) => sum + share, 0) - 1) < 1e-9);
    assert.ok(shares.find(({ label }) => label === 'ages × alpha')!.share > 0.1);
    assert.ok(shares.find(({ axes }) => axes.length === 0)!.share > 0, 'three together');
    const ages = medians.find(({ axis }) => axis === 'agesMinutes')!;
    assert.deepEqual(
      ages.values.map(({ text, count, best }) => [text, count, best]),
      [
        ['5,15', 24, 0.9],
        ['30,60', 24, 0.9],
      ],
    );
  });

  test('where the grid is not full, no share is given, and it says so', () => {
    const rows = grid((age) => 0.9 + 0.01 * age);
    const { variance } = importanceFacts(reportTable(sourceOf(rows.slice(1))));
    assert.match(variance[0]!.notExact!, /not exact, 47 of 48 points/);
    assert.deepEqual(variance[0]!.shares, []);
    const pending = importanceFacts(reportTable(sourceOf(rows.slice(1), [], [rows[0]!.configuration])));
    assert.match(pending.variance[0]!.notExact!, /not exact, 1 of its grid/);
  });
});

describe('where it passes', () => {
  const rows = [
    ...grid((age, alpha, epsilon, clip) => 0.9 + 0.01 * age + 0.002 * alpha + 0.001 * epsilon + 0.0001 * clip),
    ...[1, 10].map((alpha) => judgedAt(configurationWith({ agesMinutes: AGES[0]!, regressor: ridge(alpha) }))),
  ];
  const lost = configurationWith({ agesMinutes: AGES[1]!, regressor: ridge(10) });
  const table = reportTable(sourceOf(rows, [failed('f', 'no rows', lost)]));
  const maps = heatMapFacts(table);

  test('every configuration stands in one cell of each of its maps, with its verdict', () => {
    assert.deepEqual(
      maps.map(({ kind, isDetailed, panels }) => [kind, isDetailed, panels.length]),
      [
        ['huber', false, 2],
        ['huber', true, 4],
        // Its ages and clips: 5,15 without a clip, 30,60 without a clip.
        ['ridge', false, 2],
      ],
    );
    const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
    for (const { kind, panels } of maps) {
      const own = [...table.judged.keys()].filter((row) => table.judged[row]!.configuration.regressor.kind === kind);
      assert.equal(sum(panels.map(({ judged }) => sum(judged))), own.length);
      const passes = own.filter((row) => table.verdicts[row] === 'pass').length;
      assert.equal(sum(panels.map((panel) => sum(panel.passes))), passes);
      assert.equal(sum(panels.map(({ missing }) => sum(missing))), kind === 'ridge' ? 1 : 0);
    }
  });

  test('a cell has the lowest tune MAE of those within it, and its rank', () => {
    const [plain] = maps;
    assert.deepEqual([plain!.x.levels, plain!.y?.levels], [ALPHAS.map(String), EPSILONS.map(String)]);
    assert.equal(plain!.within, 'clip moves tune MAE by at most 0.00010');
    const panel = plain!.panels[0]!;
    assert.equal(panel.title, 'ages 5,15');
    // Row of epsilon 1.35, column of alpha 10.
    const cell = 3 * 1 + 2;
    assert.ok(Math.abs(panel.tune[cell]! - (0.9 + 0.004 + 0.001)) < 1e-12);
    const found = table.judged[panel.rank[cell]! - 1]!.configuration;
    assert.deepEqual(found.regressor, huber(10, 1.35));
    assert.deepEqual(panel.tuneRange, [panel.tune[0], panel.tune.at(-1)]);
  });

  test('of more than 600 cells neighbours are joined, with their counts, and it says so', () => {
    const many = Array.from({ length: 40 }, (_, i) =>
      Array.from({ length: 30 }, (_, e) => judgedAt(configurationWith({ regressor: huber(1 + i, 1.1 + e / 50) }))),
    ).flat();
    const [map] = heatMapFacts(reportTable(sourceOf(many)));
    const { x, y, panels, coarse } = map!;
    assert.ok(x.levels.length * y!.levels.length <= 600);
    assert.deepEqual([x.levels[0], x.levels.at(-1)], ['1', '40']);
    assert.equal(
      panels[0]!.judged.reduce((sum, count) => sum + count, 0),
      1200,
    );
    assert.match(
      coarse!,
      /24 of 40 values of huber alpha, each with those nearest to it and 25 of 30 values of epsilon/,
    );
  });
});

describe('passes at the edge of the grid', () => {
  const passing = (isPass: (configuration: Configuration) => boolean) => {
    const rows = grid(() => 0.95).map((row) => ({ ...row, passed: isPass(row.configuration) }));
    return gridEdges(reportTable(sourceOf(rows))).map(({ kind, axis, text, end, share }) => ({
      kind,
      axis,
      text,
      end,
      share,
    }));
  };
  const alphaOf = ({ regressor }: Configuration) => regressor.alpha;

  test('are told where most have the largest or smallest value tried', () => {
    const largest = { kind: 'huber', axis: 'huberAlpha', text: '10', end: 'largest', share: 1 };
    assert.deepEqual(
      passing((configuration) => alphaOf(configuration) === 10),
      [largest],
    );
    const smallest = { ...largest, text: '0.001', end: 'smallest' };
    assert.deepEqual(
      passing((configuration) => alphaOf(configuration) === 0.001),
      [smallest],
    );
  });

  test('are none where passes lie inside, are spread as the grid is, or have no clip, which nothing lies beyond', () => {
    assert.deepEqual(
      passing((configuration) => alphaOf(configuration) === 0.1),
      [],
    );
    assert.deepEqual(
      passing(() => true),
      [],
    );
    assert.deepEqual(
      passing(({ regressionTargetClipBps }) => regressionTargetClipBps === 0),
      [],
    );
    assert.deepEqual(
      passing(() => false),
      [],
    );
  });
});
