import { axisX, dot, gridY, ruleX } from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import type { AxisMedians } from '../../page-data/report.ts';
import { Plotted } from './plotted.tsx';

type AxisMediansProps = { readonly medians: AxisMedians; readonly domain: readonly [number, number] };

/** Median (dot) and range (line) of tune MAE at each value of an axis; lower, and so better, is up. */
export function AxisMediansPlot({ medians, domain }: AxisMediansProps) {
  const { values } = medians;
  const draw = useCallback(
    (width: number) => {
      const room = (width - 60) / values.length;
      const longest = Math.max(...values.map(({ text }) => text.length)) * 7 + 6;
      // Few long texts lean; of many, so many are written as there is room for.
      const isLong = longest > room && values.length <= 8;
      const every = isLong ? 1 : Math.ceil(longest / room);
      const written = values.filter((_, i) => i % every === 0).map(({ text }) => text);
      const isDense = room < 12;
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
          padding: 0.5,
        },
        y: { domain: [...domain].reverse(), label: null, ticks: 4, tickSize: 0, tickFormat: fourDigits },
        marks: [
          gridY({ ticks: 4 }),
          axisX(written, { label: null, tickSize: 0, tickRotate: isLong ? -35 : 0 }),
          ruleX(values, { x: 'text', y1: 'best', y2: 'worst', className: isDense ? 'range dense' : 'range' }),
          dot(values, {
            x: 'text',
            y: 'median',
            r: isDense ? 1.6 : 4.5,
            className: isDense ? 'median dense' : 'median',
          }),
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
