import { useCallback, useMemo, useState } from 'preact/hooks';
import type { DayCurve, NamedConfiguration, SplitName } from '../../page-data/report.ts';
import { type DayBaseline, DayCurves, savedOf } from '../charts/day-curves.tsx';
import { NamedMark } from '../charts/named-mark.tsx';
import { Choice } from '../parts/choice.tsx';
import { Figure } from '../parts/figure.tsx';
import { fixed, signed, whole } from '../parts/number-text.ts';
import { configurationHash } from '../parts/route.ts';
import { Section } from '../parts/section.tsx';
import { TwinTable } from '../parts/twin-table.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

const SPLITS: readonly (readonly [SplitName, string])[] = [
  ['tune', 'tune (chosen on)'],
  ['validation_locked', 'locked (gate)'],
  ['latest_stress', 'stress (gate)'],
];
const SIDES = ['LONG', 'SHORT'] as const;

/** Is the gain steady, or a few days' luck? */
export function DaysSection({ view }: { readonly view: SweepView }) {
  const { days, named } = view.facts;
  const hasConstant = days.curves.some(({ againstConstant }) => againstConstant !== null);
  const [baseline, setBaseline] = useState<DayBaseline>('market_only');
  const domain = useMemo(() => domainOf(days.curves, baseline), [days, baseline]);
  const placeOf = useCallback(
    (configuration: string) => named.findIndex((one) => one.configuration === configuration),
    [named],
  );
  if (days.curves.length === 0) return null;
  return (
    <Section
      id="days"
      question={days.question}
      finding={days.finding}
      howToRead={days.howToRead}
      aside={
        hasConstant && (
          <div class="controls">
            <Choice
              label="saved against"
              value={baseline}
              choose={setBaseline}
              choices={[
                ['market_only', 'market_only'],
                ['constant', 'the constant'],
              ]}
            />
          </div>
        )
      }
    >
      <Figure
        finding={days.finding}
        minHeight={520}
        twin={() => twinOf(days.curves, named)}
        legend={named.map(({ configuration, roles, text }, place) => (
          <span class="key named-key" key={configuration}>
            <NamedMark place={place} />
            <span>
              <b>{roles.join(', ')}</b>: {text}
            </span>
          </span>
        ))}
      >
        {SIDES.map((side) => (
          <div key={side} class="side">
            <h3>
              {side} <span>bps a row saved, summed from the split’s first day</span>
            </h3>
            <div class="three">
              {SPLITS.map(([split, label]) => (
                <div key={split}>
                  <h4>{label}</h4>
                  <DayCurves
                    curves={days.curves.filter((curve) => curve.side === side && curve.split === split)}
                    split={split}
                    baseline={baseline}
                    domain={domain}
                    placeOf={placeOf}
                  />
                </div>
              ))}
            </div>
          </div>
        ))}
      </Figure>
      <DayTable view={view} />
    </Section>
  );
}

function DayTable({ view }: { readonly view: SweepView }) {
  const { days, named } = view.facts;
  if (days.table.length === 0) return null;
  return (
    <details>
      <summary>mean absolute errors behind it</summary>
      <TwinTable
        caption="mean absolute error, bps"
        twin={{
          head: ['configuration', 'side', 'split', 'rows', 'market_plus_state', 'market_only', 'constant'],
          rows: days.table.map((line) => [
            named.find(({ configuration }) => configuration === line.configuration)?.roles.join(', ') ??
              line.configuration,
            line.side,
            line.split,
            whole(line.rows),
            fixed(line.marketPlusState, 3),
            fixed(line.marketOnly, 3),
            fixed(line.constant, 3),
          ]),
        }}
      />
      <p class="how">
        {named.map(({ configuration, roles }, i) => (
          <>
            {i > 0 && ' · '}
            <a class="id" href={configurationHash(configuration)} key={configuration}>
              {configuration.slice(0, 7)}
            </a>{' '}
            {roles.join(', ')}
          </>
        ))}
      </p>
    </details>
  );
}

function domainOf(curves: readonly DayCurve[], baseline: DayBaseline): readonly [number, number] {
  const values = curves.flatMap((curve) => savedOf(curve, baseline) ?? []);
  const [least, greatest] = [Math.min(0, ...values), Math.max(0, ...values)];
  const room = (greatest - least || 1) * 0.08;
  return [least - room, greatest + room];
}

function twinOf(curves: readonly DayCurve[], named: readonly NamedConfiguration[]) {
  return {
    head: ['configuration', 'side', 'split', 'day', 'rows', 'saved against market_only', 'against the constant'],
    rows: curves.flatMap((curve) =>
      curve.days.map((day, i) => [
        named.find(({ configuration }) => configuration === curve.configuration)?.roles.join(', ') ??
          curve.configuration,
        curve.side,
        curve.split,
        day,
        whole(curve.rows[i]),
        signed(curve.againstMarketOnly[i], 3),
        signed(curve.againstConstant?.[i], 3),
      ]),
    ),
  };
}
