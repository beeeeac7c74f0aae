import type { AxisFacts, RowVerdict } from '../../src/page-data/report.ts';

export type MadeGrid = {
  readonly ages: readonly string[];
  readonly kinds: readonly ('huber' | 'ridge')[];
  readonly huberAlphas: readonly number[];
  readonly epsilons: readonly number[];
  readonly ridgeAlphas: readonly number[];
  readonly clips: readonly number[];
};

/** The quickstart's. */
export const QUICKSTART_GRID: MadeGrid = {
  ages: ['30,60', '3,5,10,15,30', '5,15', '1,2,3,5'],
  kinds: ['huber', 'ridge'],
  huberAlphas: [0.001, 0.1, 10],
  epsilons: [1.05, 1.2, 1.35, 1.5, 1.65, 1.8, 1.95],
  ridgeAlphas: [1, 10, 100, 1000],
  clips: [0, 60, 120],
};

export type MadeRow = {
  readonly id: string;
  readonly rank: number;
  /** Of each axis that `madeAxes` gives. */
  readonly places: readonly number[];
  readonly verdict: RowVerdict;
  readonly margins: readonly (number | null)[];
  readonly mae: readonly [tune: number, locked: number, stress: number];
  readonly auc: number | null;
};

/** Axes of more than one value. Those of one regressor have a place more, `none`, where there are two. */
export function madeAxes(part: Partial<MadeGrid>): AxisFacts[] {
  const grid = { ...QUICKSTART_GRID, ...part };
  const number = (value: number) => ({ text: String(value), number: value, isNone: false });
  const text = (value: string) => ({ text: value, number: null, isNone: false });
  const none = { text: 'none', number: null, isNone: true };
  const withNone = grid.kinds.length > 1 ? [none] : [];
  const has = (kind: 'huber' | 'ridge') => grid.kinds.includes(kind);
  const axis = (name: string, label: string, values: AxisFacts['values'], moves = 'edge metrics only'): AxisFacts => ({
    name,
    label,
    column: `axis_${name}`,
    values,
    moves,
  });
  return [
    axis('agesMinutes', 'ages', grid.ages.map(text), 'all metrics'),
    axis('regressorKind', 'regressor', grid.kinds.map(text)),
    axis('huberAlpha', 'huber alpha', has('huber') ? [...grid.huberAlphas.map(number), ...withNone] : []),
    axis('huberEpsilon', 'epsilon', has('huber') ? [...grid.epsilons.map(number), ...withNone] : []),
    axis('ridgeAlpha', 'ridge alpha', has('ridge') ? [...grid.ridgeAlphas.map(number), ...withNone] : []),
    axis('regressionTargetClipBps', 'clip bps', grid.clips.map(number)),
  ].filter(({ values }) => values.length > 1);
}

/** All configurations of the grid, best first. */
export function madeRows(part: Partial<MadeGrid>): MadeRow[] {
  const grid = { ...QUICKSTART_GRID, ...part };
  const axes = madeAxes(part).map(({ name }) => name);
  const points = grid.ages.flatMap((_, age) =>
    grid.kinds.flatMap((kind, k) =>
      (kind === 'huber' ? grid.huberAlphas : grid.ridgeAlphas).flatMap((_, alpha) =>
        (kind === 'huber' ? grid.epsilons : [0]).flatMap((_, epsilon) =>
          grid.clips.map((_, clip) => ({ age, kind, k, alpha, epsilon, clip })),
        ),
      ),
    ),
  );
  const judged = points.map(({ age, kind, k, alpha, epsilon, clip }, i) => {
    const places: Readonly<Record<string, number>> = {
      agesMinutes: age,
      regressorKind: k,
      huberAlpha: kind === 'huber' ? alpha : grid.huberAlphas.length,
      huberEpsilon: kind === 'huber' ? epsilon : grid.epsilons.length,
      ridgeAlpha: kind === 'ridge' ? alpha : grid.ridgeAlphas.length,
      regressionTargetClipBps: clip,
    };
    const noise = (salt: number) => ((i * 2654435761 + salt * 40503) % 1000) / 1000 - 0.5;
    const tune =
      0.938 + 0.006 * age + (kind === 'ridge' ? 0.008 : 0) + 0.0011 * epsilon + 0.0007 * alpha + 0.002 * noise(1);
    const locked = tune + 0.004 * noise(2) + 0.005;
    const stress = tune + 0.028 - 0.004 * alpha + 0.004 * noise(3);
    const margins = [
      0.08,
      0.97 - locked,
      0.05,
      0.972 - stress,
      0.075,
      0.965 - locked,
      0.04 - 0.015 * age,
      0.9665 - stress,
    ];
    return {
      id: `${BigInt.asUintN(48, BigInt(i + 1) * 0x9e3779b97f4bn)
        .toString(16)
        .padStart(12, '0')}000000000000`,
      places: axes.map((name) => places[name]!),
      verdict: margins.every((margin) => margin >= 0) ? ('pass' as const) : ('not ready' as const),
      margins,
      mae: [tune, locked, stress] as const,
      auc: 0.683 - 0.004 * age,
    };
  });
  return judged.sort((a, b) => a.mae[0] - b.mae[0]).map((row, i) => ({ ...row, rank: i + 1 }));
}

export function smallestOf(margins: readonly (number | null)[]): number | null {
  const known = margins.filter((margin) => margin !== null);
  return known.length === 0 ? null : Math.min(...known);
}
