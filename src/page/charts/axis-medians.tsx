import { dot, gridY, ruleX } from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import type { AxisMedians } from '../../page-data/report.ts';
import { Plotted } from './plotted.tsx';

type AxisMediansProps = { readonly medians: AxisMedians; readonly domain: readonly [number, number] };

/** Median (dot) and range (line) of tune MAE at each value of an axis; lower, and so better, is up. */
export function AxisMediansPlot({ medians, domain }: AxisMediansProps) {
  const { values } = medians;
  const draw = useCallback(
    (width: number) => {
      const isLong = values.some(({ text }) => text.length * 7 > (width - 60) / values.length);
      return {
        height: isLong ? 190 : 160,
        marginLeft: 50,
        marginBottom: isLong ? 62 : 28,
        marginTop: 8,
        marginRight: 8,
        x: {
          type: 'point' as const,
          domain: values.map(({ text }) => text),
          label: null,
          tickSize: 0,
          padding: 0.5,
          tickRotate: isLong ? -35 : 0,
        },
        y: { domain: [...domain].reverse(), label: null, ticks: 4, tickSize: 0, tickFormat: fourDigits },
        marks: [
          gridY({ ticks: 4 }),
          ruleX(values, { x: 'text', y1: 'best', y2: 'worst', className: 'range' }),
          dot(values, { x: 'text', y: 'median', r: 4.5, className: 'median' }),
        ],
      };
    },
    [values, domain],
  );
  return <Plotted draw={draw} />;
}

function fourDigits(value: number): string {
  return value.toFixed(3);
}
