import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, linkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Allowance, MergeReport } from '../../../src/store/merge-report.ts';
import { mergeStores } from '../../../src/store/merge-stores.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import type { OutcomeRecord, RunStart } from '../../../src/store/records.ts';
import type { VerdictStore } from '../../../src/store/verdict-store.ts';
import { UserError } from '../../../src/user-error.ts';
import { randomFrom } from '../../support/random.ts';
import { assertSameVerdicts, storedVerdicts } from '../../support/stored-verdicts.ts';
import { userError } from '../../support/user-error.ts';
import {
  beginSyntheticRun,
  failedOutcome,
  SYNTHETIC_DATA,
  SYNTHETIC_DAYS,
  SYNTHETIC_END,
  SYNTHETIC_RUN,
  syntheticConfigurations,
  syntheticDataset,
  syntheticOutcome,
} from '../synthetic.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const RECORDS = syntheticConfigurations(12);
const NOTE = { writtenAt: SYNTHETIC_RUN.startedAt, author: 'somebody' } as const;

type Made = {
  readonly changes?: Partial<RunStart>;
  readonly outcomes?: readonly OutcomeRecord[];
  readonly isRunning?: boolean;
};

/** The outcomes of every third record from a first one on. */
function third(first: number): OutcomeRecord[] {
  return RECORDS.filter((_, i) => i % 3 === first).map((record) => syntheticOutcome(record));
}

function shardStart(number: number, count = 3): Partial<RunStart> {
  return { shard: { number, count, configurationCount: 4 } };
}

/** A store in which a run of all records was begun, and came to these outcomes. */
async function make(path: string, { changes = {}, outcomes = [], isRunning = false }: Made): Promise<string> {
  await using store = await openVerdictStore(path, { mode: 'write' });
  const runId = await beginSyntheticRun(store, RECORDS, changes);
  const recorded = await store.record(runId, outcomes);
  if (!isRunning) await store.finishRun(runId, SYNTHETIC_END, recorded);
  return runId;
}

/** Three shards and one store of all of it. */
async function makeShards(folder: string): Promise<string[]> {
  const paths = [1, 2, 3].map((number) => join(folder, `s${number}.db`));
  for (const [i, path] of paths.entries()) await make(path, { changes: shardStart(i + 1), outcomes: third(i) });
  await make(join(folder, 'whole.db'), { outcomes: RECORDS.map((record) => syntheticOutcome(record)) });
  return paths;
}

async function reading<T>(path: string, read: (store: VerdictStore) => Promise<T>): Promise<T> {
  await using store = await openVerdictStore(path, { mode: 'read' });
  assert.deepEqual(await store.check(), []);
  return await read(store);
}

function merge(into: string, from: readonly string[], allow: readonly Allowance[] = []) {
  return mergeStores(into, from, { allow });
}

function addedBy(report: MergeReport): (readonly [verdicts: number, known: number, runs: number])[] {
  assert.ok(report.kind === 'merged');
  return report.sources.map(({ addedVerdicts, knownVerdicts, addedRuns }) => [addedVerdicts, knownVerdicts, addedRuns]);
}

function exec(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
}

