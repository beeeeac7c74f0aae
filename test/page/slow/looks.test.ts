import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { madeReport } from '../../support/made-report.ts';
import { axeViolations, drawAll, openMade, overflows, TIME_LIMIT_MS } from '../../support/opened-page.ts';

describe('how a page looks', () => {
  for (const theme of ['light', 'dark'] as const) {
    test(`${theme}: axe finds no violation of WCAG A or AA, in the report, its tables or a configuration’s page`, async () => {
      const opened = await openMade(madeReport(), { colorScheme: theme });
      const { page } = opened;
      await drawAll(page);
      assert.deepEqual(await axeViolations(page), []);
      await page.evaluate(() => {
        for (const button of document.querySelectorAll<HTMLButtonElement>('.figure-head button')) button.click();
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      await drawAll(page);
      assert.deepEqual(await axeViolations(page), []);
      await page.evaluate(() => {
        location.hash = document.querySelector<HTMLAnchorElement>('.lead a')!.getAttribute('href')!;
      });
      await page.waitForSelector('.configuration');
      assert.deepEqual(await axeViolations(page), []);
      opened.assertQuiet();
      await opened.close();
    });
  }

  test('the button changes the theme, and everything that is drawn changes with it', async () => {
    const opened = await openMade(madeReport(), { colorScheme: 'light' });
    const { page } = opened;
    await drawAll(page);
    const colourOf = () =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>('.gate-canvas canvas')!;
        const pixel = canvas.getContext('2d')!.getImageData(4, 1, 1, 1).data;
        return { canvas: [...pixel].join(), page: getComputedStyle(document.documentElement).backgroundColor };
      });
    const before = await colourOf();
    await page.click('.top button');
    const after = await colourOf();
    assert.notEqual(before.page, after.page);
    assert.notEqual(before.canvas, after.canvas);
    await opened.close();
  });

  for (const width of [2560, 1440, 800, 390]) {
    test(`${width} wide: nothing stands out of the page or of its drawing, as pictures and as tables`, async () => {
      const opened = await openMade(madeReport(), { viewport: { width, height: 900 } });
      const { page } = opened;
      await drawAll(page);
      assert.deepEqual(await overflows(page), []);
      assert.ok((await page.screenshot({ timeout: TIME_LIMIT_MS, fullPage: true })).length > 50_000);
      await page.evaluate(() => {
        for (const button of document.querySelectorAll<HTMLButtonElement>('.figure-head button')) button.click();
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      assert.deepEqual(await overflows(page), []);
      await page.evaluate(() => {
        location.hash = document.querySelector<HTMLAnchorElement>('.lead a')!.getAttribute('href')!;
      });
      await page.waitForSelector('.configuration');
      assert.deepEqual(await overflows(page), []);
      opened.assertQuiet();
      await opened.close();
    });
  }

  test('on paper: A4 across, everything drawn without having been seen, forty rows, and the screen as it was', async () => {
    const opened = await openMade(madeReport(), { colorScheme: 'dark' });
    const { page } = opened;
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const text = pdf.toString('latin1');
    // A4 across in points, and so many leaves of it.
    assert.match(text, /\/MediaBox \[0 0 84[12](\.\d+)? 59[45](\.\d+)?\]/);
    const leaves = [...text.matchAll(/\/Type \/Page\b/g)].length;
    assert.ok(leaves >= 4 && leaves <= 14, `${leaves} leaves`);
    const drawn = await page.evaluate(() => ({
      canvases: [...document.querySelectorAll('canvas')].filter(({ width }) => width > 300).length,
      drawings: document.querySelectorAll('.plotted svg').length,
      theme: document.documentElement.dataset['theme'] ?? 'as the system has it',
    }));
    assert.ok(drawn.canvases >= 1, 'strips of the gates');
    assert.equal(drawn.theme, 'as the system has it');
    opened.assertQuiet();
    await opened.close();
  });
});
