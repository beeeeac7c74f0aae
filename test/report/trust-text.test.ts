import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withSettings } from '../../src/report/configuration-settings.ts';
import { trustText } from '../../src/report/trust-text.ts';
import type { SweepLosses } from '../../src/trust/losses.ts';
import { parseLosses } from '../../src/trust/losses-file.ts';
import { trustOfSweep } from '../../src/trust/trust-of-sweep.ts';
import { quickstartJson, quickstartLosses } from '../trust/goldens.ts';
import { assertScreen } from './screen.ts';

const LIMITS = { aucMin: 0.6, maeRatioMax: 0.97 };
const losses = withSettings(quickstartLosses(), quickstartJson());
const trust = trustOfSweep(losses, LIMITS);

for (const width of [80, 120]) {
  test(`what may be believed of the quickstart, at ${width} columns`, () => {
    const text = trustText('quickstart', trust, { width, color: false }, width === 120);
    assert.deepEqual(
      text.split('\n').filter((line) => line.length > width),
      [],
    );
    assertScreen(`trust-${width}.txt`, text);
  });
}

test('one configuration: nothing to choose, in each of the answers', () => {
  const one = trustOfSweep({ ...losses, configurations: losses.configurations.slice(0, 1) }, LIMITS);
  const text = trustText('one', one, { width: 100, color: false }, false);
  assert.match(text, /which is best\? +nothing to choose/);
  assert.match(text, /did choosing help\? +nothing to choose/);
});

test('a sweep without a judged configuration is refused in one line, and its name cannot steer the terminal', () => {
  const none = trustOfSweep({ ...losses, configurations: [] }, LIMITS);
  const text = trustText('bad\u001b[31mname', none, { width: 80, color: false }, false);
  assert.equal(text, 'bad\\x1b[31mname  0 configurations\nno configuration was judged\n');
});

test('losses that are none are refused by key', () => {
  const broken = (change: (copy: ReturnType<typeof quickstartJson>) => void): (() => SweepLosses) => {
    const copy = quickstartJson();
    change(copy);
    return () => parseLosses(copy, 'l.json');
  };
  assert.throws(
    () => parseLosses([], 'l.json'),
    /^UserError: l\.json: the file: expected object, got array\. The format is in docs\/trust\.md\.$/,
  );
  assert.throws(
    broken((copy) => {
      copy.configurations = [{ ...copy.configurations[0], dataset: 9 }];
    }),
    /configuration [0-9a-f]+: dataset 9 is not among the file's datasets/,
  );
  assert.throws(
    broken((copy) => {
      copy.datasets = [{ ...losses.datasets[0], ages: 'none' }];
    }),
    /datasets\.0\.ages: /,
  );
  const cut = (column: 'rows' | 'days', values: (days: readonly number[]) => number[]) =>
    broken((copy) => {
      const [first, ...others] = losses.datasets;
      const { long, short } = first!.sides;
      const tune = { ...long.splits.tune, [column]: values(long.splits.tune[column]) };
      copy.datasets = [{ ...first, sides: { long: { splits: { ...long.splits, tune } }, short } }, ...others];
    });
  assert.throws(
    cut('rows', (rows) => rows.slice(1)),
    /dataset 1, long tune: rows has 9 values for 10 days/,
  );
  assert.throws(
    cut('days', (days) => days.toReversed()),
    /dataset 1, long tune: days are not ascending/,
  );
});
