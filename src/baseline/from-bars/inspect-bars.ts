import { basename } from 'node:path';
import { MINUTE_MS } from '../../time-units.ts';
import type { BarSource } from './bar-sources.ts';
import type { Bars } from './bars.ts';
import type { BarRange } from './check-bars.ts';
import { type MissingColumns, missingColumns } from './missing-columns.ts';
import { readSymbols } from './read-bars.ts';
import type { ReadingOptions } from './readers/reading-options.ts';
import { type SourceAccount, sourceAccount } from './source-account.ts';

/** What a build would understand of one symbol's files. */
export type Inspection = SourceAccount & {
  firstBars: ShownBar[];
  lastBars: ShownBar[];
  /** The longest gaps, longest first. */
  longestGaps: { from: string; to: string; minutes: number }[];
  missing: MissingColumns[];
};

export type ShownBar = {
  time: string;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
  quoteVolume: number | null;
  trades: number | null;
  takerBuyBase: number | null;
};

const BARS_SHOWN = 2;
const GAPS_SHOWN = 5;

/**
 * Reads files as a build would, and builds nothing. A file that says of no symbol goes by its own name.
 *
 * @throws UserError as a build would
 */
export async function inspectBars(
  sources: readonly BarSource[],
  range: BarRange,
  options: ReadingOptions,
): Promise<Inspection[]> {
  const inspections: Inspection[] = [];
  for (const source of sources) {
    const named = { ...source, otherwise: nameOf(source.path) };
    for (const read of await readSymbols([named], range, options)) {
      const { bars } = read;
      const count = bars.openTimeMs.length;
      inspections.push({
        ...sourceAccount(read),
        firstBars: shownBars(bars, 0, Math.min(BARS_SHOWN, count)),
        lastBars: shownBars(bars, Math.max(BARS_SHOWN, count - BARS_SHOWN), count),
        longestGaps: longestGaps(bars),
        missing: missingColumns(bars),
      });
    }
  }
  return inspections;
}

function nameOf(path: string): string {
  return /[*?]/.test(path) ? 'bars' : basename(path).replace(/\s+/g, '_') || 'bars';
}

function shownBars(bars: Bars, from: number, to: number): ShownBar[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => {
    const bar = from + i;
    return {
      time: new Date(bars.openTimeMs[bar]!).toISOString(),
      open: bars.open[bar]!,
      high: bars.high[bar]!,
      low: bars.low[bar]!,
      close: bars.close[bar]!,
      volume: bars.volume[bar]!,
      quoteVolume: bars.quoteVolume?.[bar] ?? null,
      trades: bars.trades?.[bar] ?? null,
      takerBuyBase: bars.takerBuyBase?.[bar] ?? null,
    };
  });
}

function longestGaps({ openTimeMs }: Bars): Inspection['longestGaps'] {
  const gaps: { at: number; minutes: number }[] = [];
  for (let bar = 1; bar < openTimeMs.length; bar += 1) {
    const minutes = (openTimeMs[bar]! - openTimeMs[bar - 1]!) / MINUTE_MS - 1;
    if (minutes > 0) gaps.push({ at: bar, minutes });
  }
  const longest = gaps.sort((a, b) => b.minutes - a.minutes || a.at - b.at).slice(0, GAPS_SHOWN);
  return longest.map(({ at, minutes }) => ({
    from: new Date(openTimeMs[at - 1]! + MINUTE_MS).toISOString(),
    to: new Date(openTimeMs[at]!).toISOString(),
    minutes,
  }));
}
