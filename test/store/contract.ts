import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { sha256Json } from '../../src/canonical-json.ts';
import type { Configuration } from '../../src/experiment/configuration.ts';
import type { ModelResult, SplitMetrics } from '../../src/experiment/results.ts';
import { verdictOf } from '../../src/experiment/verdict.ts';
import { dailyLossesOf } from '../../src/store/daily-losses.ts';
import { METRIC_COLUMNS } from '../../src/store/metric-columns.ts';
import type {
  ConfigurationRecord,
  DataRecord,
  DatasetDays,
  JudgedConfiguration,
  RecordCounts,
  RunId,
  RunShard,
  RunStart,
  VerdictLosses,
} from '../../src/store/records.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import { UserError } from '../../src/user-error.ts';
import { userError } from '../support/user-error.ts';
import {
  beginSyntheticRun,
  configurationWith,
  failedOutcome,
  recordOf,
  SYNTHETIC_DATA,
  SYNTHETIC_DAYS,
  SYNTHETIC_END,
  SYNTHETIC_RUN,
  syntheticConfigurations,
  syntheticDataset,
  syntheticOutcome,
} from './synthetic.ts';

/** Opens the same store each time it is called within one test. */
export type OpenStore = ((mode: 'read' | 'write') => Promise<VerdictStore>) & {
  /** Makes it so that every run that has not ended is known to have died: in a file it is known anyway. */
  readonly runsDie?: () => Promise<unknown>;
};

