/**
 * What a report for a browser costs, printed as markdown: the command that writes it, and the file.
 *
 *   npm run build && node test/bench/bench-page.ts [--browser] [COUNT …]
 *
 * Made-up sweeps of 1,000, 10,000 and 100,000 configurations, or as many as are asked for (a store takes 10 kB each). With
 * --browser also how long the page takes to be ready, and the longest frame while a brush is dragged along an axis and let
 * go, in the browser of the tests (npm test installs it).
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../support/browser.ts';
import type { Browser, Page } from '../support/browser-types.ts';
import { markdownTable } from './markdown.ts';
import { type RunCosts, runCommand } from './run-command.ts';

const MAKE_STORE = fileURLToPath(new URL('../../scripts/make-large-store.ts', import.meta.url));
const REPEATS = 3;

type PageRow = RunCosts & {
  readonly count: number;
  readonly fileMB: number;
  readonly readyMs: number;
  readonly dragMs: number;
  readonly letGoMs: number;
};

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
    ['longest frame of a drag, ms', ({ dragMs }) => dragMs],
    ['when it is let go, ms', ({ letGoMs }) => letGoMs],
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
  const inBrowser = values.browser
    ? { readyMs: await millisecondsToReady(file), ...(await longestFrames(file)) }
    : { readyMs: Number.NaN, dragMs: Number.NaN, letGoMs: Number.NaN };
  await rm(db);
  return { ...best!, count, fileMB: size / 1e6, ...inBrowser };
}

/** Sixty steps along an axis that measures; the median of some drags' longest frames. */
async function longestFrames(file: string): Promise<{ dragMs: number; letGoMs: number }> {
  const drags: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < REPEATS; i += 1) {
    const browser = await launchBrowser();
    try {
      const page = await openPage(browser, file);
      await page.evaluate(() => document.querySelector('#configurations')?.scrollIntoView());
      await page.waitForSelector('.parallel .brush .overlay', { timeout: 60_000, state: 'attached' });
      const { x, top, height } = await page.evaluate(() => {
        const axis = [...document.querySelectorAll('.parallel .axis')].at(-4)!;
        axis.scrollIntoView({ block: 'center' });
        const { left, top, height } = axis.getBoundingClientRect();
        return { x: left, top, height };
      });
      await pause(1000);
      await page.mouse.move(x, top + 4);
      await page.mouse.down();
      await page.evaluate(watchFrames);
      for (let step = 1; step <= 60; step += 1) {
        await page.mouse.move(x, top + 4 + (step * (height - 8)) / 60);
        await pause(20);
      }
      drags.push(await page.evaluate(longestFrame));
      await page.evaluate(watchFrames);
      await page.mouse.up();
      await pause(1000);
      ends.push(await page.evaluate(longestFrame));
    } finally {
      await browser.close();
    }
  }
  return { dragMs: median(drags), letGoMs: median(ends) };
}

type Watched = { longest?: number; watching?: number };

function watchFrames(): void {
  const seen = globalThis as Watched;
  seen.longest = 0;
  cancelAnimationFrame(seen.watching ?? 0);
  let before = performance.now();
  const next = () => {
    const now = performance.now();
    seen.longest = Math.max(seen.longest ?? 0, now - before);
    before = now;
    seen.watching = requestAnimationFrame(next);
  };
  seen.watching = requestAnimationFrame(next);
}

function longestFrame(): number {
  return (globalThis as Watched).longest ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** From opening the file until its first screen is drawn; the least of some. */
async function millisecondsToReady(file: string): Promise<number> {
  const browser = await launchBrowser();
  try {
    let least = Infinity;
    for (let i = 0; i < REPEATS; i += 1) {
      const started = performance.now();
      await openPage(browser, file);
      least = Math.min(least, performance.now() - started);
    }
    return least;
  } finally {
    await browser.close();
  }
}

async function openPage(browser: Browser, file: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('#sweep-report[data-ready]', { timeout: 120_000, state: 'attached' });
  return page;
}
