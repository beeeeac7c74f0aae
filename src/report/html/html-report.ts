import type { OutcomeQuery } from '../../store/records.ts';
import type { VerdictStore } from '../../store/verdict-store.ts';
import { UserError } from '../../user-error.ts';
import { configurationOfModels, type FolderOfModels, readFolderOfModels } from '../facts/model-coefficients.ts';
import { reportFacts } from '../facts/report-facts.ts';
import { type ReportSource, readReportSource } from '../facts/report-source.ts';
import type { FactOptions } from '../facts/sweep-facts.ts';
import type { NamedBook } from '../sweep-budget.ts';
import { pageParts } from './page-parts.ts';
import { reportPage } from './report-page.ts';

/**
 * The report of some sweeps of a store as one HTML document. The same store gives the same text, to the last byte.
 *
 * @param program version of the program
 * @throws UserError when there is no such sweep, data or code, or a folder has no models of what a sweep judged
 */
export async function htmlReport(
  store: VerdictStore,
  sweeps: readonly [string, ...string[]],
  view: Pick<OutcomeQuery, 'data' | 'code'>,
  program: string,
  options: Omit<FactOptions, 'models'> & {
    readonly modelFolders: readonly string[];
    /** Stores and ledgers whose looks at the locked splits are counted, too. */
    readonly looksOfOthers: readonly NamedBook[];
  },
): Promise<string> {
  const [first, ...others] = sweeps;
  const models = await Promise.all(options.modelFolders.map(readFolderOfModels));
  // While a run stores more: a sentence must not count what the one before it did not.
  const computed = await store.atOneMoment(async () => {
    const sources: [ReportSource, ...ReportSource[]] = [
      await readReportSource(store, { ...view, sweep: first }, options.looksOfOthers),
    ];
    for (const sweep of others) sources.push(await readReportSource(store, { ...view, sweep }, options.looksOfOthers));
    refuseForeignModels(models, sources);
    return await reportFacts(sources, program, { ...options, models });
  });
  return reportPage(computed, await pageParts());
}

function refuseForeignModels(models: readonly FolderOfModels[], sources: readonly ReportSource[]): void {
  for (const folder of models) {
    if (sources.some(({ outcomes }) => configurationOfModels(folder, outcomes.judged) !== null)) continue;
    const sweeps = sources.map(({ sweep }) => JSON.stringify(sweep.name)).join(' or ');
    throw new UserError(
      `${folder.folder}: its models are of no configuration that ${sweeps} judged, on a dataset of the same content`,
    );
  }
}
