import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EngineLost, GivenSlices } from '../../src/distributed/given-slices.ts';
import type { OutcomeSink } from '../../src/execution/slice-engine.ts';
import type { OutcomeRecord } from '../../src/store/records.ts';
import type { PlannedDataset } from '../../src/sweep/plan.ts';
import { UnfitHost } from '../../src/unfit-host.ts';
import { syntheticConfigurations, syntheticDataset } from '../store/synthetic.ts';

const CONFIGURATIONS = syntheticConfigurations(5);
const { agesMinutes, contentHash } = syntheticDataset();
const SLICE: PlannedDataset = { key: 'a dataset', agesMinutes, maxRowsPerSplit: 0, configurations: CONFIGURATIONS };
const IDS = CONFIGURATIONS.map(({ id }) => id);

/** A slice that is given, and what came of it. */
function given(proveHost = async () => {}) {
  const outcomes: OutcomeRecord[] = [];
  let closed = 0;
  const sink: OutcomeSink = {
    knowsNothing: false,
    open: async (slice) => ({
      remaining: slice.configurations,
      wantsDays: false,
      tellDays: async () => {},
      begin: () => {},
      settle: (outcome) => void outcomes.push(outcome),
      fail: () => {},
      stored: async () => {},
      [Symbol.asyncDispose]: async () => {
        closed += 1;
      },
    }),
  };
  const slices = (async function* () {
    yield SLICE;
  })();
  const all = new GivenSlices(slices, sink, 1, proveHost);
  /** What a child is given now, begun. */
  const begin = async () => {
    const part = (await all.next())!;
    const rows = { kind: 'built', contentHash, rowCount: 100 } as const;
    const { remaining } = (await all.answer(part.number, { asks: 'open', rows }))!;
    all.hear(part.number, { says: 'begin' });
    return { number: part.number, remaining };
  };
  const settle = (number: number, id: string) => {
    const outcome = {
      kind: 'failed',
      configurationId: id,
      datasetHash: contentHash,
      durationMs: 1,
      attempts: 1,
    } as const;
    all.hear(number, { says: 'settle', outcome: { ...outcome, error: { name: 'Error', message: 'judged' } } });
  };
  return { all, begin, settle, outcomes, closed: () => closed };
}

describe('what is given to an engine in a process', () => {
  test('comes in halves when the process ends, one at a time, until what ends it is alone twice; the rest is judged once', async () => {
    const poison = IDS[3]!;
    const { all, begin, settle, outcomes, closed } = given();
    const sizes: number[] = [];
    while (!all.isDone) {
      const { number, remaining } = await begin();
      sizes.push(remaining.length);
      const end = remaining.indexOf(poison);
      for (const id of end === -1 ? remaining : []) settle(number, id);
      if (end === -1) await all.answer(number, { asks: 'close' });
      else await all.childEnded('SIGKILL');
      // What is left to give is asked for, as a child would.
      if (all.isIdle && outcomes.length === IDS.length) assert.equal(await all.next(), null);
    }
    assert.deepEqual(sizes, [5, 3, 2, 1, 1, 1]);
    assert.deepEqual(outcomes.map(({ configurationId }) => configurationId).sort(), [...IDS].sort());
    const failed = outcomes.filter((each) => each.kind === 'failed' && each.error.name === 'EngineLost');
    assert.deepEqual(
      failed.map(({ configurationId }) => configurationId),
      [poison],
    );
    assert.equal(closed(), 1);
  });

  test('is no failure where the machine turns out not to be fit', async () => {
    const { all, begin, settle, outcomes } = given(async () => {
      throw new UnfitHost('not this one');
    });
    const { number } = await begin();
    for (const id of IDS.slice(1)) settle(number, id);
    await all.childEnded('SIGKILL');
    await begin();
    await assert.rejects(all.childEnded('SIGKILL'), UnfitHost);
    assert.equal(outcomes.length, IDS.length - 1);
  });

  test('is not failure after failure where every configuration ends the process', async () => {
    const { all, begin, outcomes } = given();
    const judging = (async () => {
      for (;;) {
        await begin();
        await all.childEnded('SIGKILL');
      }
    })();
    await assert.rejects(
      judging,
      /^EngineLost: a dataset: 3 configurations one after another ended its process \(SIGKILL\)$/,
    );
    assert.equal(outcomes.length, 2);
  });

  test('is not prepared where that has ended two processes, and nothing of it is a failure', async () => {
    const { all, outcomes } = given();
    await all.next();
    await all.childEnded('SIGKILL');
    await all.next();
    await assert.rejects(all.childEnded('SIGKILL'), (error: unknown) => {
      assert.ok(error instanceof EngineLost);
      assert.equal(error.message, 'a dataset: its dataset was not prepared, 2 processes ended over it (SIGKILL)');
      return true;
    });
    assert.deepEqual(outcomes, []);
  });

  test('is stored as far as it has come when a run ends before it is closed', async () => {
    const { all, begin, settle, outcomes, closed } = given();
    const { number } = await begin();
    settle(number, IDS[0]!);
    settle(number, IDS[0]!);
    await all[Symbol.asyncDispose]();
    assert.equal(outcomes.length, 1);
    assert.equal(closed(), 1);
  });
});
