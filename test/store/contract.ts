import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Configuration } from '../../src/experiment/configuration.ts';
import type { ModelResult, SplitMetrics } from '../../src/experiment/results.ts';
import { verdictOf } from '../../src/experiment/verdict.ts';
import { METRIC_COLUMNS } from '../../src/store/metric-columns.ts';
import type { ConfigurationRecord, DatasetRecord, JudgedConfiguration, RunId } from '../../src/store/records.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';
import { UserError } from '../../src/user-error.ts';
import {
  configurationWith,
  failedOutcome,
  recordOf,
  SYNTHETIC_RUN,
  syntheticConfigurations,
  syntheticDataset,
  syntheticOutcome,
} from './synthetic.ts';

/** Opens the same store each time it is called within one test. */
export type OpenStore = (mode: 'read' | 'write') => Promise<VerdictStore>;

/** What every implementation of VerdictStore promises. */
export function describeVerdictStore(name: string, openIn: (t: TestContext) => OpenStore): void {
  describe(name, () => {
    test('a verdict is found again as it was recorded, to the last bit', async (t) => {
      const open = openIn(t);
      const [record] = CONFIGURATIONS;
      const outcome = syntheticOutcome(record!);
      await withStore(open, async (store) => {
        const runId = await begin(store, [record!]);
        assert.deepEqual(await store.record(runId, [outcome]), { completed: 1, failed: 0, ignored: 0 });
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

    test('a verdict knows the run that made it: definition, options, code, machine', async (t) => {
      await using store = await openIn(t)('write');
      const runId = await begin(store, CONFIGURATIONS.slice(0, 1));
      await store.record(runId, [syntheticOutcome(CONFIGURATIONS[0]!)]);
      await store.finishRun(runId, 'finished', '2026-01-02T04:00:00.000Z');
      const { run, sweeps, codeVersion } = await store.find(CONFIGURATIONS[0]!.id);
      assert.deepEqual(run, {
        ...SYNTHETIC_RUN,
        runId,
        outcome: 'finished',
        finishedAt: '2026-01-02T04:00:00.000Z',
      });
      assert.deepEqual(sweeps, ['synthetic']);
      assert.equal(codeVersion, SYNTHETIC_RUN.codeVersion);
    });

    test('recording the same verdict twice is one verdict, and the first stays', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await begin(store, [record!]);
      const first = syntheticOutcome(record!, 1);
      await store.record(runId, [first]);
      const again = { ...syntheticOutcome(record!, 2), durationMs: 1 };
      assert.notDeepEqual(again.result, first.result);
      assert.deepEqual(await store.record(runId, [again]), { completed: 0, failed: 0, ignored: 1 });
      const found = await store.find(record!.id);
      assert.deepEqual(found.kind === 'completed' && found.result, first.result);
      assert.equal((await store.outcomes()).judged.length, 1);
    });

    test('a failure is replaced by a verdict, a verdict never by a failure', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await begin(store, [record!]);
      await store.record(runId, [failedOutcome(record!)]);
      assert.deepEqual(await namesOf(store), { judged: [], failed: [record!.id], pending: 0 });
      await store.record(runId, [syntheticOutcome(record!)]);
      assert.deepEqual(await namesOf(store), { judged: [record!.id], failed: [], pending: 0 });
      assert.deepEqual(await store.record(runId, [failedOutcome(record!)]), { completed: 0, failed: 0, ignored: 1 });
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
      await assert.rejects(store.record(runId, [outcome]), /enrolled on dataset/);
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
      const [done, failed, open] = CONFIGURATIONS;
      const runId = await begin(store, CONFIGURATIONS);
      await store.record(runId, [syntheticOutcome(done!), failedOutcome(failed!)]);
      const ids = [done!, failed!, open!].map((record) => record.id);
      const key = { datasetHash: syntheticDataset().contentHash, codeVersion: SYNTHETIC_RUN.codeVersion };
      const known = await store.outcomesOf(key, ids);
      assert.deepEqual(Object.fromEntries(known), { [done!.id]: 'completed', [failed!.id]: 'failed' });
      assert.equal((await store.outcomesOf(key, [open!.id])).size, 0);
      assert.equal((await store.outcomesOf({ ...key, codeVersion: '0.2.0' }, ids)).size, 0);
      assert.equal((await store.outcomesOf({ ...key, datasetHash: 'f'.repeat(64) }, ids)).size, 0);
    });

    test('a dataset that cannot be built fails its configurations, until it can', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await store.beginRun(SYNTHETIC_RUN);
      await store.enrol(runId, UNBUILT, [record!]);
      const failure = { ...failedOutcome(record!, 'no such file'), datasetHash: null };
      assert.deepEqual(await store.record(runId, [failure]), { completed: 0, failed: 1, ignored: 0 });
      assert.equal((await store.find(record!.id)).dataset.contentHash, null);
      assert.deepEqual(await namesOf(store), { judged: [], failed: [record!.id], pending: 0 });
      await store.enrol(runId, syntheticDataset(), [record!]);
      assert.deepEqual(await namesOf(store), { judged: [], failed: [], pending: 1 });
    });

    test('a dataset that can no longer be built does not hide the verdict of a day when it could', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!]), [syntheticOutcome(record!)]);
      const runId = await store.beginRun(SYNTHETIC_RUN);
      await store.enrol(runId, UNBUILT, [record!]);
      const failure = { ...failedOutcome(record!, 'no such file'), datasetHash: null };
      assert.deepEqual(await store.record(runId, [failure]), { completed: 0, failed: 0, ignored: 1 });
      assert.deepEqual(await namesOf(store, 'synthetic'), { judged: [record!.id], failed: [], pending: 0 });
    });

    test('after the data changed a sweep shows the outcome on the new content, and the old one stays', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      await store.record(await begin(store, [record!]), [syntheticOutcome(record!)]);
      const runId = await store.beginRun(SYNTHETIC_RUN);
      const changed = { ...syntheticDataset(), contentHash: 'c'.repeat(64), rowCount: 7 };
      await store.enrol(runId, changed, [record!]);
      assert.deepEqual(await namesOf(store, 'synthetic'), { judged: [], failed: [], pending: 1 });
      await store.record(runId, [{ ...syntheticOutcome(record!, 2), datasetHash: changed.contentHash }]);
      const found = await store.find(record!.id);
      assert.deepEqual(found.dataset, changed);
      assert.deepEqual(found.others, [
        { datasetHash: syntheticDataset().contentHash, codeVersion: SYNTHETIC_RUN.codeVersion },
      ]);
      assert.equal((await store.outcomes({ sweep: 'synthetic' })).judged.length, 1);
      assert.equal((await store.outcomes()).judged.length, 2);
    });

    test('data that moved is found where it was last', async (t) => {
      await using store = await openIn(t)('write');
      const [record] = CONFIGURATIONS;
      const runId = await begin(store, [record!]);
      await store.record(runId, [syntheticOutcome(record!)]);
      await store.enrol(runId, { ...syntheticDataset(), dataRoot: '/elsewhere' }, [record!]);
      const found = await store.find(record!.id);
      assert.deepEqual([found.kind, found.dataset.dataRoot], ['completed', '/elsewhere']);
    });

    test('a run that died is called interrupted by the next one', async (t) => {
      const open = openIn(t);
      await withStore(open, async (store) => {
        await begin(store, CONFIGURATIONS.slice(0, 1), 'one');
        assert.equal((await store.sweeps())[0]!.lastRun.outcome, 'running');
      });
      await using store = await open('write');
      await begin(store, CONFIGURATIONS.slice(0, 1), 'two');
      const sweeps = await store.sweeps();
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
          failedCount: 1,
          pendingCount: CONFIGURATIONS.length - 7,
          baselineRunIds: ['btc-2m'],
          runCount: 1,
          lastRun: null,
        },
      );
    });

    test('every configuration that has a verdict counts as seen on the locked splits of its baseline run', async (t) => {
      await using store = await openIn(t)('write');
      const [first, second, third] = CONFIGURATIONS;
      await store.record(await begin(store, [first!, second!], 'one'), [
        syntheticOutcome(first!),
        failedOutcome(second!),
      ]);
      await store.record(await begin(store, [first!, third!], 'two'), [syntheticOutcome(third!)]);
      const { lockedSplitCounts } = await store.outcomes({ sweep: 'one' });
      assert.deepEqual(Object.fromEntries(lockedSplitCounts), { 'btc-2m': 2 });
    });

    test('an id may be shortened to any prefix that is not ambiguous', async (t) => {
      await using store = await openIn(t)('write');
      const records = ['abc123', 'abd456', 'ffffff'].map((id, i) => ({ ...CONFIGURATIONS[i]!, id }));
      const runId = await begin(store, records);
      await store.record(
        runId,
        records.map((record) => syntheticOutcome(record)),
      );
      assert.equal((await store.find('abc')).configurationId, 'abc123');
      assert.equal((await store.find('F')).configurationId, 'ffffff');
      await assert.rejects(store.find('ab'), userError(/^id ab: ambiguous, it may be abc123, abd456\. Give more/));
      await assert.rejects(store.find('abe'), userError(/^id abe: no such configuration in this store/));
      await assert.rejects(store.find(`' OR 1`), userError(/expected the first characters of an id/));
      await assert.rejects(store.find(''), userError(/expected the first characters of an id/));
    });

    test('the fits of a verdict that did not converge are told, by model, of each verdict asked for', async (t) => {
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
      const fits = await store.unconvergedFits(judged);
      assert.equal(judged.length, 3);
      // Few and many may be read in different ways.
      const many = await store.unconvergedFits(Array.from({ length: 3000 }, (_, i) => judged[i % 3]!));
      assert.equal(many.length, 3000);
      for (const [i, found] of many.entries()) assert.deepEqual(found, fits[i % 3]);
      assert.deepEqual(
        fits,
        judged.map(({ configurationId }) =>
          configurationId === records[1]!.id
            ? [
                { model: 'long_market_plus_state', fit: 'classifier', status: 'max-iterations' },
                { model: 'short_market_only', fit: 'regressor', status: 'stalled' },
              ]
            : [],
        ),
      );
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

const UNBUILT: DatasetRecord = { ...syntheticDataset(), contentHash: null, rowCount: null };

async function begin(
  store: VerdictStore,
  records: readonly ConfigurationRecord[],
  sweepName = 'synthetic',
): Promise<RunId> {
  const runId = await store.beginRun({ ...SYNTHETIC_RUN, sweepName });
  await store.enrol(runId, syntheticDataset(), records);
  return runId;
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

function userError(message: RegExp): (error: unknown) => boolean {
  return (error) => error instanceof UserError && message.test(error.message);
}
