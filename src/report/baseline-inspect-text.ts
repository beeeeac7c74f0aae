import type { Inspection, ShownBar } from '../baseline/from-bars/inspect-bars.ts';
import { countOf } from '../counts.ts';
import { labelled, minuteText, sourceLines } from './bars-text.ts';
import { MISSING } from './number-text.ts';
import { columnsOver, textTable } from './text-table.ts';

/** What `sweep baseline inspect` prints of each symbol: what was understood, first and last bars, the longest gaps. */
export function baselineInspectText(inspections: readonly Inspection[]): string {
  return inspections.map(inspectionText).join('\n\n');
}

function inspectionText(inspection: Inspection): string {
  const { firstBars, lastBars, longestGaps } = inspection;
  const gaps = longestGaps.map(
    ({ from, to, minutes }) => `${minuteText(from)} to ${minuteText(to)} (${countOf(minutes, 'minute')})`,
  );
  return [
    ...sourceLines(inspection),
    ...labelled(longestGaps.length === 1 ? 'gap' : 'longest', gaps.join(', ')),
    ...barTable([...firstBars, ...lastBars], firstBars.length).map((line) => `  ${line}`),
  ].join('\n');
}

function barTable(bars: readonly ShownBar[], firstCount: number): string[] {
  const { left, right } = columnsOver(bars);
  const number = (value: number | null): string => (value === null ? MISSING : String(value));
  const columns = [
    left('UTC', ({ time }) => minuteText(time)),
    right('open', ({ open }) => number(open)),
    right('high', ({ high }) => number(high)),
    right('low', ({ low }) => number(low)),
    right('close', ({ close }) => number(close)),
    right('volume', ({ volume }) => number(volume)),
    right('quote volume', ({ quoteVolume }) => number(quoteVolume), { priority: 'extra' }),
    right('trades', ({ trades }) => number(trades), { priority: 'extra' }),
    right('taker buys', ({ takerBuyBase }) => number(takerBuyBase), { priority: 'extra' }),
  ];
  const { lines } = textTable(columns, { width: 98, color: false });
  return bars.length > firstCount
    ? [...lines.slice(0, 1 + firstCount), '…', ...lines.slice(1 + firstCount)]
    : [...lines];
}
