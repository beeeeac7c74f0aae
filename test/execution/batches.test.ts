import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BatchQueue, planBatches } from '../../src/execution/batches.ts';
import type { Configuration } from '../../src/experiment/configuration.ts';
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

const clipOf = (batch: readonly PlannedConfiguration[] | undefined) =>
  batch?.[0]?.configuration.regressionTargetClipBps;

describe('batches', () => {
  test('hold every configuration once, each batch of one clip and of no more than four passes', () => {
    for (const threads of [1, 2, 64]) {
      const batches = planBatches(GRID, threads);
      assert.deepEqual(
        batches
          .flat()
          .map(({ id }) => id)
          .sort(),
        GRID.map(({ id }) => id).sort(),
      );
      for (const batch of batches) {
        assert.ok(batch.length > 0 && batch.length <= 64);
        assert.equal(new Set(batch.map(({ configuration }) => configuration.regressionTargetClipBps)).size, 1);
      }
    }
  });

  test('follow the path from its root outwards, epsilons above it first', () => {
    const path = planBatches(GRID, 1)
      .flat()
      .slice(0, 16)
      .map(({ configuration }) => (configuration.regressor.kind === 'huber' ? configuration.regressor.epsilon : null));
    assert.deepEqual([...new Set(path)], [1.35, 1.5, 2, 1.1]);
  });
});

describe('a queue of batches', () => {
  const queueOf = (): BatchQueue => {
    const queue = new BatchQueue();
    for (const clip of CLIPS) for (let i = 0; i < 3; i += 1) queue.add([huber(clip, 1.35, i)], 1);
    return queue;
  };
  const take = (queue: BatchQueue, lane: number): string => {
    const next = queue.take(lane);
    return next === undefined ? 'nothing' : String(next.batch[0]?.id);
  };

  test('keeps a lane on its path, gives each lane one of its own, and has them help each other at the end', () => {
    const queue = queueOf();
    assert.equal(take(queue, 0), '0-1.35-0');
    assert.equal(take(queue, 1), '40-1.35-0');
    assert.equal(take(queue, 0), '0-1.35-1');
    assert.equal(take(queue, 0), '0-1.35-2');
    assert.equal(take(queue, 0), '60-1.35-0', 'a path that nobody is on');
    assert.equal(take(queue, 1), '40-1.35-1');
    assert.equal(take(queue, 1), '40-1.35-2');
    assert.equal(take(queue, 1), '60-1.35-2', 'from the end of the path that another lane is on');
    assert.equal(take(queue, 0), '60-1.35-1');
    assert.equal(take(queue, 0), 'nothing');
  });

  test('gives out a batch that came back, with its attempt', () => {
    const queue = new BatchQueue();
    const batch = [huber(0, 1.35, 1)];
    queue.add(batch, 2);
    assert.equal(clipOf(queue.take(0)?.batch), 0);
    queue.add(batch, 2);
    assert.deepEqual(queue.take(1), { batch, attempt: 2 });
    assert.equal(queue.take(1), undefined);
  });
});
