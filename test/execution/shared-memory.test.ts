import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Piscina } from 'piscina';
import { buildDataset, type Dataset } from '../../src/dataset/dataset.ts';
import { datasetTable, partRows } from '../../src/dataset/dataset-table.ts';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import { composeStateFrame } from '../../src/dataset/state-frame.ts';
import { type MemoryPlan, planMemory } from '../../src/execution/memory-plan.ts';
import { ThreadEngine, WorkerThreads } from '../../src/execution/thread-engine.ts';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { toAddresses } from '../../src/numerics/shared-views.ts';
import { TINY_DATA_ROOT } from '../support/tiny-sweep.ts';
import { type ArrowReply, type ArrowTask, ownBytes, valuesOf } from './arrow-worker.ts';

const AGES = Array.from({ length: 110 }, (_, i) => i + 1);
const COLUMNS = [
  'market',
  'state',
  'state_row',
  'feature_row',
  'expected_continue_edge_bps',
  'continue_target',
  'day_index',
];
const MOST_THREADS = 3;

let plan: MemoryPlan;
let arena: SharedArena;
let dataset: Dataset;

before(async () => {
  const source = await openStateRows(TINY_DATA_ROOT, 'tiny', AGES, { cache: null });
  plan = planMemory(source.run, source.counts, [{ agesMinutes: AGES, maxRowsPerSplit: 0 }], MOST_THREADS);
  arena = new SharedArena(createSharedMemory(plan.totalBytes));
  const rows = await source.fill(arena);
  dataset = buildDataset(composeStateFrame(rows, { agesMinutes: AGES, maxRowsPerSplit: 0, barGaps: 'keep' }), arena);
});

describe('an Arrow table of a dataset', () => {
  test("stands, in the coordinator, on the run's one shared memory", () => {
    const table = datasetTable(dataset);
    assert.deepEqual(table.schema.names, COLUMNS);
    assert.equal(table.numRows, dataset.groupCount);
    assert.ok(arena.memory.buffer instanceof SharedArrayBuffer);
    for (const batch of table.batches) {
      for (const name of COLUMNS) {
        // Not assert.equal, which would print both of them.
        assert.ok(Object.is(valuesOf(batch.getChild(name)?.data[0])?.buffer, arena.memory.buffer), name);
      }
    }
  });

  for (const threads of [1, MOST_THREADS]) {
    describe(`in ${threads} worker threads`, () => {
      let pool: Piscina<ArrowTask, ArrowReply>;
      let replies: readonly ArrowReply[];
      let coordinatorGrowth: number;
      const place = 17;

      before(async () => {
        pool = arrowPool(threads);
        const bytes = ownBytes();
        matrixOf(dataset)[place] = 0.5;
        replies = await lookFromEveryThread(pool, threads, place);
        coordinatorGrowth = growth({ before: bytes, after: ownBytes() });
      });

      after(() => pool.destroy());

      test('stands on the same SharedArrayBuffer, column by column', () => {
        assert.equal(new Set(replies.map((reply) => reply.threadId)).size, threads);
        for (const reply of replies) {
          assert.equal(reply.rowCount, dataset.groupCount);
          assert.deepEqual(reply.isShared, Object.fromEntries(COLUMNS.map((name) => [name, true])));
        }
      });

      test('shows at once what another thread writes', async () => {
        // Each look writes one more than it found, whichever thread looks.
        let expected = 100;
        dataset.state[place] = expected;
        for (let i = 0; i < 3 * threads; i += 1) {
          const reply = await pool.run({ dataset: address(), place, write: expected + 1 });
          assert.equal(reply.found, expected);
          expected += 1;
          assert.equal(matrixOf(dataset)[place], expected);
        }
      });

      test('is no copy: no thread, nor the coordinator, holds more bytes of its own than before', () => {
        const dataBytes = dataset.state.byteLength;
        assert.ok(dataBytes > 8 * 2 ** 20, `${dataBytes} bytes are too few to tell`);
        const grown = [...replies.map(growth), coordinatorGrowth];
        assert.ok(Math.max(...grown) < dataBytes / 16, `grown by ${grown.join(', ')} of ${dataBytes} bytes`);
        for (const { sum } of replies) assert.ok(Number.isFinite(sum) && sum !== 0);
        // A copy would be seen.
        const before = ownBytes();
        const copy = new Float32Array(dataset.state);
        assert.ok(growth({ before, after: ownBytes() }) >= copy.byteLength);
      });
    });
  }
});

describe("the engine's workers", () => {
  test("write into the coordinator's table: once they have prepared a dataset, its columns there are standardized", async () => {
    const [column, part] = [3, dataset.parts[0]![0]!];
    const values = matrixOf(dataset);
    const mean = () => {
      const { stateStride, nRows } = partRows(dataset, part);
      let sum = 0;
      for (let i = 0; i < nRows; i += 1) sum += values[i * stateStride + column]!;
      return sum / nRows;
    };
    const raw = mean();
    assert.ok(Math.abs(raw) > 1e-3, `the mean is ${raw} already`);
    await using threads = new WorkerThreads({ threads: 2 });
    using engine = new ThreadEngine(threads, arena, plan, { threads: 2, timeLimitMs: 60_000 });
    const { contexts } = await engine.prepare(dataset, [], arena);
    assert.ok(Math.abs(mean()) < 1e-5, `a mean of ${mean()}`);
    for (const { gram } of contexts) {
      assert.ok(Object.is(gram.xx.buffer, arena.memory.buffer));
      assert.ok(gram.xx.some((value) => value > 0));
    }
  });
});

/** The state part of LONG's fit rows, as the table's column has it. */
function matrixOf(of: Dataset): Float32Array {
  const values = valuesOf(datasetTable(of).batches[0]!.getChild('state')?.data[0]);
  if (!(values instanceof Float32Array)) throw new Error('expected the state features as float32');
  return values;
}

/** A pool as the engine's: threads that were given the memory at their start. */
function arrowPool(threads: number): Piscina<ArrowTask, ArrowReply> {
  return new Piscina({
    filename: new URL('arrow-worker.ts', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    workerData: { memory: arena.memory },
  });
}

/** Looks until every thread has: which one takes a task is the pool's to say. */
async function lookFromEveryThread(
  pool: Piscina<ArrowTask, ArrowReply>,
  threads: number,
  place: number,
): Promise<readonly ArrowReply[]> {
  const byThread = new Map<number, ArrowReply>();
  while (byThread.size < threads) {
    const tasks = Array.from({ length: 2 * threads }, () => pool.run({ dataset: address(), place, write: 0.5 }));
    for (const reply of await Promise.all(tasks)) byThread.set(reply.threadId, byThread.get(reply.threadId) ?? reply);
  }
  return [...byThread.values()];
}

function address(): unknown {
  return toAddresses(dataset, arena.memory);
}

function growth({ before, after }: Pick<ArrowReply, 'before' | 'after'>): number {
  return Math.max(after.arrayBuffers - before.arrayBuffers, after.external - before.external);
}
