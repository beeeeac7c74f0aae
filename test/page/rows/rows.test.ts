import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import Papa from 'papaparse';
import { rankedCount, rowsOfBar, stripOfRows } from '../../../src/page/charts/gate-strips.ts';
import { bandOfFilter, filterOfBand } from '../../../src/page/parallel/brushed-filter.ts';
import { rowsToDraw, thinnedRows } from '../../../src/page/parallel/draw-lines.ts';
import { parallelLayout, yOf } from '../../../src/page/parallel/layout.ts';
import { chance, fixed, percent, signed, whole } from '../../../src/page/parts/number-text.ts';
import { configurationHash, routeOf } from '../../../src/page/parts/route.ts';
import { selectionCsv } from '../../../src/page/rows/csv.ts';
import { heightAt, valueAt } from '../../../src/page/rows/dimensions.ts';
import { AS_RANKED, nextOrder, orderedRows } from '../../../src/page/rows/order.ts';
import { EVERYTHING, isEverything, selectedRows, withFilter } from '../../../src/page/rows/selection.ts';
import { SweepView } from '../../../src/page/rows/sweep-view.ts';
import { tableColumns } from '../../../src/page/rows/table-columns.ts';
import { type MadeOptions, madeReport } from '../../support/made-report.ts';

function viewOf(options: MadeOptions = {}): SweepView {
  const { report, bytes } = madeReport(options);
  return new SweepView(report.sweeps[0], bytes);
}

const view = viewOf();
const { rows, dimensions } = view;
const named = (name: string) => dimensions.find((dimension) => dimension.name === name)!;
const count = (selected: Uint8Array) => selected.reduce((sum, is) => sum + is, 0);

describe('what is selected', () => {
  test('everything is; each filter narrows, all of them at once, and taking them away gives all back', () => {
    const select = (selection: typeof EVERYTHING) => count(selectedRows(selection, rows, dimensions, {}));
    assert.equal(select(EVERYTHING), 300);
    const huber = withFilter(EVERYTHING, 'regressorKind', { kind: 'steps', places: new Set([0]) });
    assert.equal(select(huber), 252);
    const one = withFilter(huber, 'agesMinutes', { kind: 'steps', places: new Set([0]) });
    assert.equal(select(one), 63);
    const best = Math.min(...Array.from(rows.numbers('mae_tune')));
    assert.equal(select(withFilter(one, 'mae_tune', { kind: 'range', least: best, greatest: best })), 1);
    assert.equal(isEverything(withFilter(withFilter(one, 'agesMinutes', null), 'regressorKind', null)), true);
  });

  test('passing and not passing are all there is', () => {
    const of = (verdict: 'pass' | 'not pass') => count(selectedRows({ ...EVERYTHING, verdict }, rows, dimensions, {}));
    assert.equal(of('pass') + of('not pass'), 300);
    assert.ok(of('pass') > 0 && of('not pass') > 0);
  });

  test('text is found at the beginning of ids, within values and within tags', () => {
    const of = (text: string, tags = {}) =>
      Array.from(selectedRows({ ...EVERYTHING, text }, rows, dimensions, tags)).flatMap((is, row) => (is ? row : []));
    assert.deepEqual(of(rows.ids[7]!.slice(0, 8)), [7]);
    assert.equal(of(' RIDGE ').length, 48);
    assert.deepEqual(of('candid', { 3: ['candidate'] }), [3]);
    assert.deepEqual(of('nothing has this'), []);
  });
});

describe('order', () => {
  test('a column ascends, then descends, then rows stand as ranked; equal ones and unknown ones keep their ranks', () => {
    const first = nextOrder(AS_RANKED, 'gain');
    assert.deepEqual(first, { name: 'gain', isDescending: false });
    assert.deepEqual(nextOrder(first, 'gain'), { name: 'gain', isDescending: true });
    assert.deepEqual(nextOrder(nextOrder(first, 'gain'), 'gain'), AS_RANKED);
    const values = [2, Number.NaN, 1, 2, 9];
    const selected = Uint8Array.from([1, 1, 1, 1, 0]);
    assert.deepEqual([...orderedRows(selected, values, false)], [2, 0, 3, 1]);
    assert.deepEqual([...orderedRows(selected, values, true)], [0, 3, 2, 1]);
    assert.deepEqual([...orderedRows(selected, undefined, false)], [0, 1, 2, 3]);
  });

  test('each column of the table has a text and something to sort by, and as many as the report has', () => {
    for (const { text, sortValues, name } of tableColumns(view)) {
      assert.notEqual(text(0), '', name);
      assert.ok(sortValues === undefined ? name === 'rank' : sortValues.length === 300, name);
    }
    const bare = tableColumns(viewOf({ hasTrust: false, hasMetrics: false })).map(({ name }) => name);
    assert.ok(!bare.includes('gain') && !bare.includes('word'));
  });
});

