import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchQueue, planBatches } from '../../src/execution/batches.ts';
import type { Configuration } from '../../src/experiment/configuration.ts';
import { MODELS } from '../../src/experiment/model-judge.ts';
import type { PlannedConfiguration } from '../../src/sweep/plan.ts';

function huber(clip: number, epsilon: number, alpha: number): PlannedConfiguration {
  const configuration: Configuration = {
    agesMinutes: [3],
    regressor: { kind: 'huber', alpha, epsilon, maxIter: 100 },
    regressionTargetClipBps: clip,
    maxRowsPerSplit: 0,
  };
  return { id: `${clip}-${epsilon}-${alpha}`, configuration };
}

const CLIPS = [0, 40, 60];
const GRID = CLIPS.flatMap((clip) =>
  [2, 1.1, 1.35, 1.5].flatMap((epsilon) => [1, 0.1, 0.01, 0.001].map((alpha) => huber(clip, epsilon, alpha))),
);

const MODEL_KEYS = MODELS.map(({ key }) => key);

describe('batches', () => {
  test('hold each model of every configuration once, chunk by chunk, four batches of the same configurations each', () => {
    for (const [rows, threads] of [
      [1000, 1],
      [1000, 2],
      [5e6, 2],
      [1000, 64],
    ] as const) {
      const batches = planBatches(GRID, rows, threads);
      const numbers = [...new Set(batches.map(({ chunk }) => chunk))];
      const chunks = numbers.map((number) => batches.filter(({ chunk }) => chunk === number));
      assert.deepEqual(
        chunks.flatMap((chunk) => chunk[0]!.configurations.map(({ id }) => id)).sort(),
        GRID.map(({ id }) => id).sort(),
      );
      for (const chunk of chunks) {
        assert.deepEqual(chunk.map(({ model }) => model).sort(), [...MODEL_KEYS].sort());
        for (const { configurations } of chunk) assert.deepEqual(configurations, chunk[0]!.configurations);
      }
    }
  });

  test('are as many as there are threads, and short where each configuration takes long', () => {
    const chunks = (rows: number, threads: number) => planBatches(GRID, rows, threads).length / MODELS.length;
    assert.equal(chunks(1000, 2), 1);
    assert.equal(chunks(1000, 8), 2);
    assert.equal(chunks(1000, 4 * GRID.length), GRID.length);
    assert.equal(chunks(5e6, 2), 3);
  });

  test('follow the trail from its root outwards, epsilons above it first', () => {
    const [batch] = planBatches(GRID, 1000, 1);
    const path = batch!.configurations.map(({ configuration }) =>
      configuration.regressor.kind === 'huber' ? configuration.regressor.epsilon : null,
    );
    assert.deepEqual([...new Set(path)], [1.35, 1.5, 2, 1.1]);
  });
});

describe('a queue of batches', () => {
  const queueOf = (lanes: number): BatchQueue => {
    const queue = new BatchQueue(lanes);
    for (const batch of planBatches(GRID, 5e6, 1)) queue.add(batch, 1);
    return queue;
  };
  const take = (queue: BatchQueue, lane: number): string => {
    const next = queue.take(lane);
    return next === undefined ? 'nothing' : `${next.batch.chunk} ${next.batch.model}`;
  };

  test('gives each of two lanes a side, and the first chunk before the next', () => {
    const queue = queueOf(2);
    assert.deepEqual(
      [0, 1, 0, 1, 0].map((lane) => take(queue, lane)),
      [
        '0 long_market_plus_state',
        '0 short_market_plus_state',
        '0 long_market_only',
        '0 short_market_only',
        '1 long_market_plus_state',
      ],
    );
  });

  test('has a lane that is done with its models help another from the end', () => {
    const queue = queueOf(2);
    for (let i = 0; i < 6; i += 1) assert.match(take(queue, 0), /long/);
    assert.equal(take(queue, 0), '2 short_market_only');
    assert.equal(take(queue, 1), '0 short_market_plus_state');
  });

  test('has a lane that is too far ahead help where the other is: what it judges waits in memory for the other', () => {
    const queue = new BatchQueue(2);
    const [batch] = planBatches(GRID, 1000, 2);
    for (let chunk = 0; chunk < 6; chunk += 1) {
      for (const model of ['long_market_plus_state', 'short_market_plus_state'] as const)
        queue.add({ ...batch!, chunk, model }, 1);
    }
    assert.deepEqual(
      [0, 0, 0, 0, 0, 0].map((lane) => take(queue, lane)),
      [
        '0 long_market_plus_state',
        '1 long_market_plus_state',
        '2 long_market_plus_state',
        '0 short_market_plus_state',
        '3 long_market_plus_state',
        '1 short_market_plus_state',
      ],
    );
    assert.equal(take(queue, 1), '2 short_market_plus_state');
  });

  test('gives one lane everything, and lanes beyond the models the same models by turns', () => {
    const alone = queueOf(1);
    for (let i = 0; i < 4; i += 1) assert.match(take(alone, 0), /^0/);
    assert.match(take(alone, 0), /^1/);
    const many = queueOf(6);
    assert.equal(take(many, 1), '0 short_market_plus_state');
    assert.equal(take(many, 5), '1 short_market_plus_state');
  });

  test('gives out a batch that came back, with its attempt, and drops what is not wanted', () => {
    const queue = new BatchQueue(2);
    const [batch] = planBatches(GRID, 1000, 2);
    queue.add(batch!, 2);
    assert.deepEqual(queue.take(1), { batch, attempt: 2 });
    assert.equal(queue.take(1), undefined);
    queue.add(batch!, 1);
    queue.add({ ...batch!, chunk: 1 }, 1);
    assert.equal(
      queue.drop(({ chunk }) => chunk === 1),
      1,
    );
    assert.equal(take(queue, 0), '0 long_market_plus_state');
    assert.equal(take(queue, 0), 'nothing');
  });
});
