import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ExperimentResult, SplitMetrics } from '../../../src/experiment/results.ts';
import { verdictOf } from '../../../src/experiment/verdict.ts';
import { largeLeaderboard } from '../../../src/report/large-leaderboard.ts';
import type { Leaderboard, LeaderboardQuery } from '../../../src/report/leaderboard.ts';
import { parseLeaderboardQuery } from '../../../src/report/leaderboard.ts';
import { type LeaderboardView, readLeaderboards } from '../../../src/report/read-leaderboard.ts';
import { METRIC_COLUMNS } from '../../../src/store/metric-columns.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { initPostgresStore } from '../../../src/store/postgres/open-postgres-store.ts';
import type { RankedOutcomes } from '../../../src/store/ranked-outcomes.ts';
import type { OutcomeRecord } from '../../../src/store/records.ts';
import type { VerdictStore } from '../../../src/store/verdict-store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { userError } from '../../support/user-error.ts';
import {
  beginSyntheticRun,
  configurationWith,
  failedOutcome,
  recordOf,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticOutcome,
} from '../synthetic.ts';

// A grid of three ages sets, with clips that change nothing, rows that lack what they are ranked by, fits that did not
// converge, and configurations that could not be judged or were not yet.
const GRID = syntheticConfigurations(96);
const TWINS = [0, 30, 60].map((regressionTargetClipBps) =>
  recordOf(configurationWith({ agesMinutes: [5, 15], regressionTargetClipBps, maxRowsPerSplit: 0 })),
);
const ALL = [...GRID, ...TWINS];

let server: PostgresServer;
let url: string;
let store: VerdictStore;
before(async () => {
  server = await startPostgres();
  url = await server.createDatabase();
  await initPostgresStore(url);
  store = await openVerdictStore(url, { mode: 'write' });
  await judge('synthetic', ALL, outcomeOf);
  await judge('other', GRID.slice(40, 80), outcomeOf);
  await judge('sealed', GRID.slice(0, 24), (record) => syntheticOutcome(record), true);
  for (const [at, tag] of [
    [3, 'good'],
    [3, 'look again'],
    [8, 'good'],
  ] as const) {
    const note = { kind: 'tag', text: tag, writtenAt: '2026-02-03T00:00:00Z', author: null } as const;
    await store.addNote(GRID[at]!.id, { sweep: 'synthetic' }, note);
  }
});
after(async () => {
  await store?.close();
  await server?.[Symbol.asyncDispose]();
});

async function judge(
  sweepName: string,
  records: typeof ALL,
  outcome: (record: (typeof ALL)[number], i: number) => OutcomeRecord | null,
  seals = false,
): Promise<void> {
  const code = { hash: (seals ? '5ea1' : 'c0de').repeat(16), version: '0.2.0' };
  const run = await beginSyntheticRun(store, records, { sweepName, seals, code });
  const { completed, failed } = await store.record(
    run,
    records.flatMap((record, i) => outcome(record, i) ?? []),
  );
  await store.finishRun(run, SYNTHETIC_END, { completed, failed });
}

function outcomeOf(record: (typeof ALL)[number], i: number): OutcomeRecord | null {
  if (TWINS.includes(record)) {
    const twin = syntheticOutcome(TWINS[0]!);
    return { ...twin, configurationId: record.id };
  }
  if (i % 17 === 0) return failedOutcome(record, i % 2 === 0 ? 'one class only' : 'no rows');
  if (i % 13 === 0) return null;
  const outcome = syntheticOutcome(record);
  if (i % 11 === 0) return changed(outcome, 'tune', { edge_mae_vs_constant_ratio: null });
  if (i % 7 === 0) return changed(outcome, 'latest_stress', { edge_mae_vs_constant_ratio: null });
  if (i % 5 !== 0) return outcome;
  const stalled = {
    ...outcome.result.short_market_only,
    regressor_converged: false,
    regressor_status: 'stalled' as const,
  };
  return withResult(outcome, { ...outcome.result, short_market_only: stalled });
}

