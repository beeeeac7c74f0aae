import type { AxisFacts, GateFacts, HeatMapFacts, SplitName, SweepFacts } from '../../src/page-data/report.ts';
import { type MadeRow, smallestOf } from './made-grid.ts';

type Figures = Pick<
  SweepFacts,
  | 'headline'
  | 'checks'
  | 'answers'
  | 'warnings'
  | 'leftOut'
  | 'axes'
  | 'gates'
  | 'heatMaps'
  | 'importance'
  | 'carryOver'
  | 'failures'
>;

/** What the figures show of made rows. Sentences are made up; numbers that stand in figures are those of the rows. */
export function madeFigures(
  axes: readonly AxisFacts[],
  all: readonly MadeRow[],
  rows: readonly MadeRow[],
  judged: readonly MadeRow[],
  pending: number,
): Figures {
  const passes = judged.filter(({ verdict }) => verdict === 'pass');
  const bestPass = passes[0];
  const soFar = pending > 0 ? ' so far' : '';
  const check = (name: SweepFacts['checks'][number]['name'], good: boolean, title: string, text: string) => ({
    name,
    state: judged.length === 0 ? ('open' as const) : good && pending === 0 ? ('good' as const) : ('doubt' as const),
    title: title + soFar,
    text,
  });
  return {
    headline: {
      title: [
        { text: `${passes.length} of ${all.length} configurations pass`, tone: 'good' },
        { text: ` all eight gates${soFar}, but ` },
        { text: 'on the edge of the grid', tone: 'doubt' },
        { text: '.' },
      ],
      lead:
        bestPass === undefined
          ? [{ text: 'Nothing passes all eight gates.' }]
          : [
              { text: 'The best by tune that passes is ' },
              { text: bestPass.id.slice(0, 7), configuration: bestPass.id },
              {
                text: `, rank ${bestPass.rank}: it clears its weakest gate by +${smallestOf(bestPass.margins)?.toFixed(4)}. `,
              },
              { text: 'The best by tune, ' },
              { text: judged[0]!.id.slice(0, 7), configuration: judged[0]!.id },
              { text: ', does ' },
              { text: 'not', tone: 'strong' },
              { text: ' pass.' },
            ],
    },
    checks: [
      check(
        'distinct',
        false,
        '9 different results among the passes',
        'The others repeat one of these to five digits.',
      ),
      check('edge', false, 'Passes sit at the grid’s edge', 'All huber passes have alpha 10, the largest tried.'),
      check('margin', false, 'Largest margin of any pass: +0.0027', 'The hardest gate is SHORT stress MAE.'),
      check(
        'carry-over',
        false,
        'Tune’s order carries over in part',
        'ρ 0.31 to locked over all, 0.68 to 0.83 within ages.',
      ),
      check('market-only', true, 'State beats market_only beyond day noise', 'On 4 of 4, in the list of all rows.'),
      check('looks', false, '209 looks at the locked splits', 'A pass is the best of that many tries.'),
    ],
    answers: {
      about: ['tune: 10 days in 10 blocks, validation_locked: 10 days in 10 blocks, latest_stress: 6 days in 6 blocks'],
      answers: [
        { question: 'does it work at all?', answer: 'on tune: yes, 297 of 300 beat the constant (p 0.006)' },
        { question: 'which is best?', answer: 'cannot be told: 10 days cannot tell any of the 300 from the first' },
        { question: 'did choosing help?', answer: 'no sign of it: +0.003 on other days; PBO 0.40' },
        { question: 'how many tries?', answer: '300 configurations, locked splits looked at 209 times' },
        { question: 'what would settle it?', answer: 'about 15 and 180 times the days' },
      ],
      refused: judged.length === 0 ? 'nothing is judged yet' : null,
      statistics: judged.length === 0 ? null : 1,
    },
    warnings: [],
    leftOut: [],
    axes,
    gates: {
      question: 'Which gates decide?',
      howToRead: 'A column a configuration, best by tune on the left; a bar up clears the gate, a bar down misses it.',
      finding: 'SHORT stress MAE decides: the fewest meet it.',
      gates: madeGates(judged),
      bins: null,
    },
    heatMaps: madeHeatMaps(axes, all, judged),
    importance: {
      question: 'Which axes matter?',
      howToRead: 'Exact shares of variance over the full grid, no surrogate model.',
      finding: 'Ages have 92 % of the variance of tune MAE.',
      variance: (['huber', 'ridge'] as const).map((kind) => ({
        kind,
        configurations: judged.length,
        notExact: judged.length < 2 ? 'too few are judged' : null,
        shares:
          judged.length < 2
            ? []
            : [
                { axes: ['agesMinutes'], label: 'ages', share: 0.917 },
                { axes: ['agesMinutes', 'huberAlpha'], label: 'ages × alpha', share: 0.05 },
                { axes: ['regressionTargetClipBps'], label: 'clip', share: 0.001 },
                { axes: [], label: 'three and more', share: 0.032 },
              ],
      })),
      medians: axes.map(({ name, label, moves, values }) => ({
        axis: name,
        label,
        moves,
        effect: 0.016,
        values: values
          .filter(({ isNone }) => !isNone)
          .map(({ text }, i) => ({
            text,
            count: 75,
            median: 0.943 + 0.005 * i,
            best: 0.937 + 0.005 * i,
            worst: 0.963 + 0.003 * i,
          })),
      })),
    },
    carryOver: {
      question: 'Does tune’s order carry over?',
      howToRead: 'If it does not, choosing by tune is a draw.',
      finding: 'In part: ρ 0.31 to locked over all, 0.68 to 0.83 within an ages set.',
      splits: (['validation_locked', 'latest_stress'] as const).map((split) => ({
        split,
        finding: `ρ 0.31 to ${split}`,
        x: 'mae_tune',
        y: `mae_${split}`,
        limit: 0.97,
        count: judged.length,
        rho: judged.length < 3 ? null : 0.31,
        within: (axes.find(({ name }) => name === 'agesMinutes')?.values ?? []).map(({ text }) => ({
          ages: text,
          count: 75,
          rho: 0.7,
        })),
        density: null,
      })),
    },
    failures: {
      reasons: rows.some(({ verdict }) => verdict === 'error')
        ? [
            {
              reason: 'no rows in latest_stress',
              count: 3,
              example: rows.find(({ verdict }) => verdict === 'error')!.id,
            },
          ]
        : [],
    },
  };
}