describe('merging stores', { concurrency: 2 }, () => {
  test('of shards, in whatever order, comes to what one store of all of it holds', async (t) => {
    const folder = temporaryFolder(t);
    const shards = await makeShards(folder);
    const whole = await storedVerdicts(join(folder, 'whole.db'));
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
    ] as const) {
      const into = join(folder, `all-${order.join('')}.db`);
      assert.deepEqual(
        addedBy(
          await merge(
            into,
            order.map((i) => shards[i]!),
          ),
        ),
        [
          [4, 0, 1],
          [4, 0, 1],
          [4, 0, 1],
        ],
      );
      assertSameVerdicts(await storedVerdicts(into), whole);
      const [sweep] = await reading(into, (store) => store.sweeps());
      assert.deepEqual([sweep!.pendingCount, sweep!.runCount], [0, 3]);
      assert.deepEqual(
        sweep!.shards.map(({ number }) => number),
        [1, 2, 3],
      );
    }
  });

  test('again changes nothing, with any of the sources, one by one or together', async (t) => {
    const folder = temporaryFolder(t);
    const shards = await makeShards(folder);
    const into = join(folder, 'all.db');
    for (const shard of shards) await merge(into, [shard]);
    const before = await storedVerdicts(into);
    assert.deepEqual(addedBy(await merge(into, [...shards, shards[0]!])), [
      [0, 4, 0],
      [0, 4, 0],
      [0, 4, 0],
      [0, 4, 0],
    ]);
    // A store of all of it brings its run, and no verdict.
    assert.deepEqual(addedBy(await merge(into, [join(folder, 'whole.db')])), [[0, 12, 1]]);
    assertSameVerdicts(await storedVerdicts(into), before);
  });

  test('brings runs under their own UUIDs, failures, days of datasets, notes, tags, looks and conflicts', async (t) => {
    const folder = temporaryFolder(t);
    const [source, into] = [join(folder, 'source.db'), join(folder, 'all.db')];
    const runId = await make(source, { outcomes: [...third(0), failedOutcome(RECORDS[1]!)] });
    {
      await using store = await openVerdictStore(source, { mode: 'write' });
      await store.datasetDaysMade(runId, syntheticDataset(), SYNTHETIC_DAYS);
      await store.addNote(RECORDS[0]!.id, {}, { ...NOTE, kind: 'note', text: 'odd' });
      await store.addNote(RECORDS[0]!.id, {}, { ...NOTE, kind: 'tag', text: 'keep' });
      await store.record(runId, [syntheticOutcome(RECORDS[3]!, 2)]);
    }
    await make(into, { outcomes: third(2) });
    const report = await merge(into, [source]);
    assert.ok(report.kind === 'merged');
    assert.deepEqual([report.sources[0]!.addedFailures, report.sweeps], [1, ['synthetic']]);
    const facts = (path: string) =>
      reading(path, async (store) => {
        const found = await store.find(RECORDS[0]!.id);
        assert.ok(found.kind === 'completed');
        const outcomes = await store.outcomes({ sweep: 'synthetic' });
        return {
          run: (await store.history()).find((run) => run.runId === runId),
          notes: found.notes,
          madeBy: found.run.runId,
          failed: outcomes.failed.map(({ configurationId, error }) => [configurationId, error]),
          conflicts: outcomes.conflicts,
          days: await store.datasetDays({ sweep: 'synthetic' }),
          lockedLooks: (await store.lockedLooks()).looks.filter((look) => look.runId === runId),
        };
      });
    const after = await facts(into);
    assert.deepEqual(after, await facts(source));
    assert.equal(after.conflicts.length, 1);
    assert.equal(after.days.length, 1);
    assert.equal(after.lockedLooks.length, 2 * 4);
    const looks = await reading(into, async (store) => (await store.outcomes()).looks);
    assert.deepEqual(
      looks.map(({ configurationCount }) => configurationCount),
      [8],
    );
  });

  test('takes a verdict for what another store could not judge, whichever comes first', async (t) => {
    const folder = temporaryFolder(t);
    const [failed, judged] = [join(folder, 'failed.db'), join(folder, 'judged.db')];
    await make(failed, { outcomes: [failedOutcome(RECORDS[0]!)] });
    await make(judged, { outcomes: [syntheticOutcome(RECORDS[0]!)] });
    for (const order of [
      [failed, judged],
      [judged, failed],
    ]) {
      const into = join(folder, `all-${order.indexOf(failed)}.db`);
      await merge(into, order);
      const [sweep] = await reading(into, (store) => store.sweeps());
      assert.deepEqual([sweep!.errorCount, sweep!.pendingCount], [0, 11]);
    }
  });

  test('keeps a verdict sealed only where every store has it so', async (t) => {
    const folder = temporaryFolder(t);
    const paths = ['one', 'other', 'seen'].map((name) => join(folder, `${name}.db`));
    for (const path of paths) await make(path, { changes: { seals: true }, outcomes: third(0) });
    {
      await using store = await openVerdictStore(paths[2]!, { mode: 'write' });
      await store.unseal({ sweep: 'synthetic' });
    }
    const sealedIn = async (path: string) => {
      const { judged } = await reading(path, (store) => store.outcomes());
      return judged.filter(({ isSealed }) => isSealed).length;
    };
    const into = join(folder, 'all.db');
    await merge(into, paths.slice(0, 2));
    assert.equal(await sealedIn(into), 4);
    await merge(into, [paths[2]!]);
    assert.equal(await sealedIn(into), 0);
    await merge(into, [paths[0]!]);
    assert.equal(await sealedIn(into), 0);
  });

  test('learns how a run ended that was not over before', async (t) => {
    const folder = temporaryFolder(t);
    const [source, into] = [join(folder, 'source.db'), join(folder, 'all.db')];
    {
      await using store = await openVerdictStore(source, { mode: 'write' });
      const runId = await beginSyntheticRun(store, RECORDS);
      const first = await store.record(runId, third(0));
      // While it is being written.
      const report = await merge(into, [source]);
      assert.deepEqual(
        [addedBy(report), report.kind === 'merged' && report.sources[0]!.isRunning],
        [[[4, 0, 1]], true],
      );
      const second = await store.record(runId, third(1));
      await store.finishRun(runId, SYNTHETIC_END, { completed: first.completed + second.completed, failed: 0 });
    }
    assert.deepEqual(addedBy(await merge(into, [source])), [[4, 4, 0]]);
    const [run] = await reading(into, (store) => store.history());
    assert.deepEqual([run!.outcome, run!.finishedAt, run!.judgedCount], ['finished', SYNTHETIC_END.finishedAt, 8]);
  });

  test('learns that a run has died, from whoever ran its sweep again', async (t) => {
    const folder = temporaryFolder(t);
    const [source, into] = [join(folder, 'source.db'), join(folder, 'all.db')];
    await make(source, { outcomes: third(0), isRunning: true });
    await merge(into, [source]);
    await make(source, { outcomes: third(1) });
    await merge(into, [source]);
    const history = await reading(into, (store) => store.history());
    assert.deepEqual(
      history.map(({ outcome, judgedCount }) => [outcome, judgedCount]),
      [
        ['interrupted', 4],
        ['finished', 4],
      ],
    );
  });

  test('brings an older store forward first', async (t) => {
    const folder = temporaryFolder(t);
    const [old, into] = [join(folder, 'old.db'), join(folder, 'all.db')];
    cpSync(fileURLToPath(new URL('../schemas/schema-3.db', import.meta.url)), old);
    assert.deepEqual(addedBy(await merge(into, [old])), [[9, 0, 1]]);
    assert.ok(existsSync(`${old}.schema-3.backup`));
    assertSameVerdicts(await storedVerdicts(into), await storedVerdicts(old));
  });

  test('every table of a store is merged or said not to be', async (t) => {
    const path = join(temporaryFolder(t), 'sweeps.db');
    await make(path, {});
    const database = new DatabaseSync(path);
    const tables = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).all();
    database.close();
    // A new table: see what copy-store.ts does about it, and a test above that has rows in it.
    assert.deepEqual(
      tables.map(({ name }) => name),
      [
        'codes',
        'configurations',
        'conflicts',
        'contents',
        'data',
        'dataset_days',
        'datasets',
        'evaluations',
        'failures',
        'locked_looks',
        'looks',
        'notes',
        'run_shards',
        'runs',
        'sealed_verdicts',
        'sealing_runs',
        'selections',
        // Of the file alone: who wrote it last.
        'store',
        'sweep_configurations',
        'sweeps',
        'verdict_documents',
        'verdict_metrics',
        'verdicts',
      ],
    );
  });
});

