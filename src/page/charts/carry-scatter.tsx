import { dot, gridX, gridY, rect, ruleY, text } from '@observablehq/plot';
import { useCallback, useMemo } from 'preact/hooks';
import type { CarryOverSplit, Density } from '../../page-data/report.ts';
import { useAfterFrames } from '../parts/use-after-frames.ts';
import type { Rows } from '../rows/rows.ts';
import { Plotted } from './plotted.tsx';

/** More dots than that are a blob, and a slow one: of those that do not pass every so-many-th is drawn, of passes all up to it. */
export const MOST_DOTS = 1500;

type Point = { readonly x: number; readonly y: number; readonly passed: boolean; readonly lit: boolean };

type CarryScatterProps = {
  readonly split: CarryOverSplit;
  readonly rows: Rows;
  readonly selected: Uint8Array;
  /** among the scatters, from 0: they follow a selection one a frame */
  readonly place: number;
};

/** tune against a later split: a dot a configuration, diamonds pass. Low is good on both; left and below is better. */
export function CarryScatter({ split, rows, selected: wanted, place }: CarryScatterProps) {
  const selected = useAfterFrames(wanted, place);
  const points = useMemo(
    () => (split.density === null ? pointsOf(split, rows, selected) : []),
    [split, rows, selected],
  );
  const draw = useCallback(
    (width: number) => ({
      height: Math.min(360, Math.max(260, width * 0.66)),
      marginLeft: 52,
      marginBottom: 40,
      marginTop: 22,
      x: { label: 'MAE ratio on tune', ticks: 5, tickSize: 0, tickFormat: threeDigits, nice: true, inset: 6 },
      y: {
        label: `MAE ratio on ${split.split === 'validation_locked' ? 'locked' : 'stress'}`,
        ticks: 5,
        tickSize: 0,
        tickFormat: threeDigits,
        nice: true,
        inset: 6,
      },
      marks: [
        gridX({ ticks: 5 }),
        gridY({ ticks: 5 }),
        ...(split.density === null ? dotsOf(points) : densityOf(split.density)),
        ...limitOf(split, points),
      ],
    }),
    [split, points],
  );
  return <Plotted draw={draw} />;
}

function dotsOf(points: readonly Point[]) {
  const of = (passed: boolean, lit: boolean) => points.filter((point) => point.passed === passed && point.lit === lit);
  return [
    dot(of(false, false), { x: 'x', y: 'y', r: 2.6, className: 'dot-rest' }),
    dot(of(true, false), { x: 'x', y: 'y', r: 3.4, symbol: 'diamond', className: 'dot-rest' }),
    dot(of(false, true), { x: 'x', y: 'y', r: 2.6, className: 'dot-miss' }),
    dot(of(true, true), { x: 'x', y: 'y', r: 4, symbol: 'diamond', className: 'dot-pass' }),
  ];
}

/** All rows on a raster, where not all are in the file. */
function densityOf({ x, y, columns, lines, counts, passes }: Density) {
  const cells = counts.flatMap((count, cell) => {
    if (count === 0) return [];
    const [column, line] = [cell % columns, Math.floor(cell / columns)];
    const [across, up] = [(x[1] - x[0]) / columns, (y[1] - y[0]) / lines];
    return {
      x1: x[0] + column * across,
      x2: x[0] + (column + 1) * across,
      y1: y[0] + line * up,
      y2: y[0] + (line + 1) * up,
      passed: passes[cell]! > 0,
      weight: 0.25 + 0.75 * Math.sqrt(count / Math.max(...counts)),
    };
  });
  const place = { x1: 'x1', x2: 'x2', y1: 'y1', y2: 'y2', fillOpacity: 'weight' } as const;
  return [
    rect(
      cells.filter(({ passed }) => !passed),
      { ...place, className: 'dot-miss' },
    ),
    rect(
      cells.filter(({ passed }) => passed),
      { ...place, className: 'dot-pass' },
    ),
  ];
}

/** The gate's limit, where it is near enough to be within the drawing. */
function limitOf({ limit, density }: CarryOverSplit, points: readonly Point[]) {
  const least = density?.y[0] ?? Math.min(...points.map(({ y }) => y));
  const greatest = density?.y[1] ?? Math.max(...points.map(({ y }) => y));
  const room = 0.25 * (greatest - least);
  if (!(limit > least - room && limit < greatest + room)) return [];
  return [
    ruleY([limit], { className: 'limit' }),
    text([limit], {
      y: (value: number) => value,
      text: () => `each side’s gate: ${limit}`,
      frameAnchor: 'right',
      dy: -7,
      className: 'limit-text',
    }),
  ];
}

function pointsOf({ x, y }: CarryOverSplit, rows: Rows, selected: Uint8Array): Point[] {
  const [xs, ys] = [rows.numbers(x), rows.numbers(y)];
  const known: number[] = [];
  for (let row = 0; row < rows.count; row += 1) if (!Number.isNaN(xs[row]! + ys[row]!)) known.push(row);
  const passes = thinned(known.filter((row) => rows.passed(row)));
  const others = thinned(known.filter((row) => !rows.passed(row)));
  return [...others, ...passes].map((row) => ({
    x: xs[row]!,
    y: ys[row]!,
    passed: rows.passed(row),
    lit: selected[row] === 1,
  }));
}

/** Every so-many-th: the same rows each time. */
function thinned(rows: readonly number[]): readonly number[] {
  const step = Math.ceil(rows.length / (MOST_DOTS / 2));
  return step <= 1 ? rows : rows.filter((_, i) => i % step === 0);
}

function threeDigits(value: number): string {
  return value.toFixed(3);
}
