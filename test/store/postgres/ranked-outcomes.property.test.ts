import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type ExperimentResult,
  MODEL_KEYS,
  type ModelResult,
  type SplitMetrics,
} from '../../../src/experiment/results.ts';
import { verdictOf } from '../../../src/experiment/verdict.ts';
import { type Field, fieldNamed } from '../../../src/report/fields.ts';
import { largeLeaderboard } from '../../../src/report/large-leaderboard.ts';
import {
  type Leaderboard,
  type LeaderboardQuery,
  parseLeaderboardQuery,
  STATUSES,
} from '../../../src/report/leaderboard.ts';
import { readLeaderboards } from '../../../src/report/read-leaderboard.ts';
import type { MetricValue } from '../../../src/store/metric-columns.ts';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import type { OutcomeRecord } from '../../../src/store/records.ts';
import type { VerdictStore } from '../../../src/store/verdict-store.ts';
import { type PostgresServer, startPostgres } from '../../support/postgres.ts';
import { type Random, randomFrom } from '../../support/random.ts';
import {
  beginSyntheticRun,
  failedOutcome,
  SYNTHETIC_DATA,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticOutcome,
} from '../synthetic.ts';

// Stores in which most figures stand more than once or on an edge, and queries of every field; both from seeds.

const RECORDS = syntheticConfigurations(80);
const SEEDS = [1, 2];
const QUERIES = 60;
const TAGS = ['good', 'look', '2nd', 'ａ', '𝒜', 'ä', 'Z', 'z'];
const REBUILT = { ...SYNTHETIC_DATA, hash: 'feed'.repeat(16) };

