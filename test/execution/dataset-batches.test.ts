import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BatchEngine, BatchLost, type PreparedDataset } from '../../src/execution/batch-engine.ts';
import { DatasetBatches } from '../../src/execution/dataset-batches.ts';
import { planSweep } from '../../src/sweep/plan.ts';

/** Batches that end only when work is dropped, as fits do that take minutes. */
class SlowEngine implements BatchEngine {
  readonly concurrency = 2;
  begun = 0;
  isDropped = false;
  readonly #running: (() => void)[] = [];

  async prepare(): Promise<PreparedDataset> {
    throw new Error('no dataset is prepared here');
  }

  runBatch(): Promise<void> {
    this.begun += 1;
    return new Promise((_, reject) => {
      this.#running.push(() => reject(new BatchLost('worker lost: cancelled', [])));
    });
  }

  dropWork(isDropped: boolean): void {
    this.isDropped = isDropped;
    if (isDropped) for (const drop of this.#running.splice(0)) drop();
  }

  [Symbol.dispose](): void {}
}

test('what takes longer than one waits for who has said stop is dropped, and is neither an error nor lost', async () => {
  const plan = planSweep({
    name: 'slow',
    baseline: { dataRoot: '.', runId: 'r' },
    axes: { huberEpsilon: { linspace: [1.1, 2, 40] } },
  });
  const engine = new SlowEngine();
  const stop = new AbortController();
  const told: unknown[] = [];
  const batches = new DatasetBatches(
    {
      engine,
      // Of a prepared dataset its rows are asked for, and what is handed on to the engine.
      prepared: { number: 1, dataset: { rowCount: 10_000 } } as PreparedDataset,
      datasetHash: 'h',
      onOutcome: (outcome) => told.push(outcome),
      onBatchLost: (event) => told.push(event),
      stored: async () => {},
      signal: stop.signal,
      dropAfterMs: 20,
    },
    plan.configurations,
  );
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(engine.begun, 2);
  stop.abort();
  await batches.end();
  assert.deepEqual(told, []);
  assert.equal(engine.begun, 2, 'nothing else begins');
  assert.equal(engine.isDropped, false, 'the engine takes work again');
});