describe('merging stores is refused as a whole', { concurrency: 2 }, () => {
  test('where a verdict came out otherwise, with every one that did', async (t) => {
    const folder = temporaryFolder(t);
    const [one, other, into] = [join(folder, 'one.db'), join(folder, 'other.db'), join(folder, 'all.db')];
    await make(one, { outcomes: [...third(0), ...third(1)] });
    const differing = RECORDS.filter((_, i) => i % 3 === 1).map((record) => syntheticOutcome(record, 2));
    await make(other, { outcomes: [...differing, ...third(2)] });
    const report = await merge(into, [one, other]);
    assert.ok(report.kind === 'refused');
    assert.deepEqual(
      report.conflicts.map(({ name }) => name.split('@')[0]).sort(),
      differing.map(({ configurationId }) => configurationId).sort(),
    );
    assert.deepEqual([report.conflicts[0]!.one.location, report.conflicts[0]!.other.location], [one, other]);
    assert.notEqual(report.conflicts[0]!.one.digest, report.conflicts[0]!.other.digest);
    assert.equal(existsSync(into), false);
    // Nor is anything of it added to a store that is there.
    const before = readFileSync(one);
    assert.equal((await merge(one, [other])).kind, 'refused');
    const verdicts = await storedVerdicts(one);
    assert.equal(verdicts.size, 8);
    writeFileSync(join(folder, 'before.db'), before);
    assertSameVerdicts(verdicts, await storedVerdicts(join(folder, 'before.db')));
  });

  test('where two machines have found other rows in the same data', async (t) => {
    const folder = temporaryFolder(t);
    const [one, other] = [join(folder, 'one.db'), join(folder, 'other.db')];
    await make(one, {});
    {
      await using store = await openVerdictStore(other, { mode: 'write' });
      const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations: RECORDS });
      await store.datasetBuilt(runId, syntheticDataset(), { contentHash: 'f00d'.repeat(16), rowCount: 5 });
    }
    const report = await merge(join(folder, 'all.db'), [one, other]);
    assert.ok(report.kind === 'refused');
    assert.deepEqual(
      report.conflicts.map(({ kind, name }) => [kind, name]),
      [['dataset', 'ages 3,5,10,15,30, cap 0 of btc-2m']],
    );
  });

  for (const [kind, changes, message] of [
    ['code', { code: { hash: 'beef'.repeat(16), version: '0.3.0' } }, /other\.db is by other code \(0\.3\.0 beef/],
    ['data', { data: { ...SYNTHETIC_DATA, hash: 'cafe'.repeat(16) } }, /other\.db is on other data \(cafe/],
    ['count', shardStart(2, 4), /other\.db is of another number of shards \(4, not 3\) than .*one\.db/],
    [
      'definition',
      { definition: { name: 'synthetic', baseline: { dataRoot: '.', runId: 'btc-2m' }, axes: { huberAlpha: [1, 2] } } },
      /other\.db has another definition than .*one\.db \(axes\.huberAlpha with 2\)/,
    ],
  ] as const) {
    test(`where stores of one sweep differ in ${kind}, unless that is allowed`, async (t) => {
      const folder = temporaryFolder(t);
      const [one, other, into] = [join(folder, 'one.db'), join(folder, 'other.db'), join(folder, 'all.db')];
      const definition = {
        name: 'synthetic',
        baseline: { dataRoot: 'there', runId: 'btc-2m' },
        axes: { huberAlpha: [1] },
      };
      await make(one, { changes: { definition, ...shardStart(1) }, outcomes: third(0) });
      await make(other, { changes: { definition, ...shardStart(2), ...changes }, outcomes: third(1) });
      await assert.rejects(merge(into, [one, other]), userError(message));
      await assert.rejects(merge(into, [one, other]), userError(new RegExp(`allow it with --allow ${kind}$`)));
      assert.equal(existsSync(into), false);
      assert.deepEqual(addedBy(await merge(into, [one, other], [kind])), [
        [4, 0, 1],
        [4, 0, 1],
      ]);
      assert.deepEqual(await reading(into, async (store) => (await store.outcomes()).judged.length), 8);
    });
  }

  test('where a source is the target, by whatever name', async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, 'one.db');
    await make(path, { outcomes: third(0) });
    await assert.rejects(merge(path, [path]), userError(/is the store that is merged into/));
    linkSync(path, join(folder, 'two.db'));
    await assert.rejects(merge(path, [join(folder, 'two.db')]), userError(/is the store that is merged into/));
    await assert.rejects(merge(path, [join(folder, 'none.db')]), userError(/none\.db: no such store/));
  });

  test('where anything in a source is not as it was stored', async (t) => {
    const folder = temporaryFolder(t);
    const [sound, into] = [join(folder, 'sound.db'), join(folder, 'all.db')];
    await make(sound, { outcomes: third(0) });
    for (const [i, change] of [
      `UPDATE verdict_documents SET document = replace(document, '0.5', '0.6')`,
      'UPDATE verdicts SET tune_auc = tune_auc + 1e-15 WHERE id = 2',
      `UPDATE runs SET host = 'another'`,
      'DELETE FROM verdict_metrics WHERE verdict_id = 3',
      'DELETE FROM looks',
      `UPDATE configurations SET regressor_alpha = 5`,
    ].entries()) {
      const damaged = join(folder, `damaged-${i}.db`);
      copyFileSync(sound, damaged);
      exec(damaged, change);
      await assert.rejects(merge(into, [sound, damaged]), userError(/damaged-\d\.db: damaged/), change);
      assert.equal(existsSync(into), false);
    }
  });

  test('where a byte of a source is another, or nothing of it is lost by that', async (t) => {
    const folder = temporaryFolder(t);
    const [source, flipped] = [join(folder, 'source.db'), join(folder, 'flipped.db')];
    await make(source, { outcomes: third(0) });
    const [sound, verdicts] = [readFileSync(source), await storedVerdicts(source)];
    const counts = { refused: 0, sound: 0 };
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = randomFrom(seed);
      const bytes = Buffer.from(sound);
      bytes[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
      writeFileSync(flipped, bytes);
      const into = join(folder, `all-${seed}.db`);
      try {
        await merge(into, [flipped]);
        counts.sound += 1;
      } catch (error) {
        if (!(error instanceof UserError)) throw new Error(`seed ${seed}`, { cause: error });
        counts.refused += 1;
        assert.equal(existsSync(into), false, `seed ${seed}`);
        continue;
      }
      assertSameVerdicts(await storedVerdicts(into), verdicts);
    }
    assert.ok(counts.refused > 5 && counts.sound > 0, JSON.stringify(counts));
  });
});

test('a merge that stopped between two sources goes on when it is run again', async (t) => {
  const folder = temporaryFolder(t);
  const shards = await makeShards(folder);
  const into = join(folder, 'all.db');
  await merge(into, shards.slice(0, 2));
  assert.deepEqual(addedBy(await merge(into, shards)), [
    [0, 4, 0],
    [0, 4, 0],
    [4, 0, 1],
  ]);
  assertSameVerdicts(await storedVerdicts(into), await storedVerdicts(join(folder, 'whole.db')));
});
