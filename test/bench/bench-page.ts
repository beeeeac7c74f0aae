/**
 * What a report for a browser costs, printed as markdown: the command that writes it, and the file.
 *
 *   npm run build && node test/bench/bench-page.ts [--browser] [COUNT …]
 *
 * Made-up sweeps of 1,000, 10,000 and 100,000 configurations, or as many as are asked for (a store takes 10 KB each). With
 * --browser also how long the page takes to be ready, in the browser of the tests (npm test installs it).
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../support/browser.ts';
import { markdownTable } from './markdown.ts';
import { type RunCosts, runCommand } from './run-command.ts';

const MAKE_STORE = fileURLToPath(new URL('../../scripts/make-large-store.ts', import.meta.url));
const REPEATS = 3;

type PageRow = RunCosts & { readonly count: number; readonly fileMB: number; readonly readyMs: number };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { browser: { type: 'boolean', default: false } },
});
const counts = positionals.length === 0 ? [1000, 10_000, 100_000] : positionals.map(Number);
const folder = await mkdtemp(join(tmpdir(), 'sweep-bench-page-'));
try {
  const rows: PageRow[] = [];
  for (const count of counts) rows.push(await benchPage(count));
  const table = markdownTable(rows, [
    ['configurations', ({ count }) => count],
    ['CPU s', ({ cpuSeconds }) => cpuSeconds],
    ['s', ({ seconds }) => seconds],
    ['peak MiB', ({ peakMiB }) => peakMiB],
    ['file MB', ({ fileMB }) => fileMB],
    ['page ready ms', ({ readyMs }) => readyMs],
  ]);
  process.stdout.write(`${table}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** The least of some runs: what else goes on only adds. */
async function benchPage(count: number): Promise<PageRow> {
  const db = join(folder, `${count}.db`);
  const file = join(folder, `${count}.html`);
  execFileSync(process.execPath, [MAKE_STORE, db, String(count)], { stdio: 'ignore' });
  let best: RunCosts | undefined;
  for (let i = 0; i < REPEATS; i += 1) {
    const costs = await runCommand(['report', '--db', db, '--html', file, '--force']);
    if (best === undefined || costs.cpuSeconds < best.cpuSeconds) best = costs;
  }
  const { size } = await stat(file);
  const readyMs = values.browser ? await millisecondsToReady(file) : Number.NaN;
  await rm(db);
  return { ...best!, count, fileMB: size / 1e6, readyMs };
}

/** From opening the file until its first screen is drawn; the least of some. */
async function millisecondsToReady(file: string): Promise<number> {
  const browser = await launchBrowser();
  try {
    let least = Infinity;
    for (let i = 0; i < REPEATS; i += 1) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
      const page = await context.newPage();
      const started = performance.now();
      await page.goto(pathToFileURL(file).href);
      await page.waitForSelector('#sweep-report[data-ready]', { timeout: 120_000, state: 'attached' });
      least = Math.min(least, performance.now() - started);
      await context.close();
    }
    return least;
  } finally {
    await browser.close();
  }
}