function changed(
  outcome: OutcomeRecord & { kind: 'completed' },
  split: 'tune' | 'latest_stress',
  metrics: Partial<SplitMetrics>,
): OutcomeRecord {
  const model = outcome.result.long_market_plus_state;
  return withResult(outcome, {
    ...outcome.result,
    long_market_plus_state: { ...model, [split]: { ...model[split], ...metrics } },
  });
}

function withResult(outcome: OutcomeRecord & { kind: 'completed' }, result: ExperimentResult): OutcomeRecord {
  return { ...outcome, result, verdict: verdictOf(result) };
}

const QUERIES: readonly LeaderboardQuery[] = [
  {},
  { fold: true, top: 5 },
  { fold: true, top: 100 },
  { top: 3, sort: 'tune_auc' },
  { top: 12, sort: 'margin:asc' },
  { sort: 'ages' },
  { sort: 'kind:desc', top: 20 },
  { sort: 'verdict', top: 30 },
  { sort: 'weakest_gate:desc', top: 30 },
  { sort: 'latest_stress.continue_auc', top: 9 },
  { sort: 'short_market_only.regressor_status', top: 9 },
  { sort: 'long_mae_gain', top: 9, show: ['long_mae_gain', 'short_auc_gain', 'tune.brier'] },
  { sort: 'duration_ms:desc', top: 7 },
  { sort: 'tags', top: 7 },
  { sort: 'rank:desc', top: 7 },
  { sort: 'id', top: 7 },
  { where: ['kind=huber'], fold: true, top: 4 },
  { where: ['kind!=ridge', 'ages=[5, 15]'] },
  { where: ['alpha>=0.01'] },
  { where: ['epsilon=1.1'] },
  { where: ['epsilon!=1.1'] },
  { where: ['huberAlpha<0.001', 'clip=60'] },
  { where: ['rank<=7'] },
  { where: ['gates=8'] },
  { where: ['margin>0', 'tune_mae<=0.96'] },
  { where: ['verdict=unconverged'] },
  { where: ['verdict!=pass', 'verdict!=error'], top: 5 },
  { where: ['weakest_gate=long'], top: 5 },
  { where: ['tags=good'] },
  { where: ['tags!=good'], top: 5 },
  { where: [`id=${GRID[5]!.id.slice(0, 6)}`] },
  { where: ['baseline=btc-2m', 'sweep=synthetic', 'data=da7a', 'code=c0de'] },
  { where: ['dataset!=0'], top: 4 },
  { where: ['tune.brier<0.23'], top: 6, sort: 'tune.brier' },
  { where: ['short_market_only.regressor_status=stalled'] },
  { where: ['long_auc_gain>0.02'], show: ['long_auc_gain'] },
  { where: ['duration_ms>30'], status: 'not-ready' },
  { status: 'pass' },
  { status: 'unconverged', top: 2 },
  { status: 'error' },
  { status: 'error', top: 2, where: ['kind=ridge'] },
  { status: 'sealed' },
  // Which values there are is said of what matches nothing.
  { where: ['alpha=77'] },
  { where: ['tune_mae=0.5'] },
  { where: ['tune_mae<0.1', 'kind=huber'] },
  { where: ['id=zz'] },
  { where: ['cap=0'] },
];

const READ_ALL = Number.POSITIVE_INFINITY;

/** As data: a `Field` has functions. */
function plain(board: Omit<Leaderboard, 'shortIdLength'> | undefined): unknown {
  assert.ok(board !== undefined);
  return JSON.parse(JSON.stringify({ ...board, at: [...board.at].map(([column, i]) => [column.name, i]) }));
}

function withoutShortIds({ shortIdLength: _, ...board }: Leaderboard): Omit<Leaderboard, 'shortIdLength'> {
  return board;
}

async function bothWays(sweep: string, query: LeaderboardQuery, view: LeaderboardView = {}) {
  const [whole] = await readLeaderboards(store, { sweep }, query, view, READ_ALL);
  const [large] = await readLeaderboards(store, { sweep }, query, view, 0);
  return [plain(large), plain(whole)] as const;
}