let server: PostgresServer;
before(async () => {
  server = await startPostgres();
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

/** A figure as it may be stored: of few digits, so that others have the same; a zero of either sign; the same to seven digits. */
function edged(random: Random, value: number): number {
  switch (random.integer(0, 5)) {
    case 0:
      return random.pick([0, -0, 1]);
    case 1:
      return value * (1 + 1e-9 * random.integer(-2, 2));
    default:
      return Number(value.toPrecision(random.integer(1, 3)));
  }
}

function edgedResult(random: Random, result: ExperimentResult): ExperimentResult {
  const splits = ['tune', 'validation_locked', 'latest_stress'] as const;
  const models = MODEL_KEYS.map((key): [string, ModelResult] => {
    const model = result[key];
    const edgedSplits = splits.map((split): [string, SplitMetrics] => {
      const metrics = model[split]!;
      const { brier, edge_mae_vs_constant_ratio: ratio, continue_auc: auc } = metrics;
      const changed = {
        brier: edged(random, brier),
        edge_mae_vs_constant_ratio: random.chance(0.05) ? null : edged(random, ratio ?? 1),
        continue_auc: edged(random, auc!),
      };
      return [split, { ...metrics, ...changed }];
    });
    const status = random.pick(['converged', 'converged', 'stalled', 'max-iterations'] as const);
    const fit = { regressor_converged: status === 'converged', regressor_status: status };
    return [key, { ...model, ...fit, ...Object.fromEntries(edgedSplits) }];
  });
  // Entries lose their literal types.
  return Object.fromEntries(models) as ExperimentResult;
}

/** What is judged, what fails and what is left; what failed on one data may have been judged on another of the same content. */
async function fill(store: VerdictStore, random: Random): Promise<void> {
  const outcomes = RECORDS.map((record): OutcomeRecord => {
    const outcome = syntheticOutcome(record, random.integer(1, 3));
    const result = random.chance(0.5) ? outcome.result : edgedResult(random, outcome.result);
    const durationMs = random.pick([20, 20.5, outcome.durationMs]);
    return { ...outcome, durationMs, result, verdict: verdictOf(result) };
  });
  const failures = RECORDS.map((record) =>
    failedOutcome(record, random.pick(['no rows', "it's one class", 'a?b "c"'])),
  );
  const isJudged = RECORDS.map(() => random.chance(0.7));
  const isFailed = RECORDS.map(() => random.chance(0.3));
  const isSealed = RECORDS.map(() => random.chance(0.3));
  const judge = async (changes: Parameters<typeof beginSyntheticRun>[2], chosen: readonly OutcomeRecord[]) => {
    const run = await beginSyntheticRun(store, RECORDS, changes);
    const { completed, failed } = await store.record(run, chosen);
    await store.finishRun(run, SYNTHETIC_END, { completed, failed });
  };
  await judge(
    {},
    failures.filter((_, i) => isFailed[i]),
  );
  await judge(
    { data: REBUILT, seals: true },
    outcomes.filter((_, i) => isJudged[i] && isSealed[i]),
  );
  await judge(
    { data: REBUILT },
    outcomes.filter((_, i) => isJudged[i] && !isSealed[i]),
  );
  await judge({}, []);
  for (const [i, { id }] of RECORDS.entries()) {
    if (!isJudged[i] || !random.chance(0.5)) continue;
    for (const text of random.shuffled(TAGS).slice(0, random.integer(1, 3)))
      await store.addNote(
        id,
        { sweep: 'synthetic' },
        { kind: 'tag', text, writtenAt: '2026-02-03T00:00:00Z', author: null },
      );
  }
}

const FIELDS = [
  ...['rank', 'id', 'ages', 'kind', 'alpha', 'epsilon', 'max_iter', 'clip', 'cap', 'huberAlpha', 'ridgeAlpha'],
  ...[
    'tune_mae',
    'tune_auc',
    'gates',
    'margin',
    'weakest_gate',
    'verdict',
    'long_mae',
    'short_auc_gain',
    'long_mae_gain',
  ],
  ...['sweep', 'baseline', 'data', 'dataset', 'code', 'tags', 'tags', 'duration_ms'],
  ...['tune.brier', 'validation_locked.continue_auc', 'latest_stress.edge_mae_vs_constant_ratio', 'tune.row_count'],
  ...[
    'short_market_only.regressor_status',
    'long_market_plus_state.regressor_converged',
    'long_market_only.regressor_outliers',
  ],
];

/** Of few values whatever the sweep: they can always be listed. */
const ALWAYS_LISTED = new Set([
  'kind',
  'weakest_gate',
  'verdict',
  'ages',
  'alpha',
  'epsilon',
  'huberAlpha',
  'ridgeAlpha',
]);

/** A condition on a value that is there, as it is shown, or beside it. */
function conditionOn(random: Random, field: Field, values: readonly MetricValue[]): string {
  const value = random.pick(values) ?? (field.type === 'number' ? 0 : (field.domain?.[0] ?? 'zz'));
  if (typeof value === 'string') {
    const parts = value.split(', ');
    const texts =
      field.foundBy === 'beginning' && field.domain === null
        ? [value, value.slice(0, random.integer(1, 12))]
        : [value, random.pick(parts), ...(field.domain === null ? ['zz', "'; DROP TABLE x; --"] : [])];
    return `${field.name}${random.pick(['=', '!='])}${random.pick(texts)}`;
  }
  const number = random.pick([String(value), field.textOf(values)(value), String(value * 1.001), '0', '-0', '1e300']);
  return `${field.name}${random.pick(['=', '!=', '<', '<=', '>', '>='])}${number}`;
}

/** Where no value is met, those that there are can be said in more ways than one. */
function plain(board: Omit<Leaderboard, 'shortIdLength'>, withUnmet: boolean): unknown {
  const warnings = board.warnings.filter((warning) => withUnmet || !warning.includes('matches nothing'));
  return JSON.parse(JSON.stringify({ ...board, warnings, shortIdLength: null, at: [...board.at.values()] }));
}

for (const seed of SEEDS) {
  test(`any leaderboard is the one made of all that is read (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    await using store = await openVerdictStore(await server.createStore(), { mode: 'write' });
    await fill(store, random);
    const [all] = await readLeaderboards(store, { sweep: 'synthetic' }, { show: FIELDS }, {}, Infinity);
    const valuesOf = new Map(
      FIELDS.map((name) => [name, all!.rows.map((row) => fieldNamed(name).read(row, all!.at))] as const),
    );
    const { counts } = all!;
    const { pending, ...ofOutcomes } = counts;
    assert.ok(Object.values(ofOutcomes).every((count) => count > 0) && pending > 0, JSON.stringify(counts));
    let shown = 0;
    for (let i = 0; i < QUERIES; i += 1) {
      const isListed = random.chance(0.5);
      const conditions = FIELDS.filter((name) => isListed || !ALWAYS_LISTED.has(name));
      const where = Array.from({ length: random.integer(0, 2) }, () => {
        const name = random.pick(conditions);
        return conditionOn(random, fieldNamed(name), valuesOf.get(name)!);
      });
      const query: LeaderboardQuery = {
        where,
        ...(random.chance(0.7) ? { sort: `${random.pick(FIELDS)}${random.pick(['', ':asc', ':desc'])}` } : {}),
        ...(random.chance(0.4) ? { status: random.pick(STATUSES) } : {}),
        ...(random.chance(0.7) ? { top: random.integer(1, 20) } : {}),
        ...(random.chance(0.3) ? { show: [random.pick(FIELDS)] } : {}),
        fold: random.chance(0.5),
      };
      const [whole] = await readLeaderboards(store, { sweep: 'synthetic' }, query, {}, Infinity);
      const request = parseLeaderboardQuery(query);
      const view = { sweep: 'synthetic', metrics: request.columns };
      const large = await store.atOneMoment(() =>
        largeLeaderboard(store.ranked!, view, request, isListed ? undefined : 0),
      );
      const what = `seed ${seed}, ${isListed ? 'listed' : 'beyond'}: ${JSON.stringify(query)}`;
      assert.deepEqual(plain(large, isListed), plain(whole!, isListed), what);
      shown += large.rows.length;
    }
    assert.ok(shown > QUERIES, `${shown} rows in all`);
  });
}
