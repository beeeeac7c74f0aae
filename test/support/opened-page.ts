import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { axeSource, launchBrowser } from './browser.ts';
import type { Browser, ContextOptions, Page } from './browser-types.ts';
import { type MadeReport, pageOf } from './made-report.ts';
import { makeTemporaryFolder, removeFolder } from './temporary-folder.ts';

/** As the build makes them. */
export const BUILT_PAGE = {
  script: readFileSync(fileURLToPath(new URL('../../dist/page/page.js', import.meta.url)), 'utf8'),
  style: readFileSync(fileURLToPath(new URL('../../dist/page/page.css', import.meta.url)), 'utf8'),
};

/** More than any page takes on the slowest machine: what hangs fails. */
export const TIME_LIMIT_MS = 60_000;

/** What a page has once its first screen is drawn. */
const READY = '#sweep-report[data-ready]';

/** A page in a browser, and what it said and asked for. */
export type OpenedPage = {
  readonly page: Page;
  readonly file: string;
  /** Nothing was asked of anywhere, nothing was complained of. */
  assertQuiet(): void;
  close(): Promise<void>;
};

let launched: Promise<Browser> | undefined;
after(async () => (await launched)?.close());

/** Writes a made report's page and opens it from its file, in the test file's one browser. */
export async function openMade(report: MadeReport, options: ContextOptions = {}, ready = READY): Promise<OpenedPage> {
  const folder = await makeTemporaryFolder();
  const file = join(folder, 'report.html');
  writeFileSync(file, pageOf(report, BUILT_PAGE));
  const opened = await openFile(file, options, ready);
  return {
    ...opened,
    close: async () => {
      await opened.close();
      await removeFolder(folder);
    },
  };
}

/** Opens a report's file, and waits until the page has drawn what is on the first screen. */
export async function openFile(file: string, options: ContextOptions = {}, ready = READY): Promise<OpenedPage> {
  launched ??= launchBrowser();
  const browser = await launched;
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    acceptDownloads: true,
    ...options,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${error.stack ?? error.message}`));
  const address = pathToFileURL(file).href;
  page.on('request', (request) => {
    if (request.url().split('#')[0] !== address && !request.url().startsWith('blob:')) {
      complaints.push(`request: ${request.url()}`);
    }
  });
  await page.goto(address);
  await page.waitForSelector(ready, { timeout: TIME_LIMIT_MS, state: 'attached' });
  return {
    page,
    file,
    assertQuiet: () => assert.deepEqual(complaints, []),
    close: () => context.close(),
  };
}

/** Goes down the page, so that everything is drawn, and comes back. */
export async function drawAll(page: Page): Promise<void> {
  await page.evaluate(async () => {
    // A browser without a screen may leave out frames on a busy machine: what waits for one goes on without it.
    const nextFrame = () =>
      new Promise((done) => {
        requestAnimationFrame(() => setTimeout(done, 0));
        setTimeout(done, 1000);
      });
    for (let y = 0; y < document.documentElement.scrollHeight; y += 600) {
      scrollTo(0, y);
      await nextFrame();
      await nextFrame();
    }
    scrollTo(0, 0);
    await nextFrame();
  });
}

/** Violations of WCAG A and AA that axe finds, as `rule: selector`. */
export async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(axeSource(), 'utf8'));
  return page.evaluate(async () => {
    type Found = { violations: readonly { id: string; nodes: readonly { target: readonly string[] }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<Found> } };
    const { violations } = await axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
  });
}

/** What stands out of the page on the right, and drawings whose contents leave their own box, as selectors. */
export async function overflows(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) found.push(`the page is ${scrollWidth} wide in ${clientWidth}`);
    for (const svg of document.querySelectorAll<SVGSVGElement>('main svg')) {
      const { x, y, width, height } = svg.viewBox.baseVal;
      if (width === 0) continue;
      const box = svg.getBBox();
      // Labels and marks at an end may stand out by their own size, not by more.
      const room = 24;
      const isOut =
        box.x < x - room ||
        box.y < y - room ||
        box.x + box.width > x + width + room ||
        box.y + box.height > y + height + room;
      if (isOut)
        found.push(`svg ${svg.getAttribute('class')} ${[box.x, box.y, box.width, box.height].map(Math.round)}`);
    }
    return found;
  });
}
