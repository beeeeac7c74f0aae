import type { OutcomeQuery } from '../../store/records.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { reportFacts } from '../facts/report-facts.ts';
import { type ReportSource, readReportSource } from '../facts/report-source.ts';
import type { FactOptions } from '../facts/sweep-facts.ts';
import { pageParts } from './page-parts.ts';
import { reportPage } from './report-page.ts';

/**
 * The report of some sweeps of a store as one HTML document. The same store gives the same text, to the last byte.
 *
 * @param program version of the program
 * @throws UserError when there is no such sweep, data or code
 */
export async function htmlReport(
  store: VerdictStore,
  sweeps: readonly [string, ...string[]],
  view: Pick<OutcomeQuery, 'data' | 'code'>,
  program: string,
  options: FactOptions,
): Promise<string> {
  const [first, ...others] = sweeps;
  const sources: [ReportSource, ...ReportSource[]] = [await readReportSource(store, { ...view, sweep: first })];
  for (const sweep of others) sources.push(await readReportSource(store, { ...view, sweep }));
  return reportPage(await reportFacts(sources, program, options), await pageParts());
}
