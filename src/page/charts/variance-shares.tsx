import { barX, gridX, ruleX, text } from '@observablehq/plot';
import { useCallback, useMemo } from 'preact/hooks';
import type { VarianceFacts } from '../../page-data/report.ts';
import { percent } from '../parts/number-text.ts';
import { Plotted } from './plotted.tsx';

/** Single axes are strong, pairs paler, the rest palest: a share of more axes is one that fewer can act on. */
const DEPTH = ['shares-rest', 'shares-one', 'shares-two'];

/** Shares below it are bars that nobody sees: they are counted below the drawing, and the table twin has them. */
const LEAST_SHARE = 0.005;

/** How many bars are drawn of so many shares. */
export function drawnShares({ shares }: VarianceFacts): VarianceFacts['shares'] {
  return shares.filter(({ share }) => share >= LEAST_SHARE);
}

/** Bars of the shares of one kind of regressor, the largest first. */
export function VarianceShares({ variance }: { readonly variance: VarianceFacts }) {
  const shares = useMemo(() => drawnShares(variance), [variance]);
  const small = variance.shares.length - shares.length;
  const draw = useCallback(
    (width: number) => ({
      height: 26 * shares.length + 44,
      marginBottom: 40,
      marginLeft: 150,
      marginRight: 52,
      marginTop: 4,
      x: { domain: [0, 1], label: 'share of variance', tickFormat: percentTick, ticks: ticksFor(width) },
      y: { domain: shares.map(({ label }) => label), label: null, tickSize: 0, padding: 0.35 },
      marks: [
        gridX(ticksFor(width)),
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
  return (
    <>
      <Plotted draw={draw} />
      {small > 0 && (
        <p class="how">
          {small} more with less than {percent(LEAST_SHARE)} each
        </p>
      )}
    </>
  );
}

/** Fewer where labels would touch. */
function ticksFor(width: number): readonly number[] {
  return width < 360 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1];
}

function percentTick(share: number): string {
  return `${Math.round(100 * share)} %`;
}
