import { useMemo, useState } from 'preact/hooks';
import type { CalibrationCurve, CalibrationFacts, SplitName } from '../../page-data/report.ts';
import { CalibrationPlot } from '../charts/calibration-curves.tsx';
import { Figure, Key } from '../parts/figure.tsx';
import { percent, whole } from '../parts/number-text.ts';
import { Section } from '../parts/section.tsx';
import type { SweepView } from '../rows/sweep-view.ts';

const SPLITS: readonly (readonly [SplitName, string])[] = [
  ['tune', 'tune'],
  ['validation_locked', 'locked'],
  ['latest_stress', 'stress'],
];
const SIDES = ['LONG', 'SHORT'] as const;

/** Are the classifier's probabilities what they say? One classifier a dataset: no regressor setting moves it. */
export function CalibrationSection({ view }: { readonly view: SweepView }) {
  const { calibration } = view.facts;
  if (calibration === null || calibration.curves.length === 0) return null;
  return <Calibration view={view} calibration={calibration} />;
}

function Calibration({ view, calibration }: { readonly view: SweepView; readonly calibration: CalibrationFacts }) {
  const { curves } = calibration;
  const datasets = useMemo(() => [...new Set(curves.map(({ dataset }) => dataset))], [curves]);
  const [dataset, setDataset] = useState(datasets[0]!);
  const domain = useMemo(() => domainOf(curves), [curves]);
  const nameOf = (place: number) => `ages ${view.facts.datasets[place]?.label ?? place}`;
  const of = useMemo(() => {
    const chosen = curves.filter((curve) => curve.dataset === dataset);
    return SIDES.map((side) =>
      SPLITS.map(([split]) => chosen.filter((curve) => curve.side === side && curve.split === split)),
    );
  }, [curves, dataset]);
  return (
    <Section
      id="calibration"
      question={calibration.question}
      finding={calibration.finding}
      howToRead={calibration.howToRead}
      aside={
        datasets.length > 1 && (
          <label class="field">
            dataset
            <select value={dataset} onChange={(event) => setDataset(Number(event.currentTarget.value))}>
              {datasets.map((place) => (
                <option key={place} value={place}>
                  {nameOf(place)}
                </option>
              ))}
            </select>
          </label>
        )
      }
    >
      <Figure
        finding={`${calibration.finding} Shown: ${nameOf(dataset)}.`}
        minHeight={520}
        twin={() => ({
          head: ['dataset', 'side', 'split', 'features', 'rows', 'predicted', 'observed'],
          rows: curves.flatMap((curve) =>
            curve.bins.map((bin) => [
              nameOf(curve.dataset),
              curve.side,
              curve.split,
              curve.set,
              whole(bin.rows),
              percent(bin.meanProbability),
              percent(bin.sharePositive),
            ]),
          ),
        })}
        legend={
          <>
            <Key mark={<i class="circle good" />}>market_plus_state</Key>
            <Key mark={<i class="square" />}>market_only</Key>
            <Key mark={<i class="dashed" />}>what probabilities promise</Key>
          </>
        }
      >
        {SIDES.map((side, s) => (
          <div key={side} class="three">
            {SPLITS.map(([split, label], i) => (
              <div key={split}>
                <h4>
                  {side} {label}
                </h4>
                <CalibrationPlot curves={of[s]![i]!} domain={domain} />
              </div>
            ))}
          </div>
        ))}
      </Figure>
    </Section>
  );
}

/** The same for all, and on both axes: a promise kept is the diagonal of a square. */
function domainOf(curves: readonly CalibrationCurve[]): readonly [number, number] {
  const values = curves.flatMap(({ bins }) => bins.flatMap((bin) => [bin.meanProbability, bin.sharePositive]));
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const room = (greatest - least || 0.1) * 0.05;
  return [Math.max(0, least - room), Math.min(1, greatest + room)];
}
