import { axisX, dot, gridY, line, ruleY, text } from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import type { DayCurve, SplitName } from '../../page-data/report.ts';
import { Plotted } from './plotted.tsx';

/** A named configuration's line, by its place among them: told apart by colour, dash and the mark at its end. */
export const NAMED_SYMBOLS = ['circle', 'diamond2', 'square2', 'triangle', 'plus', 'times', 'star', 'wye'] as const;

export type DayBaseline = 'market_only' | 'constant';

type DayCurvesProps = {
  readonly curves: readonly DayCurve[];
  readonly split: SplitName;
  readonly baseline: DayBaseline;
  /** Of all splits and sides, so that slopes can be compared. */
  readonly domain: readonly [number, number];
  /** Place of a configuration among the named ones. */
  readonly placeOf: (configuration: string) => number;
};

/** One split's lines: error saved, summed day by day. */
export function DayCurves({ curves, split, baseline, domain, placeOf }: DayCurvesProps) {
  const draw = useCallback(
    (width: number) => {
      const days = curves[0]?.days ?? [];
      const lines = curves.map((curve) => ({
        place: placeOf(curve.configuration),
        points: [
          { day: 0, saved: 0 },
          ...(savedOf(curve, baseline) ?? []).map((saved, day) => ({ day: day + 1, saved })),
        ],
      }));
      const every = Math.max(1, Math.ceil((days.length * 44) / Math.max(60, width - 60)));
      const ticks = days.map((_, day) => day + 1).filter((day) => (day - 1) % every === 0);
      return {
        height: 210,
        marginLeft: 44,
        marginRight: 14,
        marginTop: 8,
        marginBottom: 26,
        x: { domain: [0, Math.max(1, days.length)], label: null },
        y: { domain: [...domain], label: null, ticks: 5, tickSize: 0, tickFormat: twoDigits },
        marks: [
          gridY({ ticks: 5 }),
          ruleY([0], { className: 'zero' }),
          axisX(ticks, { tickFormat: (day: number) => days[day - 1]?.slice(5) ?? '', tickSize: 3, label: null }),
          ...lines.flatMap(({ place, points }) => [
            line(points, { x: 'day', y: 'saved', className: `named named-${place}` }),
            dot(points.slice(-1), {
              x: 'day',
              y: 'saved',
              r: 4.5,
              symbol: NAMED_SYMBOLS[place % NAMED_SYMBOLS.length]!,
              className: `named-end named-${place}`,
            }),
          ]),
          ...(days.length === 0 ? [text([`no days of ${split}`], { frameAnchor: 'middle', text: String })] : []),
        ],
      };
    },
    [curves, split, baseline, domain, placeOf],
  );
  return <Plotted draw={draw} />;
}

export function savedOf(curve: DayCurve, baseline: DayBaseline): readonly number[] | null {
  return baseline === 'market_only' ? curve.againstMarketOnly : curve.againstConstant;
}

function twoDigits(value: number): string {
  return value.toFixed(2).replace('-', '−');
}