describe('a band along an axis', () => {
  const layout = parallelLayout(dimensions, 1300);

  test('selects the steps that it holds, and is drawn about those that are selected', () => {
    const epsilon = named('huberEpsilon');
    const filter = filterOfBand(epsilon, layout, [yOf(layout, 0.6), yOf(layout, 0.2)]);
    assert.deepEqual(filter, { kind: 'steps', places: new Set([1, 2, 3]) });
    const band = bandOfFilter(epsilon, layout, filter!)!;
    assert.deepEqual(filterOfBand(epsilon, layout, band), filter);
    // Between two steps there is nothing, and nothing is no filter.
    assert.equal(filterOfBand(epsilon, layout, [yOf(layout, 0.24), yOf(layout, 0.18)]), null);
    // 1.05 and 1.5 without what is between them are no band.
    assert.equal(bandOfFilter(epsilon, layout, { kind: 'steps', places: new Set([0, 3]) }), null);
  });

  test('takes in both ends of a measure to the last bit when it reaches beyond them', () => {
    for (const name of ['mae_tune', 'margin']) {
      const measure = named(name);
      const filter = filterOfBand(measure, layout, [layout.top - 9, layout.bottom + 9])!;
      const selected = selectedRows(withFilter(EVERYTHING, name, filter), rows, dimensions, {});
      assert.equal(count(selected), 300, name);
      assert.ok(measure.kind === 'measure');
      assert.equal(valueAt(measure, heightAt(measure, measure.least)), measure.least);
      assert.equal(valueAt(measure, heightAt(measure, measure.greatest)), measure.greatest);
    }
  });

  test('up is better: the lowest MAE and the largest margin stand at the top, none at the bottom', () => {
    const tune = named('mae_tune');
    assert.equal(tune.heights[0], 1);
    const alpha = named('huberAlpha');
    assert.ok(alpha.kind === 'steps');
    assert.deepEqual(
      alpha.steps.map(({ text, height }) => [text, Math.round(3 * height)]),
      [
        ['0.001', 1],
        ['0.1', 2],
        ['10', 3],
        ['none', 0],
      ],
    );
  });
});

describe('axes side by side', () => {
  const withFirst = (text: string) => {
    const [first, ...others] = dimensions;
    assert.ok(first?.kind === 'steps');
    return [{ ...first, steps: [{ text, height: 0 }] }, ...others];
  };

  test('titles that would meet are wrapped, and the axes are as tall as they were', () => {
    const [wide, narrow] = [parallelLayout(dimensions, 2000), parallelLayout(dimensions, 1030)];
    assert.ok(wide.titles.every(({ length }) => length === 1));
    assert.deepEqual(narrow.titles.at(-1), ['weakest', 'margin']);
    assert.deepEqual(narrow.titles[0], ['ages']);
    assert.equal(narrow.bottom - narrow.top, wide.bottom - wide.top);
    assert.ok(narrow.top > wide.top);
  });

  test('a narrow window scrolls them, paper does not', () => {
    assert.ok(parallelLayout(dimensions, 500).width > 1000);
    assert.equal(parallelLayout(dimensions, 500, 0).width, 500);
  });

  test('before the first one there is room for its longest value', () => {
    const [short, long] = ['30,60', '1,2,3,5,10,15,30,60,120'].map((text) => parallelLayout(withFirst(text), 1300));
    assert.ok(long!.x[0]! >= 23 * 7, `${long!.x[0]}`);
    assert.ok(short!.x[0]! < long!.x[0]!);
    assert.equal(short!.x.at(-1), long!.x.at(-1));
    assert.ok(parallelLayout(withFirst('wide'.repeat(125)), 1300).x[0]! < 300);
  });
});

