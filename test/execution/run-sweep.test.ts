import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { provenanceOf } from '../../src/cli/provenance.ts';
import type { MemoryLimit, MemoryPlan } from '../../src/execution/memory-plan.ts';
import type { SweepObserver } from '../../src/execution/observer.ts';
import { runSweep } from '../../src/execution/run-sweep.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { readSweepDefinition } from '../../src/sweep/definition.ts';
import { planSweep } from '../../src/sweep/plan.ts';
import { assertSameVerdicts, storedVerdicts } from '../support/stored-verdicts.ts';
import { sharedFolder } from '../support/sweep-command.ts';
import { writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const definition = writeDefinition(folder, {
  name: 'places',
  axes: { agesMinutes: [[3, 10], [30], [38]], regressorKind: ['huber', 'ridge'] },
});

type Settings = {
  readonly memoryLimit?: MemoryLimit;
  readonly signal?: AbortSignal;
  readonly observer?: SweepObserver;
};

async function run(db: string, { memoryLimit, signal, observer = {} }: Settings = {}) {
  const written = await readSweepDefinition(definition);
  let memory: MemoryPlan | undefined;
  const summary = await runSweep(
    planSweep(written),
    { isThere: existsSync(join(folder, db)), open: () => openVerdictStore(join(folder, db), { mode: 'write' }) },
    provenanceOf(JSON.parse(JSON.stringify(written)), {}, { withMachine: false }),
    {
      threads: 2,
      barGaps: 'keep',
      cache: null,
      fresh: false,
      replace: false,
      mixShards: false,
      retryErrors: false,
      seals: false,
      timeLimitMs: 60_000,
      signal: signal ?? new AbortController().signal,
      memoryLimit,
    },
    {
      ...observer,
      started: (event) => {
        memory = event.memoryPlan;
      },
    },
  );
  return { summary, memory: memory! };
}

describe('a sweep of several datasets', () => {
  test('stores the same verdicts whether or not the memory has a place for the next one', async () => {
    const roomy = await run('roomy.db');
    assert.equal(roomy.memory.datasetPlaces, 2);
    const tight = await run('tight.db', { memoryLimit: { bytes: roomy.memory.totalBytes - 1, from: 'option' } });
    assert.equal(tight.memory.datasetPlaces, 1);
    assert.deepEqual([roomy.summary.completed, tight.summary.completed], [6, 6]);
    assertSameVerdicts(await storedVerdicts(join(folder, 'tight.db')), await storedVerdicts(join(folder, 'roomy.db')));
  });

  test("stores each one's pairs by cell and calibrations, which are of the rows that they are said to be of", async () => {
    await using store = await openVerdictStore(join(folder, 'roomy.db'), { mode: 'read' });
    const datasets = await store.datasetDays({ sweep: 'places' });
    assert.equal(datasets.length, 3);
    const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
    let bins = 0;
    for (const { days } of datasets) {
      for (const { rows, positives, pairCells, sets, days: dates } of days.parts) {
        assert.deepEqual(
          pairCells,
          dates.map((_, i) => i),
        );
        for (const { calibration, doubledPairs } of Object.values(sets)) {
          assert.equal(total(calibration!.map((bin) => bin.rows)), total(rows));
          assert.equal(total(calibration!.map((bin) => bin.positives)), total(positives));
          assert.equal(doubledPairs!.length, dates.length);
          bins += calibration!.length;
        }
      }
    }
    assert.ok(bins > 100, `${bins} bins`);
  });

  test('that is stopped while it judges one of them stores what is in hand, begins no other, and goes on when it is run again', async () => {
    const stop = new AbortController();
    const stopped = await run('stopped.db', {
      signal: stop.signal,
      observer: { outcome: () => stop.abort() },
    });
    const { completed, interrupted } = stopped.summary;
    assert.equal(interrupted, true);
    assert.ok(completed >= 1 && completed <= 2, `${completed} of the first dataset's two`);
    const resumed = await run('stopped.db');
    assert.equal(resumed.summary.known, completed);
    assert.equal(resumed.summary.completed, 6 - completed);
    assertSameVerdicts(
      await storedVerdicts(join(folder, 'stopped.db')),
      await storedVerdicts(join(folder, 'roomy.db')),
    );
  });
});