function madeGates(judged: readonly MadeRow[]): GateFacts[] {
  return (['LONG', 'SHORT'] as const).flatMap((side, s) =>
    (['validation_locked', 'latest_stress'] as const).flatMap((split, p) =>
      (['continue_auc', 'edge_mae_vs_constant_ratio'] as const).map((metric, m) => {
        const margins = judged.map((row) => row.margins[4 * s + 2 * p + m]!);
        const known = margins.filter((margin) => margin !== null);
        return {
          name: `${side.toLowerCase()} ${split} ${metric}`,
          label: `${side} ${split === 'validation_locked' ? 'locked' : 'stress'} ${m === 0 ? 'AUC' : 'MAE'}`,
          side,
          split,
          metric,
          limit: m === 0 ? 0.6 : 0.97,
          passed: known.filter((margin) => margin >= 0).length,
          of: judged.filter(({ verdict }) => verdict !== 'sealed').length,
          largest: known.length === 0 ? null : known.reduce((most, margin) => Math.max(most, Math.abs(margin)), 0),
        };
      }),
    ),
  );
}

function madeHeatMaps(axes: readonly AxisFacts[], all: readonly MadeRow[], judged: readonly MadeRow[]): HeatMapFacts[] {
  const at = (name: string) => axes.findIndex((axis) => axis.name === name);
  const kinds = axes[at('regressorKind')]?.values.map(({ text }) => text) ?? [
    at('ridgeAlpha') === -1 ? 'huber' : 'ridge',
  ];
  const ages = axes[at('agesMinutes')]?.values ?? [{ text: '30,60', number: null, isNone: false }];
  const levels = (name: string) =>
    axes[at(name)]?.values.filter(({ isNone }) => !isNone).map(({ text }) => text) ?? ['1'];
  return kinds.map((kind, k): HeatMapFacts => {
    const isHuber = kind === 'huber';
    const xs = levels(isHuber ? 'huberAlpha' : 'ridgeAlpha');
    const ys = isHuber ? levels('huberEpsilon') : ['ridge'];
    const place = (row: MadeRow, name: string) => (at(name) === -1 ? 0 : row.places[at(name)]!);
    return {
      question: 'Where in the grid does it pass?',
      howToRead: 'A pass within a broad patch is worth more than one that stands alone or on the rim.',
      finding: isHuber
        ? 'Huber passes at the largest alpha alone, for every epsilon.'
        : 'Ridge passes at alpha 1000 alone.',
      kind: isHuber ? 'huber' : 'ridge',
      isDetailed: false,
      x: { name: isHuber ? 'huberAlpha' : 'ridgeAlpha', label: isHuber ? 'huber alpha' : 'ridge alpha', levels: xs },
      y: isHuber ? { name: 'huberEpsilon', label: 'epsilon', levels: ys } : null,
      within: 'clip moves tune MAE by at most 0.0116',
      coarse: null,
      panels: ages.map((age, a) => {
        const cells = ys.flatMap((_, y) =>
          xs.map((_, x) => {
            const is = (row: MadeRow) =>
              place(row, 'agesMinutes') === a &&
              (kinds.length === 1 || place(row, 'regressorKind') === k) &&
              place(row, isHuber ? 'huberAlpha' : 'ridgeAlpha') === x &&
              (!isHuber || place(row, 'huberEpsilon') === y);
            return { of: all.filter(is).length, rows: judged.filter(is) };
          }),
        );
        const tune = cells.map(({ rows }) => (rows.length === 0 ? null : rows[0]!.mae[0]));
        const known = tune.filter((value) => value !== null);
        return {
          title: `ages ${age.text}`,
          of: { agesMinutes: a },
          tuneRange: known.length === 0 ? null : [Math.min(...known), Math.max(...known)],
          marginRange: known.length === 0 ? null : [-0.03, 0.003],
          judged: cells.map(({ rows }) => rows.length),
          passes: cells.map(({ rows }) => rows.filter(({ verdict }) => verdict === 'pass').length),
          sealed: cells.map(({ rows }) => rows.filter(({ verdict }) => verdict === 'sealed').length),
          missing: cells.map(({ of, rows }) => of - rows.length),
          missed: cells.map(({ rows }) =>
            rows.length === 0 || rows.every(({ verdict }) => verdict === 'sealed')
              ? null
              : Math.min(...rows.map(({ margins }) => margins.filter((m) => m === null || m < 0).length)),
          ),
          tune,
          margin: cells.map(({ rows }) =>
            rows.length === 0 ? null : Math.max(...rows.map((row) => smallestOf(row.margins) ?? -1)),
          ),
          rank: cells.map(({ rows }) => rows[0]?.rank ?? null),
        };
      }),
    };
  });
}

