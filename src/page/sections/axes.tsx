import { useMemo } from 'preact/hooks';
import type { AxisMedians } from '../../page-data/report.ts';
import { AxisMediansPlot } from '../charts/axis-medians.tsx';
import { drawnShares, VarianceShares } from '../charts/variance-shares.tsx';
import { Figure, Key } from '../parts/figure.tsx';
import { fixed, percent, whole } from '../parts/number-text.ts';
import { Section } from '../parts/section.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

/** Which axes matter? */
export function AxesSection({ view }: { readonly view: SweepView }) {
  const { importance } = view.facts;
  const domain = useMemo(() => commonDomain(importance.medians), [importance]);
  const exact = importance.variance.filter(({ shares }) => shares.length > 0);
  return (
    <Section id="axes" question={importance.question} finding={importance.finding} howToRead={importance.howToRead}>
      {exact.length > 0 && (
        <Figure
          finding={importance.finding}
          minHeight={26 * Math.max(...exact.map((variance) => drawnShares(variance).length)) + 70}
          twin={() => ({
            head: ['axes', 'regressor', 'share of variance'],
            rows: exact.flatMap(({ kind, shares }) => shares.map(({ label, share }) => [label, kind, percent(share)])),
          })}
          legend={
            <>
              <Key mark={<i class="swatch" />}>one axis by itself</Key>
              <Key mark={<i class="swatch two" />}>two together, beyond each by itself</Key>
            </>
          }
        >
          <div class="side-by-side">
            {exact.map((variance) => (
              <div key={variance.kind}>
                <h3>
                  {variance.kind} <span>{whole(variance.configurations)} configurations</span>
                </h3>
                <VarianceShares variance={variance} />
              </div>
            ))}
          </div>
        </Figure>
      )}
      {importance.variance.map(({ kind, notExact }) =>
        notExact === null ? null : (
          <p key={kind} class="how">
            {notExact}
          </p>
        ),
      )}
      {domain !== null && (
        <Figure
          finding={`Median and range of tune MAE at each value. ${importance.finding}`}
          minHeight={360}
          twin={() => ({
            head: ['axis and value', 'configurations', 'median', 'best', 'worst', 'can move'],
            rows: importance.medians.flatMap(({ label, moves, values }) =>
              values.map(({ text, count, median, best, worst }) => [
                `${label} ${text}`,
                whole(count),
                fixed(median, 5),
                fixed(best, 5),
                fixed(worst, 5),
                moves,
              ]),
            ),
          })}
          legend={<Key mark={<i class="median-key" />}>median of tune MAE, and its range; up is better</Key>}
        >
          <div class="small-multiples">
            {importance.medians.map((medians) => (
              <div key={medians.axis}>
                <h3>
                  {medians.label} <span>{fixed(medians.effect, 4)} apart</span>
                </h3>
                <AxisMediansPlot medians={medians} domain={domain} />
              </div>
            ))}
          </div>
        </Figure>
      )}
    </Section>
  );
}

/** One scale for all, so that lengths can be compared; null where there is nothing. */
function commonDomain(medians: readonly AxisMedians[]): readonly [number, number] | null {
  const values = medians.flatMap((axis) => axis.values.flatMap(({ best, worst }) => [best, worst]));
  if (values.length === 0) return null;
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const room = (greatest - least) * 0.06 || 0.001;
  return [least - room, greatest + room];
}
