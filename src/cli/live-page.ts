import { pageParts } from '../report/html/page-parts.ts';
import { reportPage } from '../report/html/report-page.ts';
import { LiveFeed } from '../serve/live-feed.ts';
import { livePageParts } from '../serve/live-page.ts';
import { LiveReports } from '../serve/live-reports.ts';
import { type LiveServer, startLiveServer } from '../serve/live-server.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { version } from '../version.ts';
import { storeWords } from './sweep-options.ts';

export type LivePageOptions = {
  readonly db: string;
  readonly sweep?: string | undefined;
  readonly port: number;
  /** Whether the page says folders and processors. */
  readonly machine: boolean;
};

/**
 * Starts the page of a sweep.
 *
 * @param open opens the store to be read, or throws a UserError while there is none
 */
export async function startLivePage(
  { db, sweep, port, machine }: LivePageOptions,
  open: () => Promise<VerdictStore>,
): Promise<LiveServer> {
  const now = () => performance.now();
  const [page, parts] = await Promise.all([livePageParts(), pageParts()]);
  const facts = { withMachine: machine, db: storeWords(db) };
  return startLiveServer({
    feed: new LiveFeed({ open, sweep, now }),
    reports: new LiveReports(version(), facts, now),
    page,
    fileOf: ({ computed }) => reportPage(computed, parts),
    port,
    now,
  });
}