export function madeDays(judged: readonly MadeRow[]): Pick<SweepFacts, 'named' | 'days' | 'calibration'> {
  const splits: readonly SplitName[] = ['tune', 'validation_locked', 'latest_stress'];
  const first = judged.findIndex(({ verdict }) => verdict === 'pass');
  const places = [...new Set([0, first, judged.length - 1])].filter((place) => judged[place] !== undefined);
  const named = places.map((row, i) => ({
    configuration: judged[row]!.id,
    row,
    roles: [['best by tune', 'best that passes', 'the last'][i]!],
    text: `ages 30,60, huber, alpha ${i}, epsilon 1.05`,
  }));
  const words = {
    howToRead: 'A steady slope is a property; one step is an event.',
    finding: 'The gain over market_only grows on most days.',
  };
  return {
    named,
    days: {
      question: 'Is the gain steady, or a few days’ luck?',
      ...words,
      curves: named.flatMap(({ configuration }, n) =>
        (['LONG', 'SHORT'] as const).flatMap((side) =>
          splits.map((split, s) => {
            const days = Array.from(
              { length: split === 'latest_stress' ? 6 : 10 },
              (_, d) => `2026-0${7 + s}-${String(d + 10)}`,
            );
            const saved = days.map((_, d) => (d + 1) * (0.06 - 0.015 * n) + 0.02 * Math.sin(d + n));
            return {
              configuration,
              side,
              split,
              days,
              rows: days.map(() => 640),
              againstMarketOnly: saved,
              againstConstant: saved.map((value) => 2 * value),
            };
          }),
        ),
      ),
      table: named.flatMap(({ configuration }) =>
        (['LONG', 'SHORT'] as const).flatMap((side) =>
          splits.map((split) => ({
            configuration,
            side,
            split,
            rows: 6627,
            marketPlusState: 13.34,
            marketOnly: 13.934,
            constant: 14.182,
          })),
        ),
      ),
    },
    calibration:
      judged.length === 0
        ? null
        : {
            question: 'Are the probabilities what they say?',
            ...words,
            finding: 'Near the diagonal on all splits.',
            curves: (['LONG', 'SHORT'] as const).flatMap((side) =>
              (['market_only', 'market_plus_state'] as const).flatMap((set) =>
                splits.map((split) => ({
                  dataset: 0,
                  side,
                  set,
                  split,
                  bins: Array.from({ length: 10 }, (_, b) => ({
                    rows: 660,
                    meanProbability: 0.08 + 0.05 * b,
                    sharePositive: 0.07 + 0.052 * b + 0.01 * Math.sin(b),
                  })),
                })),
              ),
            ),
          },
  };
}

