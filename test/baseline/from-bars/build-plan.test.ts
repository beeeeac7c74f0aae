import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { describe, test } from 'node:test';
import { BUILD_DEFAULTS, type BuildOptions, planBuild } from '../../../src/baseline/from-bars/build-plan.ts';

const OPTIONS: BuildOptions = { dataRoot: 'data', runId: 'btc-2m', bars: [{ symbol: 'BTCUSDT', path: 'btc.csv' }] };

describe('build options', () => {
  test('left out ones have their defaults, and the purge gap serves the longest horizon and age', () => {
    const { dataRoot: _, ...given } = OPTIONS;
    assert.deepEqual(planBuild(OPTIONS), {
      ...given,
      folder: resolve('data/trader-v4/runs/btc-2m'),
      ...BUILD_DEFAULTS,
      reading: {},
      startMs: undefined,
      endMs: undefined,
      purgeBars: 120,
    });
    const { purgeBars } = planBuild({
      ...OPTIONS,
      entryHorizonMinutes: 5,
      continueHorizonMinutes: 7,
      maxAgeMinutes: 30,
    });
    assert.equal(purgeBars, 37);
  });

  test('a start is a UTC day or minute', () => {
    assert.equal(planBuild({ ...OPTIONS, start: '2024-02-29' }).startMs, Date.UTC(2024, 1, 29));
    assert.equal(planBuild({ ...OPTIONS, end: '2024-02-29T23:59Z' }).endMs, Date.UTC(2024, 1, 29, 23, 59));
    assert.equal(planBuild({ ...OPTIONS, end: '2024-02-29T23:59:00.000Z' }).endMs, Date.UTC(2024, 1, 29, 23, 59));
  });

  const cases: [title: string, options: Partial<BuildOptions>, message: string][] = [
    [
      'a run id with a folder in it',
      { runId: '../x' },
      'run id: expected a run\'s id of 1 to 128 letters, digits, ".", "_" and "-" that begins with a letter or digit, got "../x"',
    ],
    ['no bars', { bars: [] }, 'bars: at least one SYMBOL=FILE is needed, got none'],
    [
      'a symbol with a space',
      { bars: [{ symbol: 'B T', path: 'x' }] },
      'bars: a symbol is a name without spaces, got "B T" for x',
    ],
    [
      'a date that is none',
      { start: '2023-02-30' },
      'start: expected a UTC date as 2024-05-01 or 2024-05-01T12:00Z, got "2023-02-30"',
    ],
    [
      'a date with seconds',
      { end: '2024-05-01T12:00:30Z' },
      'end: expected a UTC date as 2024-05-01 or 2024-05-01T12:00Z, got "2024-05-01T12:00:30Z"',
    ],
    [
      'an end before its start',
      { start: '2024-05-02', end: '2024-05-01' },
      'end: must be after start, got 2024-05-02 to 2024-05-01',
    ],
    ['a stop of 0', { stopDistanceBps: 0 }, 'stopDistanceBps: expected a number > 0, got 0'],
    [
      'a target that is no number',
      { targetDistanceBps: Number.NaN },
      'targetDistanceBps: expected a number ≥ 0, got NaN',
    ],
    ['a negative cost', { costBps: -1 }, 'costBps: expected a number ≥ 0, got -1'],
    ['half a minute', { entryHorizonMinutes: 1.5 }, 'entryHorizonMinutes: expected a whole number ≥ 1, got 1.5'],
    ['a stride of 0', { entryStrideMinutes: 0 }, 'entryStrideMinutes: expected a whole number ≥ 1, got 0'],
    [
      'fractions that do not add up',
      { splitFractions: [0.5, 0.2, 0.2, 0.2] },
      'splitFractions: expected four numbers > 0 that add up to 1 (fit_inner, tune, validation_locked, latest_stress), got 0.5, 0.2, 0.2, 0.2',
    ],
  ];
  for (const [title, options, message] of cases) {
    test(`${title} is refused`, () => {
      assert.throws(() => planBuild({ ...OPTIONS, ...options }), { name: 'UserError', message });
    });
  }
});
