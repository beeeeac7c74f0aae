import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { provenanceOf } from '../../src/cli/provenance.ts';
import { ChildEngine } from '../../src/distributed/child-engine.ts';
import { baselineData } from '../../src/execution/baseline-data.ts';
import { Coordinator } from '../../src/execution/coordinator.ts';
import type { FaultInjection } from '../../src/execution/messages.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import { canonicalConfiguration } from '../../src/sweep/configuration-id.ts';
import { type PlannedDataset, planSweep } from '../../src/sweep/plan.ts';
import { assertSameVerdicts, storedVerdicts } from '../support/stored-verdicts.ts';
import { sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, TINY_DATA_ROOT, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const DEFINITION = {
  name: 'child',
  baseline: { dataRoot: TINY_DATA_ROOT, runId: 'tiny' },
  axes: { agesMinutes: [[3, 10], [30]], regressorKind: ['huber', 'ridge'], ridgeAlpha: [1, 10, 100] },
} as const;
const PLAN = planSweep(DEFINITION);

type Settings = {
  readonly slices?: readonly PlannedDataset[];
  readonly fault?: FaultInjection;
  readonly proveHost?: () => Promise<void>;
  /** Is called with the engine when an outcome was heard. */
  readonly onOutcome?: (engine: ChildEngine) => void;
  readonly stop?: AbortController;
};

/** Judges in a child what a store does not know, and closes both. */
async function judge(db: string, settings: Settings = {}) {
  const { slices = PLAN.datasets, fault, proveHost = async () => {}, stop = new AbortController() } = settings;
  await using store = await openVerdictStore(join(folder, db), { mode: 'write' });
  const runId = await store.beginRun({
    ...(await provenanceOf(JSON.parse(JSON.stringify(DEFINITION)), {}, { withMachine: false })),
    sweepName: PLAN.name,
    replaces: false,
    configurations: PLAN.configurations.map(({ id, configuration }) => {
      return { id, configuration, canonical: canonicalConfiguration(configuration) };
    }),
    data: await baselineData(TINY_DATA_ROOT, 'tiny', undefined, { barGaps: 'keep' }),
  });
  const lost: string[] = [];
  await using engine = new ChildEngine({
    work: PLAN,
    // Children that follow find the rows that the first has built.
    options: {
      threads: 1,
      timeLimitMs: 60_000,
      barGaps: 'keep',
      cache: { folder: join(folder, 'cache'), maxBytes: 2 ** 30 },
      fault,
    },
    observer: { childLost: (reason) => lost.push(reason) },
    proveHost,
  });
  const coordinate = async (part: readonly PlannedDataset[]) => {
    const coordinator = new Coordinator({
      slices: part,
      store,
      runId,
      observer: { outcome: () => settings.onOutcome?.(engine) },
      options: { fresh: false, retryErrors: false, signal: stop.signal },
      isFirst: false,
    });
    await coordinator.run(engine);
    return coordinator.counts;
  };
  const counts = await coordinate(slices);
  return {
    counts,
    lost,
    again: stop.signal.aborted ? null : await coordinate(slices),
    failed: (await store.outcomes()).failed,
  };
}

const once = (act: (engine: ChildEngine) => void) => {
  let isDone = false;
  return (engine: ChildEngine) => {
    if (!isDone) act(engine);
    isDone = true;
  };
};

describe('an engine in a child process', () => {
  test('comes to the very verdicts that this process comes to, and stays for what follows', async () => {
    await runSweepFile(
      writeDefinition(folder, { name: DEFINITION.name, axes: DEFINITION.axes }),
      join(folder, 'here.db'),
    );
    const { counts, again, lost } = await judge('child.db');
    assert.deepEqual(counts, { known: 0, completed: 8, failed: 0 });
    assert.deepEqual(again, { known: 8, completed: 0, failed: 0 });
    assert.deepEqual(lost, []);
    assertSameVerdicts(await storedVerdicts(join(folder, 'child.db')), await storedVerdicts(join(folder, 'here.db')));
  });

  test('that is killed in the middle is followed by another, which is given what has no outcome', async () => {
    const { counts, lost } = await judge('killed.db', {
      onOutcome: once((engine) => process.kill(engine.pid!, 'SIGKILL')),
    });
    assert.deepEqual(lost, ['SIGKILL']);
    assert.deepEqual(counts, { known: 0, completed: 8, failed: 0 });
    assertSameVerdicts(await storedVerdicts(join(folder, 'killed.db')), await storedVerdicts(join(folder, 'here.db')));
  });

  test('loses one configuration to one that always ends its process, once this machine is proved', async () => {
    const [slice] = PLAN.datasets;
    const configurations = slice!.configurations.slice(0, 2);
    const { id } = configurations[1]!;
    let proofs = 0;
    const { counts, failed, lost } = await judge('poison.db', {
      slices: [{ ...slice!, configurations }],
      fault: { kind: 'kill', when: 'always', configuration: id },
      proveHost: async () => {
        proofs += 1;
      },
    });
    assert.deepEqual(counts, { known: 0, completed: 1, failed: 1 });
    assert.deepEqual(
      failed.map(({ configurationId, error }) => [configurationId, error.name]),
      [[id, 'EngineLost']],
    );
    assert.match(failed[0]!.error.message, /^its process ended 2 times while it was judged alone \(SIGKILL\)$/);
    assert.equal(proofs, 1);
    // Where the other has its verdict by then it is the only one that is left the first time, too.
    assert.ok(lost.length === 2 || lost.length === 3, `${lost.length} ends`);
  });

  test('that is told to stop stores what is in hand, and is there for the next run', async () => {
    const stop = new AbortController();
    const { counts } = await judge('stopped.db', { stop, onOutcome: () => stop.abort() });
    assert.ok(counts.completed >= 1 && counts.completed < 8, `${counts.completed} judged`);
    const { known } = await runSweepFile(writeDefinition(folder, DEFINITION), join(folder, 'stopped.db'));
    assert.equal(known, counts.completed);
  });

  test('refuses data that are not there as this process does', async () => {
    await using engine = new ChildEngine({
      work: { ...PLAN, baseline: { dataRoot: folder, runId: 'nowhere' } },
      options: { threads: 1, timeLimitMs: 60_000, barGaps: 'keep', cache: null },
      observer: {},
      proveHost: async () => {},
    });
    await assert.rejects(engine.open(), { name: 'UserError', message: /nowhere/ });
  });
});
