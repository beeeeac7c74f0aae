import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from '../../support/browser-types.ts';
import type { MadeRow } from '../../support/made-grid.ts';
import { type MadeOptions, madeReport, madeReportOf } from '../../support/made-report.ts';
import { drawAll, openMade, overflows, TIME_LIMIT_MS } from '../../support/opened-page.ts';

const SMALL = {
  ages: ['30,60', '5,15'],
  huberAlphas: [0.001, 10],
  epsilons: [1.05, 1.5],
  ridgeAlphas: [1, 10],
  clips: [0],
};
const BROKEN = '</script><script>document.title="run"</script><img src=x onerror=alert(1)>';
const LONG = 'wide'.repeat(125);
const RIGHT_TO_LEFT = '\u202eשלום עולם 123';
const pass = (row: MadeRow): MadeRow => ({
  ...row,
  verdict: 'pass',
  margins: row.margins.map((m) => Math.abs(m ?? 0) + 0.001),
});
const miss = (row: MadeRow): MadeRow => ({
  ...row,
  verdict: 'not ready',
  margins: row.margins.map((m) => -Math.abs(m ?? 0) - 0.001),
});

/** Each has to be a picture that says what is: drawn whole, in time, and without a complaint. */
const SWEEPS: Readonly<Record<string, MadeOptions>> = {
  'one row': { grid: { ages: ['30,60'], kinds: ['huber'], huberAlphas: [1], epsilons: [1.35], clips: [0] } },
  'all pass': { grid: SMALL, change: pass },
  'none pass': { grid: SMALL, change: miss },
  'ridge only': { grid: { ...SMALL, kinds: ['ridge'] } },
  'AUC missing': {
    grid: SMALL,
    change: (row) => ({
      ...row,
      auc: null,
      verdict: 'not ready',
      margins: row.margins.map((margin, gate) => (gate % 2 === 0 ? null : margin)),
    }),
  },
  failures: {
    grid: SMALL,
    change: (row, i) => (i < 6 ? row : { ...row, rank: 0, verdict: 'error', margins: row.margins.map(() => null) }),
  },
  'all failed': {
    grid: SMALL,
    change: (row) => ({ ...row, rank: 0, verdict: 'error', margins: row.margins.map(() => null) }),
  },
  sealed: { grid: SMALL, change: (row) => ({ ...row, verdict: 'sealed', margins: row.margins.map(() => null) }) },
  'half judged': { grid: SMALL, pending: 6 },
  'nothing judged': { grid: SMALL, pending: 12 },
  'without trust and metrics': { grid: SMALL, hasTrust: false, hasMetrics: false },
};

/** What the page says, a line a text; its scripts' and data's own texts are no part of it. */
async function pageTexts(page: Page): Promise<string> {
  return page.evaluate(() => {
    const walker = document.createTreeWalker(document.getElementById('sweep-report')!, NodeFilter.SHOW_TEXT);
    const texts: string[] = [];
    while (walker.nextNode() !== null) texts.push(walker.currentNode.textContent ?? '');
    return texts.join('\n');
  });
}

