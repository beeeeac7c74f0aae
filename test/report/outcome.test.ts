import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sha256Json } from '../../src/canonical-json.ts';
import { type ExperimentResult, MODEL_KEYS } from '../../src/experiment/results.ts';
import { experimentText } from '../../src/report/experiment-text.ts';
import { exportBatches, exportCsv, exportSchema } from '../../src/report/export.ts';
import { RECORD_FIELDS } from '../../src/report/fields.ts';
import { outcomeJson } from '../../src/report/outcome-json.ts';
import { outcomeText } from '../../src/report/outcome-text.ts';
import { displayWidth } from '../../src/report/printable.ts';
import { readLeaderboards } from '../../src/report/read-leaderboard.ts';
import { sweepListJson, sweepListText } from '../../src/report/sweep-list.ts';
import { METRIC_COLUMNS } from '../../src/store/metric-columns.ts';
import { SYNTHETIC_RUN, syntheticDataset, syntheticOutcome } from '../store/synthetic.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { assertScreen } from './screen.ts';
import { RECORDS, storeOfTwelve } from './store-of-twelve.ts';

const [FIRST] = RECORDS;
const LAST = RECORDS.at(-1);
const WIDE = { width: 200, color: false };

describe('one outcome in full', () => {
  for (const width of [80, 140]) {
    test(`on a terminal of ${width} columns`, async (t) => {
      await using store = await storeOfTwelve(temporaryFolder(t));
      const printed = outcomeText(await store.find(FIRST!.id), { width, color: false });
      assertScreen(`verdict-${width}.txt`, withoutIds(printed));
      for (const line of printed.split('\n')) assert.ok(displayWidth(line) <= width, line);
    });
  }

  test('names the fits that did not converge in one line, with what that means', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const outcome = await store.find(FIRST!.id);
    assert.ok(outcome.kind === 'completed' && !outcome.isSealed);
    const { result } = outcome;
    const model = { ...result.short_market_only, regressor_converged: false, regressor_status: 'stalled' as const };
    const stalled = { ...result, short_market_only: model };
    const line =
      '! did not converge: short_market_only regressor stalled: ' +
      "its figures are not the optimum's, and a market_only regressor like that makes gates easier to pass";
    const printed = outcomeText({ ...outcome, result: stalled }, WIDE);
    assert.ok(printed.split('\n').includes(`  ${line}`), printed);
    // The gates that compare with it are marked, and no others: those of the short side's ratios.
    const marked = printed.split('\n').filter((text) => / (passed|missed) !$/.test(text));
    assert.deepEqual(
      marked.map((text) => text.trim().split(/ {2,}/)[0]),
      ['short validation_locked edge_mae_vs_constant_ratio', 'short latest_stress edge_mae_vs_constant_ratio'],
    );
    assert.ok(experimentText(stalled, outcome.verdict, WIDE).split('\n').includes(line));
    for (const sound of [outcomeText(outcome, WIDE), experimentText(result, outcome.verdict, WIDE)]) {
      assert.ok(!sound.includes('did not converge'), sound);
    }
  });

  test('says which fits have sigma at its bound, and how many directions the data left open', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const outcome = await store.find(FIRST!.id);
    assert.ok(outcome.kind === 'completed' && !outcome.isSealed);
    const usual = { regressor_scale_at_bound: false, regressor_undetermined: 0 };
    const [none, both] = [{}, { regressor_scale_at_bound: true, regressor_undetermined: 1 }].map((unusual) => {
      const result = { ...outcome.result };
      for (const key of MODEL_KEYS) result[key] = { ...result[key], ...usual };
      Object.assign(result.long_market_only, unusual);
      Object.assign(result.short_market_plus_state, unusual, {
        regressor_undetermined: 3 * Number('regressor_undetermined' in unusual),
      });
      return result;
    });
    const linesOf = (result: ExperimentResult) => [
      outcomeText({ ...outcome, result }, WIDE).split('\n'),
      experimentText(result, outcome.verdict, WIDE)
        .split('\n')
        .map((line) => `  ${line}`),
    ];
    for (const lines of linesOf(both!)) {
      for (const line of [
        '  sigma stands at its lower bound, since rows are met exactly: long_market_only, short_market_plus_state',
        '  left open by the data, of least norm: 1 direction of long_market_only, 3 directions of short_market_plus_state',
      ]) {
        assert.ok(lines.includes(line), lines.join('\n'));
      }
    }
    for (const lines of linesOf(none!)) assert.doesNotMatch(lines.join('\n'), /lower bound|left open/);
  });

  test('that failed, with the reason', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    assertScreen('failure-80.txt', withoutIds(outcomeText(await store.find(LAST!.id), { width: 80, color: false })));
  });

  test('as JSON: configuration, status, verdict, result, provenance', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const outcome = syntheticOutcome(FIRST!);
    const parsed = JSON.parse(outcomeJson(await store.find(FIRST!.id), null));
    assert.deepEqual(parsed.configuration, FIRST!.canonical);
    assert.equal(parsed.status, outcome.verdict.status);
    assert.deepEqual(parsed.verdict, outcome.verdict);
    assert.deepEqual(parsed.result, outcome.result);
    const { codeVersion, gitCommit, nodeVersion, cpuModel, definition, options, dataset } = parsed.provenance;
    assert.deepEqual(
      { codeVersion, gitCommit, nodeVersion, cpuModel, definition, options },
      {
        codeVersion: SYNTHETIC_RUN.code.version,
        gitCommit: SYNTHETIC_RUN.gitCommit,
        nodeVersion: SYNTHETIC_RUN.nodeVersion,
        cpuModel: SYNTHETIC_RUN.cpuModel,
        definition: SYNTHETIC_RUN.definition,
        options: SYNTHETIC_RUN.options,
      },
    );
    assert.equal(parsed.provenance.definitionSha256, sha256Json(SYNTHETIC_RUN.definition));
    assert.deepEqual(dataset, syntheticDataset());
    const failure = JSON.parse(outcomeJson(await store.find(LAST!.id), null));
    assert.deepEqual([failure.status, failure.attempts], ['error', 2]);
  });
});