describe('a leaderboard that the database makes', () => {
  for (const query of QUERIES) {
    test(`is the one made of all that is read: ${JSON.stringify(query)}`, async () => {
      const [large, whole] = await bothWays('synthetic', query);
      assert.deepEqual(large, whole);
    });
  }

  test('tells as little of what is sealed', async () => {
    for (const query of [
      {},
      { sort: 'margin' },
      { where: ['validation_locked.brier>0'] },
      { where: ['gates!=8'], status: 'sealed', show: ['latest_stress.brier', 'weakest_gate'] },
    ] satisfies LeaderboardQuery[]) {
      const [large, whole] = await bothWays('sealed', query);
      assert.deepEqual(large, whole);
    }
  });

  test('is of one sweep among others, on its own data and by its code', async () => {
    for (const view of [{}, { data: 'da7a' }, { code: 'c0de' }]) {
      const [large, whole] = await bothWays('other', { top: 3, where: ['alpha>0'] }, view);
      assert.deepEqual(large, whole);
    }
    await assert.rejects(readLeaderboards(store, { sweep: 'none' }, {}, {}, 0), userError(/"none": not in this store/));
  });
});

test('a condition on more values than are listed matches the same numbers', async () => {
  const { ranked } = store;
  assert.ok(ranked !== null);
  const [read] = await readLeaderboards(store, { sweep: 'synthetic' }, {}, {}, READ_ALL);
  const some = read!.rows[9]!.outcome;
  const ratio = some.tuneEdgeMaeRatio!;
  for (const where of [
    `tune_mae=${ratio.toFixed(5)}`,
    `tune_mae!=${ratio.toFixed(5)}`,
    `tune_mae<=${ratio.toFixed(5)}`,
    `tune_mae>=${ratio.toFixed(5)}`,
    `tune_mae=${ratio}`,
    `tune_mae>=${ratio}`,
    `tune_mae<${ratio}`,
    `tune_mae>${ratio}`,
    'tune_mae=0.5',
    'margin=0',
    'margin>=0',
    `margin>=${some.smallestMargin!.toFixed(4)}`,
    'rank=5',
    'rank>=1000',
    `id=${some.configurationId.slice(0, 9)}`,
    `id!=${some.configurationId}`,
    'verdict!=pass',
    `alpha>=${some.configuration.regressor.alpha}`,
    `tune.brier>=${(0.2).toPrecision(5)}`,
  ]) {
    const query = { where: [where], sort: 'tune_mae' };
    const [whole] = await readLeaderboards(store, { sweep: 'synthetic' }, query, {}, READ_ALL);
    const request = parseLeaderboardQuery(query);
    const view = { sweep: 'synthetic', metrics: request.columns };
    const large: unknown = plain(await store.atOneMoment(() => largeLeaderboard(ranked, view, request, 0)));
    assert.deepEqual(large, plain(withoutShortIds(whole!)), where);
  }
});

test('of a text that is none of very many it is said how many there are, and which come next to it', async () => {
  const { ranked } = store;
  const unmetOf = async (where: string, most: number) => {
    const request = parseLeaderboardQuery({ where: [where] });
    const board = await store.atOneMoment(() => largeLeaderboard(ranked!, { sweep: 'synthetic' }, request, most));
    return board.warnings.filter((warning) => warning.includes('matches nothing'));
  };
  const all = await ranked!.values({ sweep: 'synthetic' }, { of: 'outcome', name: 'configurationId' }, 1000);
  const ids = all!.map(String).sort();
  const [, , third = '', fourth = ''] = ids;
  const between = `${third}0`;
  assert.deepEqual(await unmetOf(`id=${between}`, 10), [
    `id=${between} matches nothing: id has more than 10 values, next to it ${ids.slice(1, 5).join(', ')}`,
  ]);
  assert.deepEqual(await unmetOf('id=zz', 10), [
    `id=zz matches nothing: id has more than 10 values, next to it ${ids.slice(-2).join(', ')}`,
  ]);
  assert.deepEqual(await unmetOf(`id=${fourth}`, 10), []);
});