describe('what is drawn of many', () => {
  test('passes are drawn before others, and of both every so-many-th, the same each time', () => {
    const selected = new Uint8Array(10_000).fill(1);
    const drawn = rowsToDraw(selected, (row) => row % 10 === 0, 3000);
    assert.equal(drawn.count, 10_000);
    assert.equal(drawn.passes.length, 1000, 'all passes');
    assert.equal(drawn.others.length, 2000);
    assert.deepEqual(thinnedRows([1, 2, 3, 4, 5, 6], 3), [1, 3, 5]);
  });

  test('a bar has the worst margin of its rows, and every row has a bar', () => {
    const margins = [0.3, -0.2, 0.1, Number.NaN, 0.05, 0.4];
    const strip = stripOfRows(margins, 6, 3, Uint8Array.from([1, 0, 0, 0, 1, 1]));
    assert.deepEqual([...strip.worst], [-0.2, 0.1, 0.05]);
    assert.deepEqual([...strip.isLit], [1, 0, 1]);
    assert.deepEqual([strip.above, strip.below], [0.1, 0.2]);
    const covered = Array.from({ length: 700 }, (_, bar) => rowsOfBar(bar, 700, 1140));
    assert.equal(covered[0]![0], 0);
    assert.equal(covered.at(-1)![1], 1140);
    for (let bar = 1; bar < 700; bar += 1) assert.equal(covered[bar]![0], covered[bar - 1]![1]);
  });

  test('what could not be judged has no bar', () => {
    const failed = viewOf({ change: (row, i) => (i < 297 ? row : { ...row, verdict: 'error', rank: 0 }) });
    assert.equal(rankedCount(failed.rows), 297);
  });
});

describe('CSV of a selection', () => {
  test('another program reads back the numbers of the report, in the order given', () => {
    const { data } = Papa.parse<Record<string, string>>(selectionCsv(view, [5, 0, 299]), {
      header: true,
      skipEmptyLines: true,
    });
    assert.deepEqual(
      data.map((line) => line['id']),
      [5, 0, 299].map((row) => rows.ids[row]),
    );
    assert.deepEqual(
      data.map((line) => Number(line['mae_tune'])),
      [5, 0, 299].map((row) => rows.number('mae_tune', row)),
    );
    assert.equal(data[0]!['agesMinutes'], '30,60');
    assert.equal(
      Number(data[2]!['margin short latest_stress edge_mae_vs_constant_ratio']),
      rows.number('margin_7', 299),
    );
  });

  test('a value that a spreadsheet would run gets an apostrophe, a number does not', () => {
    const facts = madeReport({
      facts: (made) => ({
        ...made,
        axes: made.axes.map((axis) => ({
          ...axis,
          values: axis.values.map((value, i) => ({ ...value, text: i === 0 ? '=1+1,"' : '-5' })),
        })),
      }),
    });
    const [head, line] = selectionCsv(new SweepView(facts.report.sweeps[0], facts.bytes), [0]).split('\n');
    assert.ok(head!.startsWith('rank,id,agesMinutes'));
    assert.ok(line!.includes('"\'=1+1,"""'), line);
  });
});

describe('texts', () => {
  test('numbers have a true minus, thousands apart, and a dash where there are none', () => {
    assert.equal(signed(-0.01149, 4), '−0.0115');
    assert.equal(signed(0.0021), '+0.0021');
    assert.equal(fixed(Number.NaN, 3), '–');
    assert.equal(whole(1_234_567), '1,234,567');
    assert.equal(percent(0.917), '92 %');
    assert.equal(percent(0.0633), '6.3 %');
    assert.equal(chance(0.0002), '<0.001');
  });

  test('an address leads to a configuration or a section', () => {
    assert.deepEqual(routeOf(configurationHash('0123456789abcdef01234567')), { configuration: '0123456789ab' });
    assert.deepEqual(routeOf('#where'), { section: 'where' });
    assert.deepEqual(routeOf('#config=zz'), { section: 'config=zz' });
  });
});