/** What every implementation of VerdictStore promises. */
export function describeVerdictStore(name: string, openIn: (t: TestContext) => OpenStore): void {
  describe(name, () => {
    test('a verdict is found again as it was recorded, to the last bit', async (t) => {
      const open = openIn(t);
      const [record] = CONFIGURATIONS;
      const outcome = syntheticOutcome(record!);
      await withStore(open, async (store) => {
        const runId = await begin(store, [record!]);
        assert.deepEqual(await store.record(runId, [outcome]), counts({ completed: 1 }));
      });
      await using store = await open('read');
      const found = await store.find(record!.id);
      assert.equal(found.kind, 'completed');
      assert.deepEqual(found.result, outcome.result);
      assert.deepEqual(found.verdict, outcome.verdict);
      assert.deepEqual(found.dailyLosses, outcome.dailyLosses);
      assert.deepEqual(found.configuration, record!.configuration);
      assert.deepEqual(found.canonical, record!.canonical);
      assert.deepEqual(found.dataset, syntheticDataset());
      assert.equal(found.durationMs, outcome.durationMs);
    });

    test('a verdict knows the run that made it: definition, options, code, data, machine', async (t) => {
      await using store = await openIn(t)('write');
      const configurations = CONFIGURATIONS.slice(0, 1);
      const runId = await begin(store, configurations);
      const recorded = await store.record(runId, [syntheticOutcome(CONFIGURATIONS[0]!)]);
      await store.finishRun(runId, SYNTHETIC_END, recorded);
      const { run, sweeps, code } = await store.find(CONFIGURATIONS[0]!.id);
      const { replaces: _, configurations: _none, ...asBegun } = SYNTHETIC_RUN;
      assert.deepEqual(run, { ...asBegun, ...SYNTHETIC_END, runId, configurationCount: 1 });
      assert.deepEqual(sweeps, ['synthetic']);
      assert.deepEqual(code, SYNTHETIC_RUN.code);
    });

    test("a dataset's days are found with the sweep that shows them; the first that are told stay", async (t) => {
      const open = openIn(t);
      const { agesMinutes, maxRowsPerSplit } = syntheticDataset();
      const selection = { agesMinutes, maxRowsPerSplit };
      await withStore(open, async (store) => {
        const runId = await begin(store, CONFIGURATIONS.slice(0, 1));
        assert.equal(await store.hasDatasetDays(runId, selection), false);
        assert.deepEqual(await store.datasetDays({ sweep: 'synthetic' }), []);
        await store.datasetDaysMade(runId, selection, SYNTHETIC_DAYS);
        await store.datasetDaysMade(runId, selection, { ...SYNTHETIC_DAYS, parts: [] });
        assert.equal(await store.hasDatasetDays(runId, selection), true);
        assert.equal(await store.hasDatasetDays(runId, { agesMinutes: [77], maxRowsPerSplit }), false);
      });
      await using store = await open('read');
      assert.deepEqual(await store.datasetDays({ sweep: 'synthetic' }), [
        { dataset: syntheticDataset(), days: SYNTHETIC_DAYS },
      ]);
      assert.deepEqual(await store.check(), []);
    });

    test('recording the same verdict twice is one verdict, however long it took', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await begin(store, [record!]);
      const first = syntheticOutcome(record!);
      await store.record(runId, [first]);
      assert.deepEqual(await store.record(runId, [{ ...first, durationMs: 1 }]), counts({ ignored: 1 }));
      const { judged, conflicts } = await store.outcomes();
      assert.deepEqual([judged.length, judged[0]?.durationMs, conflicts], [1, first.durationMs, []]);
    });

    test('another verdict under the key of one is a conflict: the stored one stands, both digests are kept', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await begin(store, [record!]);
      const first = syntheticOutcome(record!, 1);
      await store.record(runId, [first]);
      const again = syntheticOutcome(record!, 2);
      assert.notDeepEqual(again.result, first.result);
      const later = await begin(store, [record!]);
      const { ignored, conflicts } = await store.record(later, [again]);
      const found = await store.find(record!.id);
      assert.ok(found.kind === 'completed');
      assert.deepEqual(found.result, first.result);
      const [conflict] = conflicts;
      assert.deepEqual([ignored, conflicts.length], [1, 1]);
      assert.deepEqual(conflict, {
        verdictId: found.verdictId,
        configurationId: record!.id,
        storedDigest: found.digest,
        otherDigest: conflict!.otherDigest,
        runId: later,
      });
      assert.match(conflict!.otherDigest, /^[0-9a-f]{64}$/);
      assert.notEqual(conflict!.otherDigest, found.digest);
      // Whoever reads is told; and the same conflict again is no other one.
      await store.record(later, [again]);
      assert.deepEqual((await store.outcomes()).conflicts, conflicts);
      assert.deepEqual(found.conflicts, conflicts);
      await begin(store, CONFIGURATIONS.slice(1, 2), 'of other configurations');
      assert.deepEqual(await store.conflicts('synthetic'), conflicts);
      assert.deepEqual(await store.conflicts('of other configurations'), []);
      await assert.rejects(store.conflicts('none'), userError(/"none": not in this store/));
      assert.deepEqual(await store.check(), []);
    });

    test('a failure is replaced by a verdict, a verdict never by a failure', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await begin(store, [record!]);
      await store.record(runId, [failedOutcome(record!)]);
      assert.deepEqual(await namesOf(store), { judged: [], failed: [record!.id], pending: 0 });
      await store.record(runId, [syntheticOutcome(record!)]);
      assert.deepEqual(await namesOf(store), { judged: [record!.id], failed: [], pending: 0 });
      assert.deepEqual(await store.record(runId, [failedOutcome(record!)]), counts({ ignored: 1 }));
      assert.deepEqual(await namesOf(store), { judged: [record!.id], failed: [], pending: 0 });
    });

    test('the failure of a retry replaces the failure before it', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await begin(store, [record!]);
      await store.record(runId, [failedOutcome(record!, 'first')]);
      await store.record(runId, [{ ...failedOutcome(record!, 'second'), attempts: 4 }]);
      const found = await store.find(record!.id);
      assert.deepEqual(found.kind === 'failed' && [found.error.message, found.attempts], ['second', 4]);
    });

    test('record stores all its outcomes or none', async (t) => {
      await using store = await openIn(t)('write');
      const [first, second, stranger] = CONFIGURATIONS;
      const runId = await begin(store, [first!, second!]);
      const outcomes = [first!, second!, stranger!].map((record) => syntheticOutcome(record));
      await assert.rejects(store.record(runId, outcomes), /not enrolled/);
      assert.deepEqual(await namesOf(store), { judged: [], failed: [], pending: 2 });
      // And the store goes on.
      await store.record(runId, outcomes.slice(0, 2));
      assert.equal((await store.outcomes()).judged.length, 2);
    });

    test('an outcome of other content than its configuration is enrolled on is refused', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS.slice(0, 1));
      const outcome = { ...syntheticOutcome(CONFIGURATIONS[0]!), datasetHash: 'f'.repeat(64) };
      await assert.rejects(store.record(runId, [outcome]), /is on dataset \w+, its outcome is of f+/);
    });

    test('a configuration of two sweeps is judged once, and both sweeps show the verdict', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!], 'one'), [syntheticOutcome(record!)]);
      await begin(store, [record!], 'two');
      for (const sweep of ['one', 'two']) {
        assert.deepEqual(await namesOf(store, sweep), { judged: [record!.id], failed: [], pending: 0 });
      }
      assert.equal((await store.outcomes()).judged.length, 1);
      assert.deepEqual((await store.find(record!.id)).sweeps, ['one', 'two']);
    });

    test('what is done is known by configuration, content and code, and nothing else is', async (t) => {
      await using store = await openIn(t)('write');
      const [done, failed] = CONFIGURATIONS;
      const runId = await begin(store, CONFIGURATIONS);
      await store.record(runId, [syntheticOutcome(done!), failedOutcome(failed!)]);
      const known = async (id: RunId) => Object.fromEntries(await store.outcomesOf(id, syntheticDataset()));
      const expected = { [done!.id]: 'completed', [failed!.id]: 'failed' };
      assert.deepEqual(await known(runId), expected);
      assert.deepEqual(await known(await begin(store, CONFIGURATIONS)), expected);
      const byOther = { code: { hash: 'other', version: '0.2.0' } };
      assert.deepEqual(await known(await beginSyntheticRun(store, CONFIGURATIONS, byOther)), {});
      const other = { data: { ...SYNTHETIC_DATA, hash: 'other' } };
      // Other data may hold the same rows, which have the same verdicts; what failed is tried again.
      assert.deepEqual(await known(await beginSyntheticRun(store, CONFIGURATIONS, other)), { [done!.id]: 'completed' });
      const onOther = await store.beginRun({ ...SYNTHETIC_RUN, configurations: CONFIGURATIONS, data: CHANGED_DATA });
      await store.datasetBuilt(onOther, syntheticDataset(), CHANGED);
      assert.deepEqual(await known(onOther), {});
      assert.equal((await store.outcomesOf(runId, { agesMinutes: [1], maxRowsPerSplit: 0 })).size, 0);
      const unnamed = await beginSyntheticRun(store, CONFIGURATIONS, { host: null });
      const [, , later] = CONFIGURATIONS;
      await store.record(unnamed, [syntheticOutcome(later!)]);
      const authors = { [done!.id]: 'a host', [later!.id]: null };
      for (const id of [runId, unnamed])
        assert.deepEqual(Object.fromEntries(await store.authorsOf(id, syntheticDataset())), authors);
      assert.equal((await store.authorsOf(onOther, syntheticDataset())).size, 0);
    });

    test('a dataset that cannot be built fails its configurations, until it can', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations: [record!] });
      await store.datasetBuilt(runId, syntheticDataset(), UNBUILT);
      const failure = { ...failedOutcome(record!, 'no such file'), datasetHash: null };
      assert.deepEqual(await store.record(runId, [failure]), counts({ failed: 1 }));
      assert.equal((await store.find(record!.id)).dataset.contentHash, null);
      assert.deepEqual(await namesOf(store), { judged: [], failed: [record!.id], pending: 0 });
      assert.deepEqual(Object.fromEntries(await store.outcomesOf(runId, syntheticDataset())), {
        [record!.id]: 'failed',
      });
      await store.datasetBuilt(runId, syntheticDataset(), syntheticDataset());
      await store.record(runId, [syntheticOutcome(record!)]);
      assert.deepEqual(await namesOf(store), { judged: [record!.id], failed: [], pending: 0 });
    });

    test('after the data changed a sweep shows the outcomes on them, and the earlier ones are told and reached', async (t) => {
      await using store = await openIn(t)('write');
      const [record, second] = CONFIGURATIONS;
      await store.record(await begin(store, [record!, second!]), [
        syntheticOutcome(record!),
        syntheticOutcome(second!),
      ]);
      const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations: [record!, second!], data: CHANGED_DATA });
      await store.datasetBuilt(runId, syntheticDataset(), CHANGED);
      assert.deepEqual(await namesOf(store, 'synthetic'), { judged: [], failed: [], pending: 2 });
      const [listed] = await store.sweeps();
      const earlier = { dataHash: SYNTHETIC_DATA.hash, code: SYNTHETIC_RUN.code, sameData: false, count: 2 };
      assert.deepEqual(listed!.earlier, [earlier]);
      assert.deepEqual([listed!.pendingCount, listed!.dataHash], [2, CHANGED_DATA.hash]);
      await store.record(runId, [{ ...syntheticOutcome(record!, 2), datasetHash: CHANGED.contentHash }]);
      const now = await store.outcomes({ sweep: 'synthetic' });
      assert.deepEqual([now.judged.length, now.pendingCount, now.earlier], [1, 1, [earlier]]);
      const then = await store.outcomes({ sweep: 'synthetic', data: SYNTHETIC_DATA.hash.slice(0, 7) });
      assert.deepEqual([then.judged.length, then.pendingCount], [2, 0]);
      assert.equal((await store.outcomes()).judged.length, 3);
      assert.deepEqual(now.looks, [
        { baselineRunId: 'btc-2m', dataHash: SYNTHETIC_DATA.hash, configurationCount: 2 },
        { baselineRunId: 'btc-2m', dataHash: CHANGED_DATA.hash, configurationCount: 1 },
      ]);
      await assert.rejects(
        store.outcomes({ sweep: 'synthetic', data: 'ffff' }),
        userError(/^data "ffff": none .*da7ada7ada7a of btc-2m/),
      );
    });

    test('verdicts by earlier code are told, and reached by its hash or version', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!]), [syntheticOutcome(record!)]);
      const code = { hash: 'beef'.repeat(16), version: '0.3.0' };
      await beginSyntheticRun(store, [record!], { code });
      const now = await store.outcomes({ sweep: 'synthetic' });
      assert.deepEqual([now.judged.length, now.pendingCount], [0, 1]);
      assert.deepEqual(now.earlier, [
        { dataHash: SYNTHETIC_DATA.hash, code: SYNTHETIC_RUN.code, sameData: true, count: 1 },
      ]);
      for (const asked of ['c0de', '0.2.0']) {
        assert.equal((await store.outcomes({ sweep: 'synthetic', code: asked })).judged.length, 1);
      }
    });

    test('an id of several verdicts names them, and is told apart by baseline run, data, code, sweep or the own id', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!], 'one'), [syntheticOutcome(record!)]);
      const elsewhere = { ...CHANGED_DATA, baselineRunId: 'eth-2m' };
      const runId = await store.beginRun({
        ...SYNTHETIC_RUN,
        sweepName: 'two',
        configurations: [record!],
        data: elsewhere,
      });
      await store.datasetBuilt(runId, syntheticDataset(), CHANGED);
      await store.record(runId, [{ ...syntheticOutcome(record!, 2), datasetHash: CHANGED.contentHash }]);
      const id = record!.id.slice(0, 9);
      await assert.rejects(
        store.find(id),
        userError(new RegExp(`^id ${id}: has 2 verdicts: ${record!.id}@.{8} .baseline run eth-2m, data c4a9`)),
      );
      const one = await store.find(id, { sweep: 'one' });
      const two = await store.find(id, { baseline: 'eth-2m' });
      assert.ok(one.kind === 'completed' && two.kind === 'completed');
      assert.deepEqual([one.dataset.baselineRunId, one.sweeps, one.run.sweepName], ['btc-2m', ['one'], 'one']);
      assert.deepEqual([two.dataset.baselineRunId, two.sweeps, two.run.sweepName], ['eth-2m', ['two'], 'two']);
      assert.deepEqual(
        one.others.map(({ verdictId }) => verdictId),
        [two.verdictId],
      );
      for (const { verdictId, digest } of [one, two]) {
        const [configuration = '', key = ''] = verdictId.split('@');
        const found = await store.find(`${configuration.slice(0, 7)}@${key.slice(0, 5)}`);
        assert.equal(found.kind === 'completed' && found.digest, digest);
      }
      const byData = await store.find(id, { data: 'c4a9' });
      assert.equal(byData.kind === 'completed' && byData.verdictId, two.verdictId);
      await assert.rejects(store.find(`${id}@ffffffff`), userError(/no such verdict of/));
    });

    test('data that moved are found where they were last, relative to the store', async (t) => {
      const open = openIn(t);
      await using store = await open('write');
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!]), [syntheticOutcome(record!)]);
      await beginSyntheticRun(store, [record!], { data: { ...SYNTHETIC_DATA, dataRoot: 'elsewhere' } });
      const found = await store.find(record!.id);
      assert.deepEqual([found.kind, found.dataset.dataRoot], ['completed', 'elsewhere']);
    });

    test('a run that died is called interrupted by the next one', async (t) => {
      const open = openIn(t);
      await withStore(open, async (store) => {
        await begin(store, CONFIGURATIONS.slice(0, 1), 'one');
        assert.equal((await store.sweeps())[0]!.lastRun.outcome, 'running');
      });
      await open.runsDie?.();
      await using store = await open('write');
      await begin(store, CONFIGURATIONS.slice(0, 1), 'two');
      const sweeps = await store.sweeps();
      assert.deepEqual([await store.summary('two'), await store.summary('one')], sweeps);
      assert.equal(await store.summary('none'), null);
      assert.deepEqual(
        sweeps.map((sweep) => [sweep.name, sweep.lastRun.outcome]),
        [
          ['two', 'running'],
          ['one', 'interrupted'],
        ],
      );
    });

    test('the list of sweeps counts each outcome', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS);
      const outcomes = CONFIGURATIONS.slice(0, 6).map((record) => syntheticOutcome(record));
      await store.record(runId, [...outcomes, failedOutcome(CONFIGURATIONS[6]!)]);
      const passedCount = outcomes.filter((outcome) => outcome.verdict.reasons.length === 0).length;
      const [sweep] = await store.sweeps();
      assert.deepEqual(
        { ...sweep, lastRun: null },
        {
          name: 'synthetic',
          createdAt: SYNTHETIC_RUN.startedAt,
          configurationCount: CONFIGURATIONS.length,
          passedCount,
          notReadyCount: 6 - passedCount,
          unconvergedCount: 0,
          sealedCount: 0,
          errorCount: 1,
          pendingCount: CONFIGURATIONS.length - 7,
          baselineRunIds: ['btc-2m'],
          dataHash: SYNTHETIC_DATA.hash,
          code: SYNTHETIC_RUN.code,
          earlier: [],
          shards: [],
          runCount: 1,
          lastRun: null,
        },
      );
    });

    test('a run of a shard says which, and a sweep what of it fell to its runs, as long as none had all of it', async (t) => {
      await using store = await openIn(t)('write');
      const begin = (shard: RunShard | null, data = SYNTHETIC_DATA) => {
        return beginSyntheticRun(store, CONFIGURATIONS, { shard, data });
      };
      const shards = async () => (await store.sweeps())[0]!.shards;
      const [third, first] = [3, 1].map((number) => ({ number, count: 3, configurationCount: 8 + number }));
      await begin(third!);
      assert.deepEqual(await shards(), [third]);
      await begin(first!);
      await begin(third!);
      assert.deepEqual(await shards(), [first, third]);
      assert.deepEqual((await store.outcomes({ sweep: 'synthetic' })).shards, [first, third]);
      const history = await store.history('synthetic');
      assert.deepEqual(
        history.map(({ shard, configurationCount }) => [shard, configurationCount]),
        [third, first, third].map((shard) => [shard, shard!.configurationCount]),
      );
      assert.equal((await store.sweeps())[0]!.configurationCount, CONFIGURATIONS.length);
      await begin(null);
      assert.deepEqual(await shards(), []);
      // On other data it begins anew.
      await begin(first!, { ...SYNTHETIC_DATA, hash: 'beef'.repeat(16) });
      assert.deepEqual(await shards(), [first]);
      await store.removeSweep('synthetic');
      assert.deepEqual(await store.check(), []);
    });

    test('the list of sweeps counts what rests on an unconverged market_only fit neither as passed nor as not ready', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS.slice(0, 4));
      const [passes, eased, easedToo, own] = CONFIGURATIONS.slice(0, 4).map((record) => syntheticOutcome(record));
      const pass = { ...passes!.verdict, status: 'PASS_TO_FORMAL_CHAIN' as const, reasons: [] };
      const stalled = { classifier_status: 'stalled' } as const;
      const slow = { regressor_status: 'max-iterations', regressor_converged: false } as const;
      const { result } = eased!;
      await store.record(runId, [
        { ...passes!, verdict: pass },
        {
          ...eased!,
          verdict: pass,
          result: { ...result, long_market_only: { ...result.long_market_only, ...stalled } },
        },
        {
          ...easedToo!,
          verdict: verdictOf({ ...result, short_market_only: { ...result.short_market_only, ...slow } }),
          result: { ...result, short_market_only: { ...result.short_market_only, ...slow } },
        },
        {
          ...own!,
          verdict: pass,
          result: { ...result, short_market_plus_state: { ...result.short_market_plus_state, ...stalled } },
        },
      ]);
      const [sweep] = await store.sweeps();
      assert.deepEqual([sweep!.passedCount, sweep!.notReadyCount, sweep!.unconvergedCount], [2, 0, 2]);
    });

    test('every configuration that had a verdict counts as a look at the locked splits of its data, for ever', async (t) => {
      await using store = await openIn(t)('write');
      const [first, second, third] = CONFIGURATIONS;
      await store.record(await begin(store, [first!, second!], 'one'), [
        syntheticOutcome(first!),
        failedOutcome(second!),
      ]);
      await store.record(await begin(store, [first!, third!], 'two'), [syntheticOutcome(third!)]);
      const looks = [{ baselineRunId: 'btc-2m', dataHash: SYNTHETIC_DATA.hash, configurationCount: 2 }];
      assert.deepEqual((await store.outcomes({ sweep: 'one' })).looks, looks);
      await store.removeSweep('one');
      await store.removeSweep('two');
      assert.deepEqual(await store.sweeps(), []);
      assert.deepEqual((await store.outcomes()).looks, looks);
    });

    test('a sweep has all of its configurations from its beginning, and more when it is extended', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations: CONFIGURATIONS });
      const total = CONFIGURATIONS.length;
      assert.deepEqual(
        [
          (await store.sweeps())[0]!.configurationCount,
          (await namesOf(store, 'synthetic')).pending,
          (await namesOf(store)).pending,
        ],
        [total, total, total],
      );
      await store.datasetBuilt(runId, syntheticDataset(), syntheticDataset());
      assert.equal((await namesOf(store, 'synthetic')).pending, total);
      const more = syntheticConfigurations(36).slice(0, 24);
      await beginSyntheticRun(store, more);
      assert.equal((await store.sweep('synthetic'))!.configurationCount, more.length);
      await beginSyntheticRun(store, CONFIGURATIONS.slice(0, 3));
      assert.equal((await store.sweep('synthetic'))!.configurationCount, more.length);
      await beginSyntheticRun(store, CONFIGURATIONS.slice(0, 3), { replaces: true, definition: { name: 'another' } });
      const sweep = await store.sweep('synthetic');
      assert.deepEqual([sweep!.configurationCount, sweep!.definition], [3, { name: 'another' }]);
      assert.equal(await store.sweep('none'), null);
    });

    test('the runs of a sweep are told: when, who, where, how many, and why they ended', async (t) => {
      const open = openIn(t);
      await using store = await open('write');
      const first = await begin(store, CONFIGURATIONS);
      await store.record(first, [syntheticOutcome(CONFIGURATIONS[0]!), failedOutcome(CONFIGURATIONS[1]!)]);
      await open.runsDie?.();
      const second = await begin(store, CONFIGURATIONS);
      const recorded = await store.record(second, [syntheticOutcome(CONFIGURATIONS[2]!)]);
      await store.finishRun(second, SYNTHETIC_END, recorded);
      const history = await store.history('synthetic');
      assert.deepEqual(
        history.map(({ runId, judgedCount, errorCount, outcome, reason, host, user }) => {
          return { runId, judgedCount, errorCount, outcome, reason, host, user };
        }),
        [
          { runId: first, judgedCount: 1, errorCount: 1, outcome: 'interrupted', reason: 'it ended without a word' },
          { runId: second, judgedCount: 1, errorCount: 0, outcome: 'finished', reason: SYNTHETIC_END.reason },
        ].map((run) => ({ ...run, host: 'a host', user: 'somebody' })),
      );
      assert.match(first, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      await assert.rejects(store.history('none'), userError(/^sweep "none": not in this store/));
    });

    test('a run that did not store what it recorded cannot finish', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS);
      await store.record(runId, [syntheticOutcome(CONFIGURATIONS[0]!)]);
      const end = store.finishRun(runId, SYNTHETIC_END, { completed: 2, failed: 0 });
      await assert.rejects(end, userError(/the store holds 1 of 2 verdicts .* this run recorded/));
    });

    test('a sweep is removed with what no other sweep shows; what another shows stays, with the run that made it', async (t) => {
      await using store = await openIn(t)('write');
      const [shared, own, failing] = CONFIGURATIONS;
      const runId = await begin(store, [shared!, own!, failing!], 'one');
      await store.record(runId, [syntheticOutcome(shared!), syntheticOutcome(own!), failedOutcome(failing!)]);
      await begin(store, [shared!], 'two');
      await store.addNote(
        own!.id,
        {},
        { kind: 'note', text: 'mine', writtenAt: SYNTHETIC_RUN.startedAt, author: null },
      );
      const removal = {
        configurationCount: 3,
        verdictCount: 1,
        failureCount: 1,
        noteCount: 1,
        runCount: 1,
        keptVerdictCount: 1,
      };
      assert.deepEqual(await store.removal('one'), removal);
      assert.equal((await store.outcomes()).judged.length, 2);
      assert.deepEqual(await store.removeSweep('one'), removal);
      assert.deepEqual(await namesOf(store), { judged: [shared!.id], failed: [], pending: 0 });
      assert.deepEqual(await namesOf(store, 'two'), { judged: [shared!.id], failed: [], pending: 0 });
      const found = await store.find(shared!.id);
      assert.deepEqual([found.run.runId, found.run.sweepName, found.sweeps], [runId, 'one', ['two']]);
      assert.deepEqual(await store.check(), []);
      await assert.rejects(store.removal('one'), userError(/not in this store, which has "two"/));
    });

    test('of a sealed verdict no method tells what was measured on a locked split, until it is unsealed', async (t) => {
      await using store = await openIn(t)('write');
      const [sealed, other] = CONFIGURATIONS;
      const [outcome, another] = [syntheticOutcome(sealed!), syntheticOutcome(other!)];
      const runId = await begin(store, [sealed!, other!], 'one', { seals: true });
      await store.datasetDaysMade(runId, syntheticDataset(), LOCKED_DAYS);
      // Before its first verdict, too.
      assert.deepEqual(lockedParts((await store.datasetDays({ sweep: 'one' }))[0]!.days), [SEALED_PART]);
      await store.record(runId, [outcome, another]);
      // What another run finds sealed stays so, whatever it does with its own.
      const later = await begin(store, [sealed!], 'two');
      assert.deepEqual(await store.record(later, [outcome]), counts({ ignored: 1 }));

      const assertSealed = async (id: string) => {
        const [judged] = (await store.outcomes({ metrics: METRIC_COLUMNS })).judged.filter(
          ({ configurationId }) => configurationId === id,
        );
        const { isSealed, passed, gatesPassed, smallestMargin, weakestGate, metrics } = judged!;
        const gates = [isSealed, passed, gatesPassed, smallestMargin, weakestGate];
        assert.deepEqual(gates, [true, null, null, null, null]);
        assert.equal(typeof judged!.tuneEdgeMaeRatio, 'number');
        for (const [i, { split }] of METRIC_COLUMNS.entries()) {
          if (split === 'validation_locked' || split === 'latest_stress') assert.equal(metrics[i], null);
        }
        const found = await store.find(id);
        assert.ok(found.kind === 'completed' && found.isSealed);
        assert.equal(found.summary.passed, null);
        assert.deepEqual(found.result.long_market_only.validation_locked, null);
        assert.deepEqual(found.result.short_market_plus_state.latest_stress, null);
        assert.deepEqual(found.result.long_market_only.tune, outcome.result.long_market_only.tune);
        assert.deepEqual([...new Set(found.dailyLosses.map(({ split }) => split))], ['tune']);
      };
      await assertSealed(sealed!.id);
      for await (const page of store.losses()) {
        for (const { passed, lossDays, lossSums } of page) {
          assert.equal(passed, null);
          assert.deepEqual([...new Set(dailyLossesOf(lossDays, lossSums).map(({ split }) => split))], ['tune']);
        }
      }
      const [two, one] = await store.sweeps();
      for (const sweep of [two!, one!]) assert.deepEqual([sweep.passedCount, sweep.notReadyCount], [0, 0]);
      assert.deepEqual([two!.sealedCount, one!.sealedCount], [1, 2]);
      assert.deepEqual(lockedParts((await store.datasetDays({ sweep: 'one' }))[0]!.days), [SEALED_PART]);

      assert.deepEqual(await store.unseal({ id: other!.id, choice: {} }), { opened: 1, before: 0 });
      const found = await store.find(other!.id);
      assert.ok(found.kind === 'completed' && !found.isSealed);
      assert.deepEqual([found.result, found.verdict], [another.result, another.verdict]);
      // The dataset's own figures were seen with it.
      assert.deepEqual((await store.datasetDays({ sweep: 'one' }))[0]!.days, LOCKED_DAYS);
      assert.deepEqual(await store.unseal({ sweep: 'one' }), { opened: 1, before: 1 });
      assert.deepEqual(await store.unseal({ sweep: 'one' }), { opened: 0, before: 2 });
      assert.equal((await store.sweeps())[1]!.sealedCount, 0);
      assert.deepEqual(await store.check(), []);
      await assert.rejects(store.unseal({ sweep: 'none' }), userError(/"none": not in this store/));
      await assert.rejects(store.unseal({ id: 'ffffff', choice: {} }), userError(/no such configuration/));
    });

    test('looks at locked splits are counted by what they show: each once, whoever makes it, and for ever', async (t) => {
      await using store = await openIn(t)('write');
      const [first, second, third] = CONFIGURATIONS;
      const seen = async () =>
        (await store.lockedLooks()).looks.map(({ configurationId, split }) => [configurationId, split]);
      const outcome = syntheticOutcome(first!);
      const runId = await begin(store, CONFIGURATIONS.slice(0, 3), 'one');
      await store.datasetDaysMade(runId, syntheticDataset(), SYNTHETIC_DAYS);
      await store.record(runId, [outcome, failedOutcome(second!)]);
      const both = [
        [first!.id, 'validation_locked'],
        [first!.id, 'latest_stress'],
      ];
      assert.deepEqual(await seen(), both);
      const { looks, evaluations, datasets } = await store.lockedLooks();
      const { split, baselineRunId, dataHash, contentHash, sweep } = looks[0]!;
      assert.deepEqual(
        [split, baselineRunId, dataHash, contentHash, sweep, looks[0]!.runId],
        ['validation_locked', 'btc-2m', SYNTHETIC_DATA.hash, syntheticDataset().contentHash, 'one', runId],
      );
      const shown = outcome.dailyLosses.filter((losses) => losses.split === 'validation_locked');
      assert.deepEqual(looks[0]!.sums, Float64Array.from(shown.flatMap(({ absErrorSums }) => [...absErrorSums])));
      assert.deepEqual([...datasets], [[syntheticDataset().contentHash, SYNTHETIC_DAYS]]);
      // Again, by another configuration with the same figures, and by other code.
      await store.record(runId, [outcome, { ...syntheticOutcome(second!), dailyLosses: outcome.dailyLosses }]);
      const later = await beginSyntheticRun(store, [first!], {
        sweepName: 'two',
        code: { hash: 'beef', version: '0.3.0' },
      });
      await store.record(later, [outcome]);
      assert.deepEqual(await seen(), both);
      await store.record(runId, [syntheticOutcome(third!)]);
      assert.equal((await seen()).length, 4);
      // What the splits are of is told by the data, and known from the next run on them.
      assert.deepEqual(evaluations, []);
      await beginSyntheticRun(store, [first!], { sweepName: 'two', evaluations: EVALUATIONS });
      assert.deepEqual((await store.lockedLooks()).evaluations, [
        { dataHash: SYNTHETIC_DATA.hash, split: 'latest_stress', evaluation: EVALUATIONS.latest_stress },
      ]);
      assert.deepEqual(await store.check(), []);
      await store.removeSweep('one');
      await store.removeSweep('two');
      assert.equal((await seen()).length, 4);
      assert.deepEqual(await store.check(), []);
    });

    test('a sealed verdict is no look until it is unsealed', async (t) => {
      await using store = await openIn(t)('write');
      const [first, second] = CONFIGURATIONS;
      const runId = await begin(store, [first!, second!], 'one', { seals: true });
      await store.record(runId, [syntheticOutcome(first!), syntheticOutcome(second!)]);
      assert.deepEqual((await store.lockedLooks()).looks, []);
      await store.unseal({ id: second!.id, choice: {} });
      const { looks } = await store.lockedLooks();
      assert.deepEqual(
        looks.map(({ configurationId, split, sweep, runId: run }) => [configurationId, split, sweep, run]),
        [
          [second!.id, 'validation_locked', 'one', runId],
          [second!.id, 'latest_stress', 'one', runId],
        ],
      );
      await store.unseal({ sweep: 'one' });
      assert.equal((await store.lockedLooks()).looks.length, 4);
    });

    test('a sealed sweep can be removed, and leaves nothing behind', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS.slice(0, 2), 'one', { seals: true });
      await store.record(runId, [syntheticOutcome(CONFIGURATIONS[0]!)]);
      await store.removeSweep('one');
      assert.deepEqual([await store.sweeps(), await store.check()], [[], []]);
    });

    test('notes and tags stay with a verdict, each once, and can be taken away', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!]), [syntheticOutcome(record!)]);
      const note = { kind: 'note', text: 'looks odd', writtenAt: SYNTHETIC_RUN.startedAt, author: 'somebody' } as const;
      const id = await store.addNote(record!.id, {}, note);
      await store.addNote(id, {}, note);
      await store.addNote(id, {}, { ...note, kind: 'tag', text: 'candidate' });
      const found = await store.find(id);
      assert.deepEqual(found.kind === 'completed' && found.notes, [note, { ...note, kind: 'tag', text: 'candidate' }]);
      assert.deepEqual((await store.outcomes()).judged[0]!.tags, ['candidate']);
      assert.equal(await store.removeNote(id, {}, 'candidate'), 1);
      assert.deepEqual((await store.outcomes()).judged[0]!.tags, []);
    });

    test('the losses of every verdict come page by page, with what tells them apart', async (t) => {
      await using store = await openIn(t)('write');
      const outcomes = CONFIGURATIONS.map((record) => syntheticOutcome(record));
      await store.record(await begin(store, CONFIGURATIONS), outcomes);
      const seen: VerdictLosses[] = [];
      for await (const page of store.losses({ sweep: 'synthetic' }, 5)) seen.push(...page);
      assert.deepEqual(
        seen.map(({ configurationId, lossDays, lossSums }) => ({
          configurationId,
          dailyLosses: dailyLossesOf(lossDays, lossSums),
        })),
        outcomes.map(({ configurationId, dailyLosses }) => ({ configurationId, dailyLosses })),
      );
    });

    test('an id may be shortened to any prefix that is not ambiguous', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS);
      await store.record(
        runId,
        CONFIGURATIONS.map((record) => syntheticOutcome(record)),
      );
      const ids = CONFIGURATIONS.map(({ id }) => id).sort();
      const at = ids.findIndex((id, i) => id[0] === ids[i + 1]?.[0]);
      const [first, second] = [ids[at]!, ids[at + 1]!];
      const [common, longer] = [first[0]!, first.slice(0, 8)];
      assert.equal((await store.find(longer.toUpperCase())).configurationId, first);
      const ambiguous = new RegExp(`^id ${common}: ambiguous, it may be ${first}, ${second}.*\\. Give more`);
      await assert.rejects(store.find(common), userError(ambiguous));
      await assert.rejects(store.find(`${longer}ffffff`), userError(/^id \w+: no such configuration in this store/));
      await assert.rejects(store.find(`' OR 1`), userError(/expected the first characters of an id/));
      await assert.rejects(store.find(''), userError(/expected the first characters of an id/));
    });

    test('the fits of a verdict that did not converge are told, by model', async (t) => {
      await using store = await openIn(t)('write');
      const records = CONFIGURATIONS.slice(0, 3);
      const outcomes = records.map((record) => syntheticOutcome(record));
      const { result } = outcomes[1]!;
      const runId = await begin(store, records);
      const short = { ...result.short_market_only, regressor_converged: false, regressor_status: 'stalled' as const };
      const long = { ...result.long_market_plus_state, classifier_status: 'max-iterations' as const };
      const open = { ...outcomes[1]!, result: { ...result, short_market_only: short, long_market_plus_state: long } };
      await store.record(runId, [outcomes[0]!, open, outcomes[2]!]);
      const { judged } = await store.outcomes();
      assert.equal(judged.length, 3);
      for (const { configurationId, unconverged } of judged) {
        const expected = [
          { model: 'long_market_plus_state', fit: 'classifier', status: 'max-iterations' },
          { model: 'short_market_only', fit: 'regressor', status: 'stalled' },
        ];
        assert.deepEqual(unconverged, configurationId === records[1]!.id ? expected : []);
      }
    });

    test('as many characters of an id are shown as tell it from all others', async (t) => {
      await using store = await openIn(t)('write');
      const records = ['0000000a', '0000000b', 'ffffffff'].map((id, i) => ({ ...CONFIGURATIONS[i]!, id }));
      await begin(store, records);
      assert.equal(await store.shortIdLength(['ffffffff']), 7);
      assert.equal(await store.shortIdLength(['ffffffff', '0000000a']), 8);
    });

    test('an id that was not judged yet, or not in that sweep, says so', async (t) => {
      await using store = await openIn(t)('write');
      const [first, second] = CONFIGURATIONS;
      await store.record(await begin(store, [first!], 'one'), [syntheticOutcome(first!)]);
      await begin(store, [second!], 'two');
      await assert.rejects(store.find(second!.id), userError(/not judged yet/));
      await assert.rejects(store.find(first!.id, { sweep: 'two' }), userError(/no such configuration in this sweep/));
      await assert.rejects(
        store.outcomes({ sweep: 'three' }),
        userError(/^sweep "three": not in this store, which has "two", "one"/),
      );
    });

    test('names that would be commands elsewhere are only names', async (t) => {
      await using store = await openIn(t)('write');
      const sweepName = `x'); DROP TABLE verdicts; -- \u001b[31m\0`;
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!], sweepName), [syntheticOutcome(record!)]);
      assert.equal((await store.sweeps())[0]!.name, sweepName);
      assert.equal((await store.outcomes({ sweep: sweepName })).judged.length, 1);
    });

    test('every metric comes back by its column, and what is missing comes back as null', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const outcome = syntheticOutcome(record!);
      const { latest_stress: _none, ...model }: ModelResult = outcome.result.short_market_only;
      const { continue_auc: _auc, ...tune }: SplitMetrics = model.tune!;
      const result = {
        ...outcome.result,
        short_market_only: { ...model, tune: { ...tune, edge_mae_vs_constant_ratio: null } },
      };
      const runId = await begin(store, [record!]);
      await store.record(runId, [{ ...outcome, result, verdict: verdictOf(result) }]);
      const { judged } = await store.outcomes({ metrics: METRIC_COLUMNS });
      const values = Object.fromEntries(METRIC_COLUMNS.map((column, i) => [column.name, judged[0]!.metrics[i]]));
      assert.equal(values['long_market_plus_state_tune_edge_mae'], result.long_market_plus_state.tune!.edge_mae);
      assert.equal(values['long_market_only_row_count'], 141_864);
      assert.equal(values['long_market_only_regressor_converged'], 1);
      assert.equal(values['long_market_only_regressor_status'], 'converged');
      assert.equal(values['short_market_only_tune_continue_auc'], null);
      assert.equal(values['short_market_only_tune_edge_mae_vs_constant_ratio'], null);
      assert.equal(values['short_market_only_latest_stress_brier'], null);
      assert.equal(Object.values(values).filter((value) => value === undefined).length, 0);
    });

    test('a metric that is -0, or at the ends of its range, comes back with its sign and every bit', async (t) => {
      const open = openIn(t);
      const [record] = CONFIGURATIONS;
      const outcome = syntheticOutcome(record!);
      const { long_market_only: model } = outcome.result;
      model.tune!.edge_mae = -0;
      model.tune!.brier = 5e-324;
      model.tune!.constant_brier = 1 + 2 ** -52;
      model.tune!.edge_constant_mae = Number.MAX_VALUE;
      const values = [-0, 5e-324, 1 + 2 ** -52, Number.MAX_VALUE];
      const names = ['edge_mae', 'brier', 'constant_brier', 'edge_constant_mae'];
      const columns = names.map(
        (name) => METRIC_COLUMNS.find((each) => each.name === `long_market_only_tune_${name}`)!,
      );
      await withStore(open, async (store) => {
        const run = await begin(store, [record!]);
        await store.record(run, [outcome]);
        assert.deepEqual(await store.record(run, [outcome]), counts({ ignored: 1 }));
      });
      await using store = await open('read');
      // `deepEqual` of node:assert/strict tells -0 from 0.
      assert.deepEqual((await store.outcomes({ metrics: columns })).judged[0]!.metrics, values);
      assert.deepEqual(await store.check(), []);
    });

    test('a metric that is no number is refused, not stored as missing', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const outcome = syntheticOutcome(record!);
      outcome.result.long_market_only.tune!.brier = Number.NaN;
      const runId = await begin(store, [record!]);
      await assert.rejects(store.record(runId, [outcome]), /long_market_only_tune_brier: NaN is no metric/);
    });

    test('page by page comes every verdict once, also while more are stored', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS);
      const outcomes = CONFIGURATIONS.map((record) => syntheticOutcome(record));
      await store.record(runId, outcomes.slice(0, 10));
      const seen: JudgedConfiguration[] = [];
      for await (const page of store.pages({}, 4)) {
        assert.ok(page.length <= 4);
        seen.push(...page);
        await store.record(runId, outcomes.slice(10));
      }
      assert.deepEqual(
        seen.map((verdict) => verdict.configurationId),
        CONFIGURATIONS.map((record) => record.id),
      );
    });

    test('verdicts that were stored behind a place come once, in their order, of the sweep that is asked for', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS);
      const outcomes = CONFIGURATIONS.map((record) => syntheticOutcome(record));
      await store.record(runId, outcomes.slice(0, 3));
      const first = await store.verdictsAfter(0, { sweep: 'synthetic' }, 2);
      assert.equal(first.length, 2);
      await store.record(runId, outcomes.slice(3));
      const rest = await store.verdictsAfter(first[1]!.place, { sweep: 'synthetic' }, 1000);
      const all = [...first, ...rest];
      assert.deepEqual(
        all.map(({ verdict }) => verdict.configurationId),
        CONFIGURATIONS.map((record) => record.id),
      );
      assert.deepEqual(
        all.map(({ place }) => place).toSorted((a, b) => a - b),
        all.map(({ place }) => place),
      );
      assert.deepEqual(await store.verdictsAfter(all.at(-1)!.place, { sweep: 'synthetic' }, 10), []);
      await assert.rejects(
        store.verdictsAfter(0, { sweep: 'none' }, 10),
        userError(/^sweep "none": not in this store/),
      );
    });

    test('reads at one moment see what was there when it began, however much is stored meanwhile', async (t) => {
      const open = openIn(t);
      await using writer = await open('write');
      const runId = await begin(writer, CONFIGURATIONS);
      const outcomes = CONFIGURATIONS.map((record) => syntheticOutcome(record));
      await writer.record(runId, outcomes.slice(0, 3));
      await using reader = await open('read');
      await reader.atOneMoment(async () => {
        assert.equal((await reader.outcomes()).judged.length, 3);
        await writer.record(runId, outcomes.slice(3));
        assert.equal((await reader.outcomes({ sweep: 'synthetic' })).judged.length, 3);
        assert.equal((await reader.verdictsAfter(0, { sweep: 'synthetic' }, 100)).length, 3);
        assert.equal((await reader.find(CONFIGURATIONS[0]!.id)).kind, 'completed');
        await assert.rejects(reader.find(CONFIGURATIONS[5]!.id));
        const [summary] = await reader.sweeps();
        assert.equal(summary?.pendingCount, CONFIGURATIONS.length - 3);
      });
      assert.equal((await reader.outcomes()).judged.length, CONFIGURATIONS.length);
      await assert.rejects(
        reader.atOneMoment(() => reader.history('none')),
        userError(/not in this store/),
      );
      assert.equal((await reader.outcomes()).judged.length, CONFIGURATIONS.length);
    });

    test('its moment is another one after each transaction, for a reader and for the writer, and the same without', async (t) => {
      const open = openIn(t);
      await using writer = await open('write');
      const runId = await begin(writer, CONFIGURATIONS);
      await using reader = await open('read');
      for (const store of [writer, reader]) assert.deepEqual(await store.moment(), await store.moment());
      for (const record of CONFIGURATIONS.slice(0, 3)) {
        const before = [await writer.moment(), await reader.moment()];
        await writer.record(runId, [syntheticOutcome(record)]);
        const after = [await writer.moment(), await reader.moment()];
        for (const [i, moment] of after.entries()) {
          assert.notEqual(moment.version, before[i]!.version);
          assert.equal(moment.file, before[i]!.file);
        }
      }
      await reader.outcomes();
      assert.deepEqual(await reader.moment(), await reader.moment());
    });

    test('a reader beside the writer sees whole transactions, as soon as they are stored', async (t) => {
      const open = openIn(t);
      await using writer = await open('write');
      const runId = await begin(writer, CONFIGURATIONS);
      await using reader = await open('read');
      assert.equal((await reader.outcomes()).judged.length, 0);
      await writer.record(
        runId,
        CONFIGURATIONS.map((record) => syntheticOutcome(record)),
      );
      assert.equal((await reader.outcomes()).judged.length, CONFIGURATIONS.length);
    });

    test('a reader cannot write', async (t) => {
      const open = openIn(t);
      await withStore(open, async (store) => {
        await begin(store, CONFIGURATIONS);
      });
      await using reader = await open('read');
      await assert.rejects(reader.beginRun(SYNTHETIC_RUN), UserError);
    });

    test('two different configurations cannot share an id', async (t) => {
      await using store = await openIn(t)('write');
      const [first, second] = CONFIGURATIONS;
      await begin(store, [first!]);
      await assert.rejects(begin(store, [{ ...second!, id: first!.id }]), /is stored as another/);
    });

    test('a sound store has nothing to report', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS);
      await store.record(
        runId,
        CONFIGURATIONS.map((record, i) => (i % 5 === 0 ? failedOutcome(record) : syntheticOutcome(record))),
      );
      assert.deepEqual(await store.check(), []);
    });

    test('numbers at the ends of their range survive', async (t) => {
      await using store = await openIn(t)('write');
      const extremes: Configuration[] = [
        configurationWith({ regressionTargetClipBps: 1e300 }),
        configurationWith({ regressor: { kind: 'ridge', alpha: 5e-324, maxIter: 1 } }),
        configurationWith({ regressor: { kind: 'huber', alpha: 0, epsilon: 1 + 2 ** -52, maxIter: 2 ** 40 } }),
      ];
      const records = extremes.map(recordOf);
      const runId = await begin(store, records);
      await store.record(
        runId,
        records.map((record) => syntheticOutcome(record)),
      );
      for (const record of records) {
        assert.deepEqual((await store.find(record.id)).configuration, record.configuration);
      }
    });
  });
}