describe('the list of sweeps', () => {
  test('on a terminal of 80 columns', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    assertScreen('sweeps-80.txt', sweepListText(await store.sweeps(), { width: 80, color: false }));
    assert.match(sweepListText([], { width: 80, color: false }), /^no sweeps in this store yet/);
  });

  test('as JSON', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const { sweeps } = JSON.parse(sweepListJson(await store.sweeps()));
    const columns = sweepListText(await store.sweeps(), { width: 200, color: false })
      .split('\n')[0]!
      .split(/ +/);
    assert.deepEqual(
      columns.filter((name) => !(name in sweeps[0])),
      [],
      'the columns of the table are among its names',
    );
    assert.deepEqual([sweeps[0].sweep, sweeps[0].error, sweeps[0].last_run.outcome], ['synthetic', 1, 'running']);
  });
});

describe('an export', () => {
  test('has every verdict and every metric, under the names that a report has, whatever the size of its batches', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const names = exportSchema().map((column) => column.name);
    assert.equal(new Set(names).size, names.length);
    for (const column of METRIC_COLUMNS) assert.ok(names.includes(column.name));
    for (const { name } of RECORD_FIELDS) assert.ok(names.includes(name) || name === 'rank' || name === 'sweep', name);
    const ids: unknown[] = [];
    for await (const { rowCount, columns } of exportBatches(store, {}, 5)) {
      assert.deepEqual(
        columns.map(({ name, type }) => ({ name, type })),
        exportSchema(),
      );
      for (const column of columns) assert.equal(column.values.length, rowCount);
      ids.push(...columns[0]!.values);
    }
    assert.deepEqual(
      ids,
      RECORDS.slice(0, 11).map((record) => record.id),
    );
  });

  test('as CSV has numbers that read back the same, and nothing where there is none', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    let csv = '';
    for await (const lines of exportCsv(exportBatches(store, { sweep: 'synthetic' }))) csv += lines;
    const [header, first, ...others] = csv.trimEnd().split('\n');
    assert.equal(others.length, 10);
    // The ages set is the one quoted field.
    const fields = first!.replace('"3,5,10,15,30"', 'ages').split(',');
    const values = Object.fromEntries(header!.split(',').map((name, i) => [name, fields[i]]));
    const { result } = syntheticOutcome(FIRST!);
    assert.equal(Number(values['short_market_only_tune_edge_mae']), result.short_market_only.tune!.edge_mae);
    assert.equal(values['long_market_only_regressor_status'], 'converged');
    assert.deepEqual([values['kind'], values['verdict'], values['cap']], ['huber', 'not ready', '0']);
    assert.equal(values['long_market_only_row_count'], '141864');
  });
});

test('a leaderboard read from a store knows how short its ids may be', async (t) => {
  await using store = await storeOfTwelve(temporaryFolder(t));
  const [board] = await readLeaderboards(store, { sweep: 'synthetic' }, { sort: 'tune.brier', top: 3 });
  const { shortIdLength, rows, counts, at, sort } = board!;
  assert.deepEqual([shortIdLength, rows.length], [7, 3]);
  const briers = rows.map((row) => Number(sort!.field.read(row, at)));
  assert.deepEqual(
    briers,
    briers.toSorted((a, b) => a - b),
  );
  assert.deepEqual([counts.judged, counts.pass + counts.notReady, counts.error, counts.pending], [11, 11, 1, 0]);
  const [last] = await readLeaderboards(store, { sweep: (await store.lastSweep())! }, {});
  assert.equal(last!.sweep, 'synthetic', 'the one that ran last, when none is named');
  const all = await readLeaderboards(store, 'all', { where: ['sweep=synthetic'] });
  assert.deepEqual(
    all.map(({ rows: [first], sweep }) => [sweep, first!.sweeps]),
    [[null, ['synthetic']]],
  );
});

/** A run's id is another each time. */
function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '01234567-89ab-4cde-8f01-23456789abcd');
}
