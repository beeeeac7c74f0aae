/**
 * What it costs to follow a sweep with `sweep serve`, printed as markdown, CPU of this process: the first look at a store, a
 * look at which there is nothing new or one verdict more, and a report made anew.
 *
 *   node test/bench/bench-live.ts [COUNT …]
 *
 * Made-up sweeps of 1,000 and 10,000 configurations, or as many as are asked for.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LiveFeed } from '../../src/serve/live-feed.ts';
import { LiveReports } from '../../src/serve/live-reports.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticOutcome } from '../store/synthetic.ts';
import { markdownTable } from './markdown.ts';

const MAKE_STORE = fileURLToPath(new URL('../../scripts/make-large-store.ts', import.meta.url));
/** make-large-store.ts leaves every thousandth configuration to be judged. */
const PENDING_EVERY = 1000;

type LiveRow = {
  readonly count: number;
  readonly first: number;
  readonly nothing: number;
  readonly one: number;
  readonly report: number;
  readonly again: number;
  readonly packedMB: number;
};

const counts = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1000, 10_000];
const folder = await mkdtemp(join(tmpdir(), 'sweep-bench-live-'));
try {
  const rows: LiveRow[] = [];
  for (const count of counts) rows.push(await benchLive(count));
  const table = markdownTable(rows, [
    ['configurations', ({ count }) => count],
    ['first look ms', ({ first }) => first],
    ['nothing new ms', ({ nothing }) => nothing],
    ['one new ms', ({ one }) => one],
    ['report ms', ({ report }) => report],
    ['again ms', ({ again }) => again],
    ['sent MB', ({ packedMB }) => packedMB],
  ]);
  process.stdout.write(`${table}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function benchLive(count: number): Promise<LiveRow> {
  const db = join(folder, `${count}.db`);
  execFileSync(process.execPath, [MAKE_STORE, db, String(count)], { stdio: 'ignore' });
  const records = syntheticConfigurations(count);
  await using writer = await openVerdictStore(db, { mode: 'write' });
  const runId = await beginSyntheticRun(writer, records);
  const now = () => performance.now();
  const feed = new LiveFeed({ open: () => openVerdictStore(db, { mode: 'read' }), now });
  const look = () => feed.poll(true);
  const first = await cpuMs(look);
  const nothing = await cpuMs(look);
  const last = records[PENDING_EVERY - 1] ?? records.at(-1)!;
  await writer.record(runId, [syntheticOutcome(last)]);
  const one = await cpuMs(look);
  const reports = new LiveReports('0', { withMachine: false, db: [] }, now);
  const make = () => reports.make(feed.store!, feed.sweep!, feed.version);
  const report = await cpuMs(make);
  const again = await cpuMs(make);
  await feed.close();
  return { count, first, nothing, one, report, again, packedMB: reports.newest!.packed.length / 1e6 };
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
