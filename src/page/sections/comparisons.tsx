import type { Report, SweepComparisonFacts } from '../../page-data/report.ts';
import { fixed, signed, whole } from '../parts/number-text.ts';
import { Section } from '../parts/section.tsx';
import { TwinTable } from '../parts/twin-table.tsx';

/** Several sweeps side by side: each later one against the first. */
export function ComparisonsSection({ report }: { readonly report: Report }) {
  if (report.comparisons.length === 0) return null;
  return (
    <Section
      id="compare"
      isWide
      question="How do these sweeps differ?"
      howToRead="Configurations that both have, judged on the same data; a verdict that moved is one that something else than chance moved."
    >
      <TwinTable
        caption="sweeps of this report"
        twin={{
          head: ['sweep', 'configurations', 'pass', 'not ready', 'not judged'],
          rows: report.sweeps.map(({ name, counts }) => [
            name,
            whole(counts.configurations),
            whole(counts.pass),
            whole(counts.notReady),
            whole(counts.pending),
          ]),
        }}
      />
      {report.comparisons.map((comparison) => (
        <Comparison key={comparison.b} report={report} comparison={comparison} />
      ))}
    </Section>
  );
}

type ComparisonProps = { readonly report: Report; readonly comparison: SweepComparisonFacts };

function Comparison({ report, comparison }: ComparisonProps) {
  const [a, b] = [report.sweeps[comparison.a]?.name ?? '', report.sweeps[comparison.b]?.name ?? ''];
  const { tuneChange, verdicts, moved } = comparison;
  return (
    <div class="comparison">
      <h3>
        {a} and {b}
      </h3>
      <p class="figure-finding">{comparison.finding}</p>
      <p class="how">
        {whole(comparison.common)} in both, {whole(comparison.onlyInA)} in {a} alone, {whole(comparison.onlyInB)} in {b}{' '}
        alone, {whole(comparison.sameData)} on the same data
        {tuneChange !== null &&
          (tuneChange.least === 0 && tuneChange.greatest === 0
            ? '; tune MAE the same in each'
            : `; tune MAE moved by ${signed(tuneChange.least, 5)} to ${signed(tuneChange.greatest, 5)}, median ${signed(tuneChange.median, 5)}`)}
        .
      </p>
      {verdicts.length > 0 && (
        <TwinTable
          caption={`verdicts of ${a} and of ${b}`}
          twin={{ head: [a, b, 'configurations'], rows: verdicts.map((pair) => [pair.a, pair.b, whole(pair.count)]) }}
        />
      )}
      {moved.length > 0 && (
        <TwinTable
          caption="what moved most"
          twin={{
            head: [
              'configuration',
              `verdict of ${a}`,
              `of ${b}`,
              `tune MAE of ${a}`,
              `of ${b}`,
              `margin of ${a}`,
              `of ${b}`,
            ],
            rows: moved.map((one) => [
              `${one.configuration.slice(0, 7)} ${one.text}`,
              one.verdictA,
              one.verdictB,
              fixed(one.tuneA, 5),
              fixed(one.tuneB, 5),
              signed(one.marginA),
              signed(one.marginB),
            ]),
          }}
        />
      )}
    </div>
  );
}
