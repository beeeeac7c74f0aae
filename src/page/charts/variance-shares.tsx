import { barX, gridX, ruleX, text } from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import type { VarianceFacts } from '../../page-data/report.ts';
import { percent } from '../parts/number-text.ts';
import { Plotted } from './plotted.tsx';

/** Single axes are strong, pairs paler, the rest palest: a share of more axes is one that fewer can act on. */
const DEPTH = ['shares-rest', 'shares-one', 'shares-two'];

/** Bars of the shares of one kind of regressor, the largest first. */
export function VarianceShares({ variance }: { readonly variance: VarianceFacts }) {
  const { shares } = variance;
  const draw = useCallback(
    () => ({
      height: 26 * shares.length + 44,
      marginBottom: 40,
      marginLeft: 150,
      marginRight: 52,
      marginTop: 4,
      x: { domain: [0, 1], label: 'share of variance', tickFormat: percentTick, ticks: 4 },
      y: { domain: shares.map(({ label }) => label), label: null, tickSize: 0, padding: 0.35 },
      marks: [
        gridX({ ticks: 4 }),
        ...DEPTH.map((className, depth) =>
          barX(
            shares.filter(({ axes }) => Math.min(axes.length, 2) === depth),
            { x: 'share', y: 'label', className },
          ),
        ),
        text(shares, { x: 'share', y: 'label', text: ({ share }) => percent(share), dx: 6, textAnchor: 'start' }),
        ruleX([0]),
      ],
    }),
    [shares],
  );
  return <Plotted draw={draw} />;
}

function percentTick(share: number): string {
  return `${Math.round(100 * share)} %`;
}
