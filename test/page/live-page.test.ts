import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startLivePage } from '../../src/cli/live-page.ts';
import type { LiveServer } from '../../src/serve/live-server.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { storePath, WrittenRun } from '../serve/followed-store.ts';
import { syntheticConfigurations } from '../store/synthetic.ts';
import { launchBrowser } from '../support/browser.ts';
import type { Browser, Page } from '../support/browser-types.ts';
import { axeViolations, overflows, TIME_LIMIT_MS } from '../support/opened-page.ts';

const RECORDS = syntheticConfigurations(60);
const HOSTILE = '<img src=x onerror=alert(1)>';

/** One page beside one run, from its first verdict to its end and beyond: each test goes on where the last one has left it. */
describe('the page that follows a sweep, in a real browser', () => {
  const cleanUp: (() => unknown)[] = [];
  const complaints: string[] = [];
  let browser: Browser;
  let page: Page;
  let run: WrittenRun;
  let server: LiveServer;
  let path = '';

  before(async () => {
    path = storePath({ after: (work: () => void) => cleanUp.push(work) });
    run = await WrittenRun.begin(path, RECORDS, { sweepName: HOSTILE });
    await run.judge(0, 20);
    server = await startLivePage({ db: path, port: 0, machine: false }, () => openVerdictStore(path, { mode: 'read' }));
    browser = await launchBrowser();
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, acceptDownloads: true });
    page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() !== 'log') complaints.push(`${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(server.address)) complaints.push(`request: ${request.url()}`);
    });
    await page.goto(server.address);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
    for (const work of cleanUp) work();
  });

  /** Waits until the panel above the report says so. */
  const says = (text: string) =>
    page.waitForFunction((text: string) => document.querySelector('.live')?.textContent?.includes(text), text, {
      timeout: TIME_LIMIT_MS,
    });
  /** Waits until the report is of so many verdicts. */
  const shows = (text: string) =>
    page.waitForFunction(
      (text: string) => document.querySelector('.first-screen .state')?.textContent?.includes(text),
      text,
      { timeout: TIME_LIMIT_MS },
    );

  test('says how far it is, the best so far and what passes so far; of the report no check is ✓ yet', async () => {
    await says('20 of 60 judged so far');
    await shows('20 of 60 done so far');
    assert.equal(await page.evaluate(() => document.querySelectorAll('.check.good').length), 0);
    assert.match(
      (await page.textContent('.live-best')) ?? '',
      /^best so far by tune[0-9a-f]{7} ages .+: tune MAE 0\.\d{4}/,
    );
    assert.match(await page.evaluate(() => document.title), /^33 % of /);
    assert.equal(await page.evaluate(() => document.querySelectorAll('img').length), 0, 'a name is text');
    assert.equal(
      await page.evaluate(() => document.querySelector('.arrivals canvas')?.getAttribute('aria-label')?.slice(0, 46)),
      'Verdicts in the order in which they came: 20, ',
    );
  });

  test('is accessible in both themes and nothing of it is wider than the page, on a telephone too', async () => {
    for (const theme of ['light', 'dark']) {
      await page.evaluate((theme: string) => {
        document.documentElement.dataset['theme'] = theme;
      }, theme);
      assert.deepEqual(await axeViolations(page), [], theme);
    }
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await overflows(page), [], `${width} px`);
    }
    assert.ok((await page.screenshot({ timeout: TIME_LIMIT_MS })).length > 10_000);
  });

  test('what comes while a band is dragged waits until it is let go; the band and what it selects stay', async () => {
    await page.evaluate(() => document.querySelector('#configurations')?.scrollIntoView());
    await page.waitForSelector('.parallel .brush .overlay', { timeout: TIME_LIMIT_MS, state: 'attached' });
    const { left, top, height } = await page.evaluate(() => {
      const line = [...document.querySelectorAll('.parallel .axis')].at(-1)!;
      line.scrollIntoView({ block: 'center' });
      return line.getBoundingClientRect().toJSON() as { left: number; top: number; height: number };
    });
    await page.mouse.move(left, top + height * 0.4);
    await page.mouse.down();
    await page.mouse.move(left, top + height * 1.04, { steps: 4 });
    const chip = await page.textContent('.chip');
    const count = (await page.textContent('.toolbar .count')) ?? '';
    assert.match(count, /^\d+ of 20 selected/);
    await run.judge(20, 25);
    await says('25 of 60 judged so far');
    // What came was drawn within a second of being told, before it waited.
    await pause(1500);
    assert.equal(await page.textContent('.toolbar .count'), count);
    assert.equal(await page.textContent('.chip'), chip);
    await page.mouse.up();
    await shows('25 of 60 done so far');
    assert.match((await page.textContent('.toolbar .count')) ?? '', /^\d+ of 25 selected/);
    // Its ends are values, so they stay as they are on an axis that has grown.
    assert.equal(await page.textContent('.chip'), chip);
    await page.click('.chip');
  });

  test('a run that dies and is started again goes on in the same page, and what a reader has selected stays', async () => {
    await page.fill('input[type=search]', 'huber');
    await run.judge(25, 30);
    await says('30 of 60 judged so far');
    await run.die();
    run = await WrittenRun.begin(path, RECORDS, { sweepName: HOSTILE });
    await run.judge(30, 45);
    await says('45 of 60 judged so far');
    await shows('45 of 60 done so far');
    const huber = RECORDS.slice(0, 45).filter(({ configuration }) => configuration.regressor.kind === 'huber').length;
    assert.ok(huber > 0 && huber < 45);
    await page.waitForFunction(
      (text: string) => document.querySelector('.toolbar .count')?.textContent?.startsWith(text),
      `${huber} of 45 selected`,
      { timeout: TIME_LIMIT_MS },
    );
    await page.fill('input[type=search]', '');
  });

  test('becomes the report at the end, and saves it as the file that the server gives', async () => {
    await run.judge(45, 60);
    await run.finish();
    await says('all 60 configurations are judged');
    await page.waitForSelector('.live button', { timeout: TIME_LIMIT_MS });
    assert.equal(await page.evaluate(() => document.querySelectorAll('.live progress').length), 0);
    assert.doesNotMatch((await page.textContent('.first-screen')) ?? '', /so far/i);
    const downloading = page.waitForEvent('download');
    await page.click('.live button');
    const saved = await downloading;
    assert.equal(saved.suggestedFilename(), '_img_src_x_onerror_alert_1_.html');
    const served = await (await fetch(`${server.address}report.html`)).text();
    assert.equal(readFileSync(await saved.path(), 'utf8'), served);
  });

  test('stays when the server has ended, and has asked nothing of anywhere else', async () => {
    await server.finish(TIME_LIMIT_MS);
    await says('The run is over, and this page has all of it.');
    assert.deepEqual(complaints, []);
  });
});
