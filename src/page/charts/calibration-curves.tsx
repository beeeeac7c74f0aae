import { dot, gridX, gridY, line } from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import type { CalibrationCurve } from '../../page-data/report.ts';
import { useIsPrinting } from '../parts/printing.ts';
import { Plotted } from './plotted.tsx';

type CalibrationPlotProps = {
  /** Of one side and split: market_plus_state, and market_only for comparison. */
  readonly curves: readonly CalibrationCurve[];
  readonly domain: readonly [number, number];
};

/** Observed share of positives against mean predicted probability; the diagonal is what probabilities promise. */
export function CalibrationPlot({ curves, domain }: CalibrationPlotProps) {
  // On a sheet, those of both sides have room one below the other.
  const most = useIsPrinting() ? 196 : 280;
  const draw = useCallback(
    (width: number) => ({
      height: Math.min(most, Math.max(200, width * 0.85)),
      marginLeft: 44,
      marginBottom: 36,
      marginTop: 20,
      marginRight: 10,
      x: { domain: [...domain], label: 'predicted', ticks: 4, tickSize: 0, tickFormat: percentTick },
      y: { domain: [...domain], label: 'observed', ticks: 4, tickSize: 0, tickFormat: percentTick },
      marks: [
        gridX({ ticks: 4 }),
        gridY({ ticks: 4 }),
        line(
          domain.map((value) => ({ value })),
          { x: 'value', y: 'value', className: 'promise' },
        ),
        ...curves.flatMap(({ set, bins }) => [
          line(bins, { x: 'meanProbability', y: 'sharePositive', className: `calibration ${set}` }),
          dot(bins, {
            x: 'meanProbability',
            y: 'sharePositive',
            r: set === 'market_plus_state' ? 3.2 : 2.6,
            symbol: set === 'market_plus_state' ? 'circle' : 'square2',
            className: `calibration-dot ${set}`,
          }),
        ]),
      ],
    }),
    [curves, domain, most],
  );
  return <Plotted draw={draw} />;
}

function percentTick(value: number): string {
  return `${Math.round(100 * value)} %`;
}
