import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assignSplits, SPLIT_NAMES, WALK_FORWARD_FOLDS } from '../../../src/baseline/from-bars/assign-splits.ts';
import { ALL_SPLITS } from '../../../src/baseline/splits.ts';
import { MINUTE_MS } from '../../../src/time-units.ts';
import { UserError } from '../../../src/user-error.ts';
import { randomBars } from './random-bars.ts';

const FRACTIONS = [0.6, 0.15, 0.15, 0.1];
const PURGED = SPLIT_NAMES.indexOf('purged');

describe('splits', () => {
  test('stand in time order by their fractions, each but the last ending in the purge gap', () => {
    const times = minutes(1000);
    const { splitOfBar, spans } = assignSplits([times], FRACTIONS, 20);
    assert.deepEqual(runsOf(splitOfBar[0]!), [
      ['fit_inner', 580],
      ['purged', 20],
      ['tune', 130],
      ['purged', 20],
      ['validation_locked', 130],
      ['purged', 20],
      ['latest_stress', 100],
    ]);
    assert.deepEqual(
      spans.map(({ id, fromMs, toMs }) => [id, (fromMs - times[0]!) / MINUTE_MS, (toMs - times[0]!) / MINUTE_MS]),
      [
        ['fit_inner', 0, 600],
        ['tune', 600, 750],
        ['validation_locked', 750, 900],
        ['latest_stress', 900, 1000],
      ],
    );
  });

  test('between the rows of two splits of a symbol lie at least purgeBars rows, holes or not (seeds 1 to 20)', () => {
    let symbolsWithHoles = 0;
    for (let seed = 1; seed <= 20; seed += 1) {
      const columns = [
        randomBars({ count: 900, seed, gapChance: 0.05, longestGap: 40 }).openTimeMs,
        randomBars({ count: 700, seed: seed + 100, gapChance: 0.01, longestGap: 300 }).openTimeMs,
      ];
      const { splitOfBar } = assignSplits(columns, FRACTIONS, 30);
      for (const [symbol, splits] of splitOfBar.entries()) {
        if (columns[symbol]!.at(-1)! - columns[symbol]![0]! > splits.length * MINUTE_MS) symbolsWithHoles += 1;
        let last = { bar: 0, code: splits[0]! };
        for (const [bar, code] of splits.entries()) {
          if (code === PURGED) continue;
          assert.ok(code >= last.code, `seed ${seed}: splits ascend`);
          if (code !== last.code) assert.ok(bar - last.bar > 30, `seed ${seed}: rows ${last.bar} and ${bar}`);
          last = { bar, code };
        }
      }
    }
    assert.ok(symbolsWithHoles > 30);
  });

  test('two symbols change split at the same minute', () => {
    const early = minutes(600);
    const late = minutes(600, 200);
    const { splitOfBar, spans } = assignSplits([early, late], FRACTIONS, 5);
    for (const [column, splits] of [
      [early, splitOfBar[0]!],
      [late, splitOfBar[1]!],
    ] as const) {
      for (const [bar, code] of splits.entries()) {
        if (code === PURGED) continue;
        const span = spans[code]!;
        assert.ok(span.fromMs <= column[bar]! && column[bar]! < span.toMs, `bar ${bar}`);
      }
    }
    assert.equal(spans[1]!.fromMs, early[480], '60 % of 800 minutes');
  });

  test('a hole of months shifts no boundary: only minutes with a bar count', () => {
    const times = minutes(1000);
    const torn = times.map((time, i) => time + (i >= 300 ? 100_000 * MINUTE_MS : 0));
    assert.deepEqual(assignSplits([torn], FRACTIONS, 20).splitOfBar, assignSplits([times], FRACTIONS, 20).splitOfBar);
  });

  test('folds are equal shares of the minutes, in time order', () => {
    const { foldOfBar } = assignSplits([minutes(600)], FRACTIONS, 20);
    assert.deepEqual(
      foldOfBar[0],
      Int32Array.from({ length: 600 }, (_, i) => Math.floor(i / (600 / WALK_FORWARD_FOLDS))),
    );
  });

  test('too few bars for the purge gap are refused with the splits that stay empty', () => {
    assert.throws(() => assignSplits([minutes(200)], FRACTIONS, 40), {
      name: 'UserError',
      message:
        'splits: every split needs rows beyond its purge gap of 40 bars, got none in tune, validation_locked of ' +
        '200 minutes. Give more bars, other split fractions or shorter horizons',
    });
    assert.throws(() => assignSplits([minutes(3)], FRACTIONS, 0), UserError);
  });
});

function minutes(count: number, from = 0): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => Date.UTC(2024, 2, 1) + (from + i) * MINUTE_MS);
}

function runsOf(splits: Uint8Array): [string, number][] {
  const runs: [string, number][] = [];
  for (const code of splits) {
    const name = SPLIT_NAMES[code]!;
    const run = runs.at(-1);
    if (run?.[0] === name) run[1] += 1;
    else runs.push([name, 1]);
  }
  assert.ok(runs.length >= ALL_SPLITS.length);
  return runs;
}
