import { REPORT_SPLITS } from './report-source.ts';
import type { ReportTable } from './report-table.ts';

/** Passes, and how many of them differ in the five digits of their MAE on tune, locked and stress that a table shows. */
export function distinctPasses({ verdicts, mae }: ReportTable): { readonly passes: number; readonly distinct: number } {
  const results = new Set<string>();
  let passes = 0;
  verdicts.forEach((verdict, row) => {
    if (verdict !== 'pass') return;
    passes += 1;
    results.add(REPORT_SPLITS.map((split) => mae[split][row]!.toFixed(5)).join());
  });
  return { passes, distinct: results.size };
}
