import type { BadRow } from './bad-rows.ts';
import type { BarsAccount } from './bars.ts';
import type { SymbolBars } from './read-bars.ts';
import type { StrayFile } from './readers/no-bars-error.ts';
import type { ReadingAccount } from './reading-account.ts';

/** One symbol's files: what was understood of them, and what was left out. */
export type SourceAccount = Omit<BarsAccount, 'firstOpenTimeMs' | 'lastOpenTimeMs'> & {
  symbol: string;
  files: { path: string; sha256: string }[];
  readings: ReadingAccount[];
  /** UTC, ISO 8601. */
  firstBar: string;
  lastBar: string;
  /** Rows that broke a rule and were left out. */
  badRows: BadRow[];
  /** Files beside the bars that are no tables. */
  strays: StrayFile[];
};

export function sourceAccount({ bars, account, files, readings, badRows, strays }: SymbolBars): SourceAccount {
  const { firstOpenTimeMs, lastOpenTimeMs, ...counts } = account;
  return {
    symbol: bars.symbol,
    files: [...files],
    readings: [...readings],
    firstBar: new Date(firstOpenTimeMs).toISOString(),
    lastBar: new Date(lastOpenTimeMs).toISOString(),
    ...counts,
    badRows: [...badRows],
    strays: [...strays],
  };
}
