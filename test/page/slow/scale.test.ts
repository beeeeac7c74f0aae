import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { madeReport } from '../../support/made-report.ts';
import { drawAll, openMade, overflows, TIME_LIMIT_MS } from '../../support/opened-page.ts';

const GRID = {
  ages: ['30,60', '5,15', '1,2,3,5'],
  huberAlphas: Array.from({ length: 16 }, (_, i) => Number((0.001 * 2 ** i).toPrecision(4))),
  epsilons: Array.from({ length: 21 }, (_, i) => Number((1.05 + 0.05 * i).toFixed(2))),
  ridgeAlphas: Array.from({ length: 30 }, (_, i) => i + 1),
  clips: Array.from({ length: 10 }, (_, i) => 20 * i),
};

describe('a page of ten thousand', () => {
  test('draws at most the marks that can be seen, says of how many, and keeps rows out of sight out of the document', async () => {
    const opened = await openMade(madeReport({ grid: GRID, hasMetrics: false, hasTrust: false }));
    const { page } = opened;
    await drawAll(page);
    const rows = 3 * (16 * 21 + 30) * 10;
    const seen = await page.evaluate(() => ({
      count: document.querySelector('.toolbar .count')?.textContent,
      lines: document.querySelector('.parallel-place .how')?.textContent,
      rows: document.querySelectorAll('.configurations tbody tr').length,
      all: document.querySelector('.configurations')?.getAttribute('aria-rowcount'),
      marks: Math.max(
        ...[...document.querySelectorAll('.plotted svg')].map((svg) => svg.querySelectorAll('circle, path').length),
      ),
    }));
    assert.match(seen.count ?? '', /^10,980 of 10,980 selected/);
    assert.match(seen.lines ?? '', /^3,000 of 10,980 lines are drawn/);
    // Thirty values in one line of cells are wrapped, many columns scroll: nothing stands out of the page.
    assert.deepEqual(await overflows(page), []);
    assert.ok(seen.rows < 60, `${seen.rows} rows`);
    assert.equal(seen.all, String(rows + 1));
    assert.ok(seen.marks <= 2000, `${seen.marks} marks`);
    // To the end of the list and back: rows that come into sight are there, with their places among all.
    const last = await page.evaluate(async () => {
      const scroller = document.querySelector('.table-scroller')!;
      scroller.scrollTop = scroller.scrollHeight;
      await new Promise((done) => setTimeout(done, 300));
      return document.querySelector('.configurations tbody tr:last-of-type')?.getAttribute('aria-rowindex');
    });
    assert.equal(last, String(rows + 1));
    assert.ok((await page.screenshot({ timeout: TIME_LIMIT_MS })).length > 10_000);
    opened.assertQuiet();
    await opened.close();
  });
});
