import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Coordinator } from '../../src/execution/coordinator.ts';
import type { OutcomeSink, SliceEngine } from '../../src/execution/slice-engine.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { ConfigurationRecord } from '../../src/store/records.ts';
import { datasetKey, type PlannedDataset } from '../../src/sweep/plan.ts';
import { UserError } from '../../src/user-error.ts';
import {
  SYNTHETIC_DAYS,
  SYNTHETIC_RUN,
  syntheticConfigurations,
  syntheticDataset,
  syntheticOutcome,
} from '../store/synthetic.ts';
import { sharedFolder } from '../support/sweep-command.ts';

const folder = sharedFolder();
const CONFIGURATIONS = syntheticConfigurations(24);
const SLICES = slicesOf(CONFIGURATIONS);

/** Two slices for each dataset. */
function slicesOf(configurations: readonly ConfigurationRecord[]): PlannedDataset[] {
  return [...Map.groupBy(configurations, ({ configuration }) => configuration.agesMinutes.join())].flatMap(
    ([, group]) => {
      const { agesMinutes } = group[0]!.configuration;
      const whole = { key: datasetKey(agesMinutes, 0), agesMinutes, maxRowsPerSplit: 0 };
      const half = Math.floor(group.length / 2);
      return [group.slice(0, half), group.slice(half)].map((part) => ({ ...whole, configurations: part }));
    },
  );
}

/** Judges by what it is told, without threads, memory or data: as one would that has other machines do it. */
class TellingEngine implements SliceEngine {
  readonly asked: number[] = [];
  readonly #unbuilt: string | undefined;

  /** @param unbuilt the key of a dataset that cannot be built */
  constructor(unbuilt?: string) {
    this.#unbuilt = unbuilt;
  }

  async run(slices: AsyncIterable<PlannedDataset>, sink: OutcomeSink, signal: AbortSignal): Promise<void> {
    for await (const slice of slices) {
      if (signal.aborted) return;
      await this.#judge(slice, sink);
    }
  }

  async #judge(slice: PlannedDataset, sink: OutcomeSink): Promise<void> {
    if (slice.key === this.#unbuilt) {
      const error = new UserError('no rows');
      await using open = await sink.open(slice, { kind: 'unbuilt', error });
      open.begin();
      open.fail(error);
      return;
    }
    const { contentHash } = syntheticDataset(slice.agesMinutes);
    await using open = await sink.open(slice, { kind: 'built', contentHash, rowCount: 100 });
    if (open.wantsDays) await open.tellDays(SYNTHETIC_DAYS);
    open.begin();
    this.asked.push(open.remaining.length);
    const ids = new Set(open.remaining.map(({ id }) => id));
    for (const record of CONFIGURATIONS) if (ids.has(record.id)) open.settle(syntheticOutcome(record));
    await open.stored();
  }
}

async function coordinate(db: string, engine: SliceEngine, slices = SLICES, signal = new AbortController().signal) {
  await using store = await openVerdictStore(join(folder, db), { mode: 'write' });
  const isFirst = (await store.lastSweep()) === null;
  const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations: CONFIGURATIONS });
  const told: string[] = [];
  const coordinator = new Coordinator({
    slices,
    store,
    runId,
    isFirst,
    options: { fresh: false, retryErrors: false, signal },
    observer: { datasetBuilt: ({ remaining }) => told.push(`${remaining} left`) },
  });
  await coordinator.run(engine);
  const [sweep] = await store.sweeps();
  return { coordinator, sweep: sweep!, told };
}

describe('a coordinator', () => {
  test('has whatever engine it is given judge what the store does not know, slice by slice, and stores it', async () => {
    const engine = new TellingEngine();
    const { coordinator, sweep } = await coordinate('whole.db', engine);
    assert.deepEqual(coordinator.counts, { known: 0, completed: 24, failed: 0 });
    assert.deepEqual(coordinator.recorded, { completed: 24, failed: 0 });
    assert.equal(coordinator.knowsNothing, true);
    assert.deepEqual([sweep.pendingCount, sweep.passedCount + sweep.notReadyCount + sweep.unconvergedCount], [0, 24]);
    assert.deepEqual(
      engine.asked,
      SLICES.map(({ configurations }) => configurations.length),
    );
  });

  test('asks for nothing twice: what another slicing has left is what it is asked for', async () => {
    const [first, ...rest] = SLICES;
    const before = await coordinate('parts.db', new TellingEngine(), [first!]);
    assert.equal(before.sweep.pendingCount, 24 - first!.configurations.length);
    const engine = new TellingEngine();
    const { coordinator, told } = await coordinate('parts.db', engine, [first!, ...rest]);
    assert.equal(coordinator.knowsNothing, false);
    assert.deepEqual(coordinator.counts, {
      known: first!.configurations.length,
      completed: 24 - first!.configurations.length,
      failed: 0,
    });
    assert.equal(told[0], '0 left');
    assert.equal(engine.asked[0], 0);
  });

  test('stores a dataset that cannot be built as a failure of each of its configurations', async () => {
    const { key, configurations } = SLICES[0]!;
    const { coordinator, sweep } = await coordinate('unbuilt.db', new TellingEngine(key));
    const ofDataset = SLICES.filter((slice) => slice.key === key).flatMap((slice) => slice.configurations);
    assert.ok(ofDataset.length > configurations.length);
    assert.equal(coordinator.counts.failed, ofDataset.length);
    assert.equal(sweep.errorCount, ofDataset.length);
  });

  test('leaves an engine that is told to stop what it has not begun', async () => {
    const stop = new AbortController();
    stop.abort();
    const { coordinator, sweep } = await coordinate('stopped.db', new TellingEngine(), SLICES, stop.signal);
    assert.deepEqual(coordinator.counts, { known: 0, completed: 0, failed: 0 });
    assert.equal(sweep.pendingCount, 24);
  });
});