test('more rows than can be shown are refused, with what shows them', async () => {
  const { ranked } = store;
  const query = parseLeaderboardQuery({});
  const facts = await ranked!.facts({ sweep: 'synthetic' });
  const many: RankedOutcomes = { ...ranked!, facts: async () => ({ ...facts, judgedCount: 3_000_000 }) };
  await assert.rejects(
    largeLeaderboard(many, { sweep: 'synthetic' }, query),
    userError(
      /3,000,000 configurations are to be listed; of a database 100,000 can be at once\. Take --top N, or `sweep export`/,
    ),
  );
});

test('rows that read the same, more than can be shown, are refused and not cut', async () => {
  const { ranked } = store;
  const facts = await ranked!.facts({ sweep: 'synthetic' });
  const query = { sweep: 'synthetic' };
  const [row] = await ranked!.first(query, { conditions: [], sort: null, count: 1 });
  const same: Partial<RankedOutcomes> = {
    facts: async () => ({ ...facts, judgedCount: 3_000_000 }),
    first: async (_, { count }) => Array.from({ length: count }, () => row!),
  };
  await assert.rejects(
    largeLeaderboard(same as RankedOutcomes, query, parseLeaderboardQuery({ fold: true, top: 10 })),
    userError(/the first 10 rows would fold more than 100,000 configurations that read the same; .*Take --no-fold/),
  );
});

test('metrics are read where they are asked for alone: one that is damaged is no fault of a table without it', async () => {
  await server.query(url, 'UPDATE sweep.verdict_metrics SET seal = seal + 1');
  try {
    const [large, whole] = await bothWays('synthetic', { top: 3 });
    assert.deepEqual(large, whole);
    await assert.rejects(bothWays('synthetic', { top: 3, show: ['tune.brier'] }), /not as they were stored/);
  } finally {
    await server.query(url, 'UPDATE sweep.verdict_metrics SET seal = seal - 1');
  }
});

test('of a store all outcomes are counted, of a sweep its configurations', async () => {
  const { judged, failed } = await store.outcomes({});
  assert.equal(await store.ranked!.size(null), judged.length + failed.length);
  assert.equal(await store.ranked!.size('synthetic'), ALL.length);
});

test('the view for people with an SQL shell has every metric under its name, to the last bit', async () => {
  // The server's names have at most 63 bytes.
  const names = METRIC_COLUMNS.map(({ name }) => (name.length > 63 ? name.replace(/_ratio$/, '') : name));
  const rows = await server.query(
    url,
    `SELECT configuration_id, ${names.join(', ')} FROM sweep.verdict_table WHERE made_by_sweep = 'synthetic'`,
  );
  const { judged } = await store.outcomes({ sweep: 'synthetic', metrics: METRIC_COLUMNS });
  const read = new Map(judged.map(({ configurationId, metrics }) => [configurationId, metrics]));
  assert.ok(rows.length > 60);
  for (const [id, ...metrics] of rows) assert.deepEqual(metrics, read.get(String(id)));
  const columns = await server.query(
    url,
    `SELECT attname FROM pg_attribute WHERE attrelid = 'sweep.verdict_table'::regclass AND attnum > 0 ORDER BY attnum`,
  );
  assert.deepEqual(columns.slice(-names.length).flat(), names);
});

test('the server reads every kind of float64 out of bytes', async () => {
  for (const value of [
    0,
    -0,
    1,
    -1,
    0.1,
    1 / 3,
    5e-324,
    -2.5e-310,
    2.2250738585072014e-308,
    1.7976931348623157e308,
    1e-300,
  ]) {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setFloat64(8, value, true);
    const [[read]] = (await server.query(url, 'SELECT sweep.float64_at($1::bytea, 8)', [Buffer.from(bytes)])) as [
      [number],
    ];
    assert.ok(Object.is(read, value) || (value === 0 && read === 0), `${value}: ${read}`);
  }
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    assert.deepEqual(await server.query(url, 'SELECT sweep.float64_at($1::bytea, 0)', [bytes]), [[null]]);
  }
});