export function madeSources(
  axes: readonly AxisFacts[],
  rows: readonly MadeRow[],
): Pick<SweepFacts, 'datasets' | 'runs' | 'reproduce' | 'coefficients'> {
  return {
    datasets: [
      {
        label: axes[0]?.values[0]?.text ?? '30,60',
        agesMinutes: [30, 60],
        maxRowsPerSplit: 0,
        rows: 103582,
        baselineRun: 'quickstart',
        dataRoot: 'results/quickstart',
        dataHash: 'eb5ad9217902d7430a1b8c21861a05965dbb40f46aaadd80d30f2dddb69647f3',
        contentHash: '8864776e8c556fc77ca9a25d4a680f91dd53fd5a391c062583bf034b10b8eee2',
      },
    ],
    runs: [
      {
        id: 'c1af9091-9583-4f27-bf30-593f64b91d8a',
        sweep: 'made',
        startedAt: '2026-11-27T02:13:00.000Z',
        finishedAt: '2026-11-27T02:14:00.000Z',
        outcome: 'finished',
        reason: null,
        judged: rows.length,
        errors: 0,
        codeVersion: '0.2.0',
        codeHash: '850639a25f6152df699fbe84ae2946c53781b3843ef52915048811d624801ba2',
        gitCommit: 'e71f7de0f297d8c2a3f52e9a7e46e7feaf808d51',
        gitDirty: false,
        nodeVersion: 'v24.21.0',
        packages: { 'apache-arrow': '21.2.0' },
        machine: 'AMD EPYC, linux x64',
      },
    ],
    reproduce: {
      commands: [
        { command: 'sweep reproduce bc51c76', meaning: 'runs one configuration again, alone, and compares 226 values' },
        { command: 'sweep report --sweep made', meaning: 'the leaderboard in a terminal' },
      ],
      definition: JSON.stringify(
        { name: 'made', axes: Object.fromEntries(axes.map(({ name }) => [name, []])) },
        null,
        2,
      ),
      definitionSha256: 'b0da2253fbd5c482d4d98bae8c18a90ffe5f8bfa0759b18bee940f4b3bbc2d32',
    },
    coefficients: [],
  };
}
