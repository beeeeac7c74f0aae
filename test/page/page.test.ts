import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Page } from '../support/browser-types.ts';
import { madeRows } from '../support/made-grid.ts';
import { madeReport } from '../support/made-report.ts';
import { axeViolations, drawAll, type OpenedPage, openMade, overflows, TIME_LIMIT_MS } from '../support/opened-page.ts';

/** What the page says is selected. */
function countText(page: Page): Promise<string | null> {
  return page.textContent('.toolbar .count');
}

/** Presses the pointer along an axis of the parallel plot, from one share of its height (from the top) to another. */
async function brush(page: Page, axis: number, from: number, to: number): Promise<void> {
  const box = await page.evaluate((axis: number) => {
    const line = document.querySelectorAll('.parallel .axis')[axis]!;
    line.scrollIntoView({ block: 'center' });
    const { left, top, height } = line.getBoundingClientRect();
    return { left, top, height };
  }, axis);
  await page.mouse.move(box.left, box.top + box.height * from);
  await page.mouse.down();
  await page.mouse.move(box.left, box.top + box.height * to, { steps: 4 });
  await page.mouse.up();
}

/** One page for all of them, as a reader has one: each test leaves it as it was. */
describe('a report’s page in a real browser', () => {
  let opened: OpenedPage;
  let page: Page;
  before(async () => {
    opened = await openMade(madeReport(), { viewport: { width: 1200, height: 700 } });
    page = opened.page;
    await drawAll(page);
  });
  after(() => opened?.close());

  test('opens from its file and shows every section, nothing wider than the page, in a picture in time', async () => {
    assert.equal(
      await page.textContent('h1'),
      '45 of 300 configurations pass all eight gates, but on the edge of the grid.',
    );
    const questions = await page.evaluate(() =>
      [...document.querySelectorAll('h2')].map(({ textContent }) => textContent),
    );
    assert.deepEqual(questions, [
      'Which gates decide?',
      'Can this be believed?',
      'Where in the grid does it pass?',
      'Which axes matter?',
      'Does tune’s order carry over?',
      'Is the gain steady, or a few days’ luck?',
      'Are the probabilities what they say?',
      'All configurations',
      'How is it made again?',
    ]);
    assert.deepEqual(await overflows(page), []);
    assert.ok((await page.screenshot({ timeout: TIME_LIMIT_MS })).length > 10_000);
  });

  test('a brush narrows lines, table and count; CSV has what is selected; clearing gives all of them back', async () => {
    const rows = madeRows({});
    const passes = rows.filter(({ verdict }) => verdict === 'pass').length;
    const everything = `${rows.length} of 300 selected, ${passes} of them pass`;
    assert.equal(await countText(page), everything);
    // The axis of regressors: huber stands at the bottom.
    await brush(page, 1, 0.8, 1.04);
    const huber = rows.filter(({ places }) => places[1] === 0);
    const huberPasses = huber.filter(({ verdict }) => verdict === 'pass').length;
    assert.equal(await countText(page), `${huber.length} of 300 selected, ${huberPasses} of them pass`);
    assert.equal(await page.textContent('.chip'), 'regressor huber ×clear');
    const downloading = page.waitForEvent('download');
    await page.evaluate(() => {
      const buttons = [...document.querySelectorAll<HTMLButtonElement>('.toolbar button')];
      buttons.find(({ textContent }) => textContent === 'save as CSV')?.click();
    });
    const download = await downloading;
    assert.equal(download.suggestedFilename(), 'made.csv');
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n');
    assert.match(lines[0]!, /^rank,id,agesMinutes,regressorKind,huberAlpha,huberEpsilon,ridgeAlpha,/);
    assert.deepEqual(
      lines.slice(1).map((line) => line.split(',')[1]),
      huber.map(({ id }) => id.slice(0, 12)),
    );
    await page.click('.chip');
    assert.equal(await countText(page), everything);
    // Beyond both ends of an axis that measures: the best and the worst are taken in, too.
    await brush(page, 6, -0.02, 1.02);
    assert.equal(await countText(page), everything);
    await page.click('.chip');
  });

  test('a band between two values of an axis, which selects by nothing, does not stay as if it did', async () => {
    const before = await countText(page);
    await brush(page, 1, 0.3, 0.7);
    assert.equal(await countText(page), before);
    const shown = await page.evaluate(
      () =>
        [...document.querySelectorAll('.parallel .brush .selection')].filter(
          (band) => getComputedStyle(band).display !== 'none',
        ).length,
    );
    assert.equal(shown, 0);
  });

  test('everything is reached by keyboard: filters, sorting, a configuration’s page and back', async () => {
    await page.focus('.filters summary');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    // The first box of the first axis: its value is left out.
    await page.keyboard.press('Space');
    assert.match((await countText(page)) ?? '', /^225 of 300/);
    await page.focus('.configurations th:nth-child(2) button');
    await page.keyboard.press('Enter');
    const sorted = await page.evaluate(() => ({
      said: document.querySelector('.configurations th:nth-child(2)')?.getAttribute('aria-sort'),
      ids: [...document.querySelectorAll('.configurations td .id')].map(({ textContent }) => textContent ?? ''),
      rows: document.querySelector('.configurations')?.getAttribute('aria-rowcount'),
    }));
    assert.equal(sorted.said, 'ascending');
    assert.equal(sorted.rows, '226');
    assert.ok(sorted.ids.length > 5 && sorted.ids.length < 60, 'rows in sight are in the document, and no others');
    assert.deepEqual(sorted.ids, [...sorted.ids].sort());
    await page.focus('.configurations td .id');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.configuration .gates-table');
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
    assert.equal(await page.evaluate(() => document.querySelectorAll('.gates-table tbody tr').length), 8);
    assert.deepEqual(await axeViolations(page), []);
    await page.goBack();
    await page.waitForFunction(() => document.querySelector('.configuration') === null, null, {
      timeout: TIME_LIMIT_MS,
    });
    assert.match((await countText(page)) ?? '', /^225 of 300/, 'what was chosen is still chosen');
    await page.click('.chip');
  });

  test('each figure has its finding as its label, and shows the same as a table', async () => {
    const figures = await page.evaluate(async () => {
      const all = [...document.querySelectorAll('figure')];
      const labels = all.map((figure) => figure.querySelector('[role=img]')?.getAttribute('aria-label') ?? 'grid');
      for (const figure of all) figure.querySelector<HTMLButtonElement>('.figure-head button')?.click();
      await new Promise((done) => setTimeout(done, 100));
      return { labels, lines: all.map((figure) => figure.querySelectorAll('tbody tr').length) };
    });
    assert.equal(figures.labels.length, 8);
    assert.equal(figures.labels[0], 'SHORT stress MAE decides: the fewest meet it.');
    assert.ok(
      figures.lines.every((lines) => lines > 3),
      String(figures.lines),
    );
  });

  test('on paper no canvas clears what lies beneath it: a browser prints drawings step by step', async () => {
    const cleared = await page.evaluate(() => {
      let count = 0;
      const { clearRect } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.clearRect = () => {
        count += 1;
      };
      dispatchEvent(new Event('beforeprint'));
      return new Promise<{ count: number; widths: number[] }>((resolve) => {
        setTimeout(() => {
          const widths = [...document.querySelectorAll<HTMLCanvasElement>('.parallel-inner canvas')].map(
            (c) => c.width,
          );
          CanvasRenderingContext2D.prototype.clearRect = clearRect;
          dispatchEvent(new Event('afterprint'));
          resolve({ count, widths });
        });
      });
    });
    assert.equal(cleared.count, 0);
    // Four dots to a CSS pixel of the sheet: they were drawn for it.
    assert.deepEqual(cleared.widths, [4120, 4120, 4120]);
  });

  test('in all of this it asked for nothing and complained of nothing', () => {
    opened.assertQuiet();
  });
});
