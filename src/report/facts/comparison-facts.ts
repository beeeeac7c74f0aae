import { countOf, countText } from '../../counts.ts';
import type { SweepComparisonFacts } from '../../page-data/report.ts';
import { type ComparedSweep, compareSweeps } from '../compare-sweeps.ts';
import { printable } from '../printable.ts';
import { verdictOf } from '../verdict-words.ts';
import type { ReportSource } from './report-source.ts';
import { tableAxes } from './table-axes.ts';
import { configurationText, signedWords } from './words.ts';

const MOST_MOVED = 50;

/** Each later sweep against the first: what moved, of the configurations that both have judged. */
export function comparisonFacts(sources: readonly ReportSource[]): SweepComparisonFacts[] {
  const [first, ...others] = sources;
  if (first === undefined || others.length === 0) return [];
  const a = comparedSweep(first);
  return others.map((source, i) => {
    const b = comparedSweep(source);
    const comparison = compareSweeps(a, b);
    const axes = tableAxes([...a.verdicts, ...b.verdicts].map(({ judged }) => judged.configuration));
    const { common, onlyInA, onlyInB, sameData, verdicts, tuneMaeChange } = comparison;
    return {
      a: 0,
      b: i + 1,
      finding: findingOf(comparison),
      common,
      onlyInA,
      onlyInB,
      sameData,
      verdicts,
      tuneChange: tuneMaeChange,
      moved: comparison.moved.slice(0, MOST_MOVED).map((moved) => ({
        configuration: moved.id,
        text: configurationText(moved.judged.configuration, axes),
        verdictA: moved.verdictA,
        verdictB: moved.verdictB,
        tuneA: moved.tuneMaeA,
        tuneB: moved.tuneMaeB,
        marginA: moved.marginA,
        marginB: moved.marginB,
      })),
    };
  });
}

function comparedSweep({ sweep, outcomes }: ReportSource): ComparedSweep {
  return {
    name: sweep.name,
    outcomes,
    verdicts: outcomes.judged.map((judged) => ({ judged, verdict: verdictOf(judged, judged.unconverged) })),
  };
}

function findingOf({
  a,
  b,
  common,
  onlyInA,
  onlyInB,
  sameData,
  moved,
  tuneMaeChange,
}: ReturnType<typeof compareSweeps>) {
  const names = `${printable(a)} and ${printable(b)}`;
  if (common === 0) return `${names} have no judged configuration in common.`;
  const isUnmoved = tuneMaeChange === null || (tuneMaeChange.least === 0 && tuneMaeChange.greatest === 0);
  const change = isUnmoved ? '' : `, by ${signedWords(tuneMaeChange.median, 5)} in the median`;
  const data =
    sameData === common
      ? ''
      : ` ${countText(common - sameData)} are on data of other content: their figures do not compare.`;
  return (
    `${names} have ${countOf(common, 'judged configuration')} in common (${countText(onlyInA)} and ${countText(onlyInB)} more are in one of them); ` +
    `${moved.length === 0 ? 'none' : countText(moved.length)} moved${change}.${data}`
  );
}