describe('pages of unusual sweeps', () => {
  for (const [what, options] of Object.entries(SWEEPS)) {
    test(`${what}: drawn whole and in time, and nothing complained of`, async () => {
      const opened = await openMade(madeReport(options));
      await drawAll(opened.page);
      assert.deepEqual(await overflows(opened.page), []);
      assert.ok((await opened.page.screenshot({ timeout: TIME_LIMIT_MS, fullPage: true })).length > 10_000);
      const text = await pageTexts(opened.page);
      assert.ok(
        !/NaN|undefined|Infinity|\[object/.test(text),
        text.match(/.*(NaN|undefined|Infinity|\[object).*/)?.[0],
      );
      opened.assertQuiet();
      await opened.close();
    });
  }

  test('what is not judged is hatched and has no colour, and the state says so far', async () => {
    const opened = await openMade(madeReport({ grid: SMALL, pending: 6 }));
    await drawAll(opened.page);
    const seen = await opened.page.evaluate(() => ({
      cells: document.querySelectorAll('.heat td[data-cell]').length,
      pending: document.querySelectorAll('.heat td.pending').length,
      written: [...document.querySelectorAll('.heat td.pending')].map(({ textContent }) => textContent).join(''),
      state: document.querySelector('.state')?.textContent,
      good: document.querySelectorAll('.check.good').length,
    }));
    assert.equal(seen.cells, 12);
    assert.equal(seen.pending, 6);
    assert.equal(seen.written, '');
    assert.match(seen.state ?? '', /^still running, 6 of 12 judged · 12 configurations, 6 not judged yet$/);
    assert.equal(seen.good, 0);
    await opened.close();
  });

  test('a sealed verdict shows no gate, and its page says that it is sealed', async () => {
    const opened = await openMade(madeReport(SWEEPS['sealed']));
    await opened.page.evaluate(() => {
      location.hash = document.querySelector<HTMLAnchorElement>('.lead a')?.getAttribute('href') ?? '';
    });
    await opened.page.evaluate(() => document.getElementById('configurations')?.scrollIntoView());
    await drawAll(opened.page);
    const text = await pageTexts(opened.page);
    assert.match(text, /sealed/);
    assert.ok(!/▲ missed|✓ met/.test(text));
    const counts = await opened.page.evaluate(() =>
      [...document.querySelectorAll('.gate-counts li')].map((each) => [each.className, each.textContent?.trim()]),
    );
    // Not 0, and not as a gate that nothing meets.
    const unknown = new Array(8).fill(['', '– –']);
    assert.deepEqual(counts, [...unknown, ['verdict-label', '–']]);
    await opened.close();
  });

  test('values below a map stand apart, however long', async () => {
    const huberAlphas = [0.0001, 0.001, 0.01, 0.1, 1];
    const ages = ['30,60', '5,15', '3,5', '1,2'];
    for (const width of [390, 1280]) {
      const opened = await openMade(madeReport({ grid: { ...SMALL, ages, huberAlphas } }), {
        viewport: { width, height: 900 },
      });
      await drawAll(opened.page);
      const gaps = await opened.page.evaluate(() =>
        [...document.querySelectorAll('.heat tfoot tr')].flatMap((line) => {
          const places = [...line.querySelectorAll('th span:first-child')].map((each) => each.getBoundingClientRect());
          return places.slice(1).map(({ left }, i) => left - places[i]!.right);
        }),
      );
      assert.ok(gaps.length > 12 && Math.min(...gaps) >= 4, `${width}: ${gaps.join(' ')}`);
      assert.deepEqual(await overflows(opened.page), []);
      await opened.close();
    }
  });

  test('names are text and nothing else, however long, and whichever way they run', async () => {
    const rename = (text: string, i: number) => [BROKEN, LONG, RIGHT_TO_LEFT][i % 3]! + (i > 2 ? text : '');
    const opened = await openMade(
      madeReport({
        name: BROKEN,
        grid: { ...SMALL, ages: [BROKEN, LONG, RIGHT_TO_LEFT] },
        facts: (facts) => ({
          ...facts,
          warnings: [BROKEN, LONG, RIGHT_TO_LEFT],
          named: facts.named.map((one, i) => ({ ...one, text: rename(one.text, i) })),
          failures: { reasons: [{ reason: BROKEN + LONG, count: 1, example: facts.named[0]!.configuration }] },
          rows: { ...facts.rows, tags: { 0: [BROKEN, LONG, RIGHT_TO_LEFT] } },
          reproduce: { ...facts.reproduce, definition: BROKEN + LONG },
          datasets: facts.datasets.map((dataset) => ({ ...dataset, baselineRun: LONG, label: BROKEN, dataRoot: LONG })),
        }),
      }),
    );
    for (const width of [1440, 390]) {
      await opened.page.setViewportSize({ width, height: 900 });
      await drawAll(opened.page);
      assert.deepEqual(
        (await overflows(opened.page)).filter((text) => !text.startsWith('svg')),
        [],
      );
    }
    assert.equal(await opened.page.textContent('.top .name'), BROKEN);
    assert.equal(
      await opened.page.evaluate(() => document.querySelectorAll('#sweep-report img, #sweep-report script').length),
      0,
    );
    assert.equal(await opened.page.evaluate(() => document.title), 'made sweep report');
    assert.ok((await opened.page.screenshot({ timeout: TIME_LIMIT_MS })).length > 10_000);
    opened.assertQuiet();
    await opened.close();
  });

  test('several sweeps stand side by side, and one is chosen for the rest of the page', async () => {
    const opened = await openMade(
      madeReportOf([
        { name: 'first', grid: SMALL },
        { name: 'second', grid: SMALL, change: pass },
      ]),
    );
    const { page } = opened;
    assert.equal(await page.evaluate(() => document.querySelectorAll('#compare table').length), 2);
    assert.match((await page.textContent('.gate-counts .verdict-label')) ?? '', /^[0-9]$/);
    await page.evaluate(() => {
      const select = document.querySelector<HTMLSelectElement>('.top select')!;
      select.value = '1';
      select.dispatchEvent(new Event('change', { bubbles: true }));
    });
    await page.waitForFunction(
      () => document.querySelector('.gate-counts .verdict-label')?.textContent === '12',
      null,
      {
        timeout: TIME_LIMIT_MS,
      },
    );
    opened.assertQuiet();
    await opened.close();
  });

  test('a file that was cut on its way says so', async () => {
    const made = madeReport({ grid: SMALL });
    const report = { ...made.report, format: 'sweep-report/2' } as unknown as typeof made.report;
    const opened = await openMade({ ...made, report }, {}, '#sweep-report:not(:empty)');
    assert.equal(
      await opened.page.textContent('#sweep-report'),
      'This report cannot be shown: sweep-report/2: this page reads sweep-report/1',
    );
    await opened.close();
  });
});
