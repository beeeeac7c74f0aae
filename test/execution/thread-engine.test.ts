import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { countOf } from '../../src/counts.ts';
import { type Dataset, planDataset } from '../../src/dataset/dataset.ts';
import { openStateRows } from '../../src/dataset/open-state-rows.ts';
import { composeStateFrame } from '../../src/dataset/state-frame.ts';
import { BatchLost, type PreparedDataset } from '../../src/execution/batch-engine.ts';
import { planMemory } from '../../src/execution/memory-plan.ts';
import type { BatchReply, FaultInjection } from '../../src/execution/messages.ts';
import { ThreadEngine, WorkerThreads } from '../../src/execution/thread-engine.ts';
import type { Configuration } from '../../src/experiment/configuration.ts';
import { createSharedMemory, MAX_MEMORY32_BYTES, SharedArena } from '../../src/numerics/memory.ts';
import type { PlannedConfiguration } from '../../src/sweep/plan.ts';
import { UserError } from '../../src/user-error.ts';
import { TINY_DATA_ROOT } from '../support/tiny-sweep.ts';

const AGES = [3, 10];

const CONFIGURATIONS = [0.1, 1, 10].map((alpha): PlannedConfiguration => {
  const configuration: Configuration = {
    agesMinutes: AGES,
    regressor: { kind: 'ridge', alpha, maxIter: 1000 },
    regressionTargetClipBps: 0,
    maxRowsPerSplit: 0,
  };
  return { id: `ridge-${alpha}`, configuration };
});

/**
 * Runs `use` with an engine of one thread, and with that its only task range, over the ages of `tiny`.
 *
 * @param firstByte of the memory that it uses
 */
async function withEngine(
  fault: FaultInjection | undefined,
  use: (
    engine: ThreadEngine,
    dataset: Dataset,
    prepare: (dataset: Dataset) => Promise<PreparedDataset>,
  ) => Promise<void>,
  firstByte = 64,
): Promise<void> {
  const options = { threads: 1, timeLimitMs: timeLimitUnder(fault), fault };
  await using threads = new WorkerThreads(options);
  using source = await openStateRows(TINY_DATA_ROOT, 'tiny', AGES, { cache: null });
  const plan = planMemory(source.run, source.counts, [{ agesMinutes: AGES, maxRowsPerSplit: 0 }], 1);
  const arena = new SharedArena(createSharedMemory(firstByte + plan.totalBytes), firstByte);
  const rows = await source.fill(arena);
  using engine = new ThreadEngine(threads, arena, plan, options);
  const frame = composeStateFrame(rows, { agesMinutes: AGES, maxRowsPerSplit: 0, barGaps: 'keep' });
  const place = arena.part(plan.datasetBytes);
  const { featureOrder } = source.run.features;
  await use(engine, planDataset(frame, place), (dataset) => engine.prepare(dataset, featureOrder, place));
}

/** Of one configuration; a preparation has that of sixteen. */
function timeLimitUnder(fault: FaultInjection | undefined): number {
  if (fault?.kind !== 'hang') return 60_000;
  return fault.when === 'preparing' ? 20 : 1000;
}

async function judged(engine: ThreadEngine, prepared: PreparedDataset, attempt: number): Promise<BatchReply[]> {
  const replies: BatchReply[] = [];
  const batch = { chunk: 0, model: 'short_market_only', configurations: CONFIGURATIONS } as const;
  await engine.runBatch(prepared, batch, attempt, (reply) => replies.push(reply));
  return replies;
}

describe('an engine of one thread', () => {
  for (const kind of ['exit', 'hang'] as const) {
    test(`judges a batch whose thread was lost (${kind}) on the thread that takes its place, and every batch after it`, async () => {
      await withEngine({ kind, when: 'first', configuration: '' }, async (engine, dataset, prepare) => {
        const prepared = await prepare(dataset);
        const lost = judged(engine, prepared, 1);
        // It waits for the only range, until the lost thread has ended.
        const waiting = judged(engine, prepared, 2);
        await assert.rejects(lost, (error) => {
          assert.ok(error instanceof BatchLost);
          assert.deepEqual(
            error.inFlight,
            CONFIGURATIONS.map(({ id }) => id),
          );
          return true;
        });
        for (const replies of [await waiting, await judged(engine, prepared, 2)]) {
          assert.deepEqual(
            replies.map((reply) => [reply.kind, reply.configurationId]),
            CONFIGURATIONS.map(({ id }) => ['judged', id]),
          );
        }
      });
    });
  }

  test('gives a preparation up that does not end, says how to give it more time, and has its range for the next task', async () => {
    await withEngine({ kind: 'hang', when: 'preparing', configuration: '' }, async (_engine, dataset, prepare) => {
      for (let i = 0; i < 2; i += 1) {
        await assert.rejects(prepare(dataset), (error) => {
          assert.ok(error instanceof UserError);
          const text = `^state continue LONG: its dataset of ${countOf(dataset.rowCount, 'row')} was not prepared within 0\\.32 s, .*--time-limit`;
          assert.match(error.message, new RegExp(text));
          return true;
        });
      }
    });
  });

  test('prepares a dataset whose thread was lost on the thread that takes its place', async () => {
    const fault = { kind: 'exit', when: 'preparing-first', configuration: '' } as const;
    await withEngine(fault, async (engine, dataset, prepare) => {
      assert.equal((await judged(engine, await prepare(dataset), 1)).length, CONFIGURATIONS.length);
    });
  });

  test('gives a dataset up that ends every thread, as a failure to be stored', async () => {
    await withEngine({ kind: 'exit', when: 'preparing', configuration: '' }, async (_engine, dataset, prepare) => {
      await assert.rejects(prepare(dataset), (error) => {
        assert.ok(error instanceof UserError);
        assert.match(
          error.message,
          /^state continue LONG: .* was not prepared, 2 threads ended over it: .*--retry-errors/,
        );
        return true;
      });
    });
  });

  test('goes on after a preparation that failed of a bug', async () => {
    await withEngine(undefined, async (engine, dataset, prepare) => {
      const broken = { ...dataset, featureRow: 'none' as unknown as typeof dataset.featureRow };
      for (let i = 0; i < 3; i += 1) await assert.rejects(prepare(broken), Error);
      assert.equal((await judged(engine, await prepare(dataset), 1)).length, CONFIGURATIONS.length);
    });
  });

  test('judges to the same bits in a memory of 64-bit addresses, beyond its first 4 GiB', async () => {
    const judgements: unknown[] = [];
    for (const firstByte of [64, MAX_MEMORY32_BYTES]) {
      await withEngine(
        undefined,
        async (engine, dataset, prepare) => {
          const prepared = await prepare(dataset);
          assert.ok(prepared.contexts[0]!.gram.xx.byteOffset > firstByte);
          const replies = await judged(engine, prepared, 1);
          judgements.push(replies.map((reply) => reply.kind === 'judged' && reply.judgement));
        },
        firstByte,
      );
    }
    assert.equal(judgements.length, 2);
    assert.deepStrictEqual(judgements[1], judgements[0]);
  });
});
