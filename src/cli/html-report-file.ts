import type { NamedBook } from '../report/sweep-budget.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { version } from '../version.ts';
import { storeWords } from './sweep-options.ts';
import { checkUserFile, writeUserFile } from './user-file.ts';

export type HtmlReportOptions = {
  readonly db: string;
  readonly data?: string | undefined;
  readonly code?: string | undefined;
  /** Whether processors and folders are said. */
  readonly machine: boolean;
  /** Folders of runs whose models are to be shown. */
  readonly models?: readonly string[] | undefined;
  /** Stores and ledgers whose looks at the locked splits are counted, too. */
  readonly looksOfOthers?: readonly NamedBook[];
  /** Whether a file that is there may go. */
  readonly replaces: boolean;
};

/** Writes the report of these sweeps for a browser. @returns its size in bytes */
export async function writeHtmlReport(
  file: string,
  store: VerdictStore,
  sweeps: readonly [string, ...string[]],
  { db, data, code, machine, models = [], looksOfOthers = [], replaces }: HtmlReportOptions,
): Promise<number> {
  const rules = { replaces, store: db };
  checkUserFile(file, rules);
  // Loaded for those alone who want one: a leaderboard needs none of it.
  const { htmlReport } = await import('../report/html/html-report.ts');
  const html = await htmlReport(store, sweeps, { data, code }, version(), {
    withMachine: machine,
    modelFolders: models,
    looksOfOthers,
    db: storeWords(db),
  });
  await writeUserFile(file, rules, (handle) => handle.writeFile(html));
  return Buffer.byteLength(html);
}
