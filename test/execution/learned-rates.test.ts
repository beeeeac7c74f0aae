import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BENCH_RATES, expectedMs, ratesFrom } from '../../src/execution/learned-rates.ts';
import type { RunHistory } from '../../src/store/records.ts';
import { huber, judged, ridge } from '../report/sample-outcomes.ts';
import { configurationWith, SYNTHETIC_RUN } from '../store/synthetic.ts';

const RUN: RunHistory = {
  ...SYNTHETIC_RUN,
  runId: '01234567-89ab-4cde-8f01-23456789abcd',
  configurationCount: 40,
  outcome: 'finished',
  reason: 'everything is judged',
  startedAt: '2026-01-02T03:00:00.000Z',
  finishedAt: '2026-01-02T03:01:00.000Z',
  judgedCount: 40,
  errorCount: 0,
  options: { threads: 2 },
};

/** 20 of each kind, on one dataset of its sample's rows. */
const VERDICTS = Array.from({ length: 40 }, (_, i) =>
  judged(`${i}x`, {
    verdictId: `${i}`,
    configuration: configurationWith({ regressor: i < 20 ? huber(i + 1) : ridge(i + 1) }),
    durationMs: i < 20 ? 100 : 10,
  }),
);
const ROWS = VERDICTS[0]!.dataset.rowCount!;
const DATASETS = [{ rows: ROWS, configurations: { huber: 20, ridge: 20 } }];

describe('the time that a sweep will take', () => {
  test('is told by what verdicts and runs of the store took', () => {
    const rates = ratesFrom([RUN], VERDICTS);
    assert.deepEqual(rates.basis, { verdicts: 40, runs: 1 });
    assert.ok(Math.abs(rates.configurationNsPerRow.huber - (100 * 1e6) / ROWS) < 1e-9);
    assert.ok(Math.abs(rates.configurationNsPerRow.ridge - (10 * 1e6) / ROWS) < 1e-9);
    // The same sweep again on as many threads takes as long as it took.
    assert.ok(Math.abs(expectedMs(rates, DATASETS, 2) - 60_000) < 1e-6);
    const twice = [{ rows: ROWS, configurations: { huber: 40, ridge: 40 } }];
    assert.ok(expectedMs(rates, twice, 2) > 60_000 && expectedMs(rates, twice, 2) < 120_000);
    assert.ok(expectedMs(rates, DATASETS, 1) > 60_000);
  });

  test('is the median of several runs', () => {
    const runs = [30, 60, 3000].map((seconds, i) => ({
      ...RUN,
      runId: `run ${i}`,
      finishedAt: new Date(Date.parse(RUN.startedAt) + 1000 * seconds).toISOString(),
    }));
    const verdicts = runs.flatMap(({ runId }, i) =>
      VERDICTS.map((of) => ({ ...of, runId, verdictId: `${i} ${of.verdictId}` })),
    );
    const rates = ratesFrom(runs, verdicts);
    assert.deepEqual(rates.basis, { verdicts: 120, runs: 3 });
    assert.ok(Math.abs(expectedMs(rates, DATASETS, 2) - 60_000) < 1e-6);
  });

  test('is told by the rates of another machine where no run says enough', () => {
    const unfinished = { ...RUN, outcome: 'interrupted' } as const;
    const partly = { ...RUN, judgedCount: 41 };
    const few = VERDICTS.slice(0, 10);
    const backwards = { ...RUN, finishedAt: '2026-01-02T02:00:00.000Z' };
    for (const [runs, verdicts] of [
      [[], []],
      [[unfinished], VERDICTS],
      [[partly], VERDICTS],
      [[{ ...RUN, judgedCount: 10 }], few],
      [[backwards], VERDICTS],
    ] as const) {
      assert.equal(ratesFrom(runs, verdicts), BENCH_RATES);
    }
  });
});
