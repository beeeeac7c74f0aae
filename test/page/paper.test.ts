import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { SweepFacts } from '../../src/page-data/report.ts';
import type { Page } from '../support/browser-types.ts';
import { madeReportOf } from '../support/made-report.ts';
import { drawAll, type OpenedPage, openMade } from '../support/opened-page.ts';

/** A4 across without its margins, in CSS pixels. */
const SHEET = { width: 1031, height: 703 };
/** A telephone's: paper is as wide as it is, whatever the window. */
const WINDOW = { width: 390, height: 700 };

/** As many axes as a sweep can have. */
function withMoreAxes(facts: SweepFacts): SweepFacts {
  const more = facts.axes
    .slice(1, 4)
    .map((axis, i) => ({ ...axis, name: `more_${i}`, label: `one more ${axis.label}` }));
  return { ...facts, axes: [...facts.axes, ...more] };
}

/** As a browser does when it is about to print, and has printed: between the two, what is drawn is drawn for paper. */
async function say(page: Page, what: 'beforeprint' | 'afterprint'): Promise<void> {
  await page.evaluate(async (what: string) => {
    dispatchEvent(new Event(what));
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }, what);
}

describe('a report’s page on paper', () => {
  let opened: OpenedPage;
  let page: Page;
  let placeBefore: number;
  before(async () => {
    // Sweeps beside one another, the first one with many axes.
    const sweeps = [{ name: 'first', facts: withMoreAxes }, { name: 'second' }];
    opened = await openMade(madeReportOf(sweeps), { viewport: WINDOW, colorScheme: 'dark' });
    page = opened.page;
    await drawAll(page);
    placeBefore = await page.evaluate(() => {
      document.getElementById('configurations')!.scrollIntoView();
      return scrollY;
    });
    await say(page, 'beforeprint');
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize(SHEET);
  });
  after(() => opened?.close());

  test('what canvases draw ends where it should: they are printed at a share of 64ths, so theirs is a power of two', async () => {
    const canvases = await page.evaluate(() =>
      [...document.querySelectorAll('canvas')].map((canvas) => {
        const { width, height } = canvas.getBoundingClientRect();
        return { across: canvas.width / width, down: canvas.height / height, isWhole: Number.isInteger(width) };
      }),
    );
    // Of the gates, and three that lie on one another.
    assert.deepEqual(canvases, new Array(4).fill({ across: 4, down: 4, isWhole: true }));
    const sizes = await page.evaluate(() =>
      [...document.querySelectorAll('.parallel-inner canvas, .parallel-inner svg')].map((drawing) => {
        const { left, top, width, height } = drawing.getBoundingClientRect();
        return [left, top, width, height].join();
      }),
    );
    assert.equal(sizes.length, 4);
    assert.equal(new Set(sizes).size, 1);
  });

  test('nothing stands out of the sheet, which would make all of it smaller', async () => {
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), SHEET.width);
  });

  test('titles of axes keep apart, and are above their axes', async () => {
    const titles = await page.evaluate(() =>
      [...document.querySelectorAll('.parallel .axis-title')].map((title) => {
        const { left, right, bottom } = title.getBoundingClientRect();
        return { text: title.textContent, left, right, bottom };
      }),
    );
    const top = await page.evaluate(() => document.querySelector('.parallel .axis')!.getBoundingClientRect().top);
    assert.equal(titles.length, 14);
    for (const [i, title] of titles.entries()) {
      assert.ok(i === 0 || title.left > titles[i - 1]!.right, `${titles[i - 1]?.text} | ${title.text}`);
      assert.ok(title.bottom < top, `${title.text}`);
    }
  });

  test('wherever sheets end, a question stands with its answer, and what is read at one glance is not cut', async () => {
    const cuts = await page.evaluate(async ({ width, height }) => {
      // Columns as large as sheets end by the same rules, and can be measured.
      const main = document.querySelector('main')!;
      const spacer = document.createElement('div');
      main.prepend(spacer);
      Object.assign(main.style, {
        columns: `${width - 1}px`,
        columnGap: '100px',
        columnFill: 'auto',
        height: `${height}px`,
      });
      const sheetAt = (x: number) => Math.floor((x - main.getBoundingClientRect().left + 1) / (width - 1 + 100));
      const sheetsOf = (element: Element) => [...element.getClientRects()].map(({ left }) => sheetAt(left));
      const found = new Set<string>();
      for (let above = 0; above < height; above += 37) {
        spacer.style.height = `${above}px`;
        for (const part of document.querySelectorAll('.part')) {
          const first = part.querySelector('.body canvas, .body svg, .body table, .body dl, .body ul, .body > p')!;
          const [words, drawing] = [sheetsOf(part.querySelector('header')!), sheetsOf(first)];
          if (new Set([...words, drawing[0]]).size !== 1) found.add(`${part.id} ${words} | ${drawing}`);
        }
        for (const words of document.querySelectorAll('.body h3, .body h4, .figure-finding, .figure-head, .legend')) {
          const next = words.nextElementSibling;
          if (next === null || next.getClientRects().length === 0 || words.textContent === '') continue;
          if (sheetsOf(words).at(-1) !== sheetsOf(next)[0]) found.add(`${words.textContent} |`);
        }
        const whole = '.check, .answers, .gate-matrix, .heat, .facts, .plotted, .parallel-inner, .comparison table, tr';
        for (const element of document.querySelectorAll(whole)) {
          if (new Set(sheetsOf(element)).size > 1) found.add(`${element.className || element.tagName} in two`);
        }
      }
      spacer.remove();
      main.removeAttribute('style');
      return [...found];
    }, SHEET);
    assert.deepEqual(cuts, []);
  });

  test('says which sweep it is and what is chosen, in light colours, and has nothing to press', async () => {
    const seen = await page.evaluate(() => {
      const shown = (selector: string) =>
        [...document.querySelectorAll<HTMLElement>(selector)].filter((element) => element.getClientRects().length > 0);
      return {
        name: shown('.top select').length,
        presses: shown('button:not(.chip), nav, input, summary').map(({ outerHTML }) => outerHTML),
        chosen: shown('.choice legend, .choice span').map(({ textContent }) => textContent),
        arrows: shown('select').map((select) => getComputedStyle(select).appearance),
        instructions: [document.querySelectorAll('.how .on-screen').length, shown('.on-screen').length],
        paper: getComputedStyle(document.documentElement).backgroundColor,
        head: document.querySelector('.configurations th')?.innerHTML.includes('button'),
      };
    });
    assert.equal(seen.name, 1);
    assert.deepEqual(seen.presses, []);
    assert.deepEqual(seen.chosen, ['colour', 'tune MAE', 'saved against', 'market_only', 'verdict', 'all']);
    assert.deepEqual(new Set(seen.arrows), new Set(['none']));
    assert.deepEqual(seen.instructions, [1, 0]);
    assert.equal(seen.paper, 'rgb(255, 255, 255)');
    // A head stands again on each sheet of its table, where a button would be empty.
    assert.equal(seen.head, false);
  });

  test('afterwards the screen is as it was: where the reader was, in the theme that the system has', async () => {
    await page.emulateMedia({ media: null });
    await page.setViewportSize(WINDOW);
    await say(page, 'afterprint');
    const seen = await page.evaluate(() => ({
      place: scrollY,
      theme: document.documentElement.dataset['theme'],
      isOnPaper: 'printing' in document.documentElement.dataset,
      paper: getComputedStyle(document.documentElement).backgroundColor,
    }));
    assert.ok(placeBefore > 1000, `${placeBefore}`);
    assert.deepEqual(seen, { place: placeBefore, theme: undefined, isOnPaper: false, paper: 'rgb(16, 20, 26)' });
    opened.assertQuiet();
  });

  test('on a narrow screen, numbers and days in the table of a figure are one line each', async () => {
    const lines = await page.evaluate(async () => {
      document.querySelector<HTMLButtonElement>('#days .figure-head button')!.click();
      await new Promise((done) => setTimeout(done, 100));
      return [...document.querySelectorAll('#days figure td.number')].map((cell) => {
        const text = document.createRange();
        text.selectNodeContents(cell);
        return text.getClientRects().length;
      });
    });
    assert.ok(lines.length > 50, `${lines.length}`);
    assert.equal(Math.max(...lines), 1);
  });
});