// All of one dataset.
const CONFIGURATIONS = syntheticConfigurations(36).slice(0, 12);

const OF_STRESS = {
  days: { BTCUSDT: [20_020, 20_021] },
  label: { horizonMinutes: 15, minExpectedContinueEdgeBps: 5, stopBps: 40, targetBps: 60, costBps: 8 },
  barGaps: 'keep',
};
const EVALUATIONS = { latest_stress: { key: sha256Json(OF_STRESS), ...OF_STRESS } };

/** Days of tune, and the same figures on a locked split. */
const LOCKED_DAYS: DatasetDays = {
  ...SYNTHETIC_DAYS,
  parts: [...SYNTHETIC_DAYS.parts, { ...SYNTHETIC_DAYS.parts[0]!, split: 'latest_stress' }],
};
const NOTHING = [Number.NaN, Number.NaN];
const SEALED_PART: DatasetDays['parts'][number] = {
  side: 'LONG',
  split: 'latest_stress',
  days: SYNTHETIC_DAYS.parts[0]!.days,
  rows: SYNTHETIC_DAYS.parts[0]!.rows,
  positives: NOTHING,
  constantAbsoluteErrors: NOTHING,
  constantSquaredErrors: NOTHING,
  sets: {
    market_only: { squaredErrors: NOTHING, doubledPairs: null },
    market_plus_state: { squaredErrors: NOTHING, doubledPairs: null },
  },
};

const UNBUILT = { contentHash: null, rowCount: null } as const;
const CHANGED_DATA: DataRecord = { ...SYNTHETIC_DATA, hash: 'c4a9'.repeat(16) };
const CHANGED = { contentHash: 'c'.repeat(64), rowCount: 7 } as const;

function begin(
  store: VerdictStore,
  records: readonly ConfigurationRecord[],
  sweepName = 'synthetic',
  changes: Pick<RunStart, 'seals'> = {},
): Promise<RunId> {
  return beginSyntheticRun(store, records, { sweepName, ...changes });
}

function lockedParts({ parts }: DatasetDays): DatasetDays['parts'] {
  return parts.filter(({ split }) => split !== 'tune');
}

function counts(changes: Partial<RecordCounts>): RecordCounts {
  return { completed: 0, failed: 0, ignored: 0, conflicts: [], ...changes };
}

async function withStore(open: OpenStore, work: (store: VerdictStore) => Promise<void>): Promise<void> {
  await using store = await open('write');
  await work(store);
}

async function namesOf(store: VerdictStore, sweep?: string) {
  const { judged, failed, pendingCount } = await store.outcomes({ sweep });
  const ids = (list: readonly { configurationId: string }[]) => list.map((item) => item.configurationId);
  return { judged: ids(judged), failed: ids(failed), pending: pendingCount };
}
