import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readColumns } from '../../../src/page-data/columns.ts';
import { ROW_VERDICTS } from '../../../src/page-data/report.ts';
import { reportFacts } from '../../../src/report/facts/report-facts.ts';
import { metricPlace, type ReportSource } from '../../../src/report/facts/report-source.ts';
import type { JudgedConfiguration } from '../../../src/store/records.ts';
import { configurationWith, syntheticConfigurations } from '../../store/synthetic.ts';
import { plainText } from '../../support/plain-text.ts';
import { failed, huber, ridge } from '../sample-outcomes.ts';
import { judgedAt, sourceOf } from './made-up-source.ts';

async function factsOf(source: ReportSource, options: { withMachine?: boolean } = {}) {
  const { report, bytes } = await reportFacts([source], '0.0.0', { withMachine: true, db: [], ...options });
  // What a page reads is JSON: it has no undefined and no NaN.
  assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  const [facts] = report.sweeps;
  return { facts, columns: readColumns(facts, bytes), title: plainText(facts.headline.title) };
}

const GRID = syntheticConfigurations(48).map(({ configuration }) => configuration);
const withPasses = (rows: readonly JudgedConfiguration[], passed: boolean) =>
  rows.map((row) => ({ ...row, passed, gatesPassed: passed ? 8 : 7 }));

describe('a report of what is seldom', () => {
  test('nothing is judged yet', async () => {
    const { facts, title } = await factsOf(sourceOf([], [], GRID));
    assert.equal(title, 'Nothing is judged yet.');
    assert.deepEqual([facts.state.isFinal, facts.counts.pending, facts.rows.count], [false, 48, 0]);
    assert.match(facts.state.text, /0 of 48 done$/);
    assert.ok(facts.checks.every(({ state }) => state !== 'good'));
    // The grid is there, to be filled.
    assert.ok(facts.heatMaps.some(({ panels }) => panels.some(({ missing }) => missing.some((count) => count > 0))));
    assert.deepEqual(facts.days.curves, []);
  });

  test('a sweep is halfway: no check is good, and sentences say so far', async () => {
    const rows = withPasses(
      GRID.slice(0, 20).map((configuration) => judgedAt(configuration)),
      true,
    );
    const { facts, title } = await factsOf(sourceOf(rows, [], GRID.slice(20)));
    assert.match(title, /^20 of 20 configurations judged so far pass/);
    assert.ok(facts.checks.every(({ state, title: said }) => state !== 'good' && said.startsWith('So far: ')));
  });

  test('one row', async () => {
    const { facts, title } = await factsOf(sourceOf([judgedAt(GRID[0]!)]));
    assert.match(title, /^None of 1 configuration passes all eight gates\.$/);
    assert.deepEqual(facts.axes, []);
    assert.deepEqual(facts.carryOver.splits[0]!.rho, null);
    assert.equal(facts.heatMaps.length, 1);
    assert.match(facts.importance.finding, /no axis varies/);
  });

  test('all pass, and none passes', async () => {
    const rows = GRID.map((configuration) => judgedAt(configuration));
    const all = await factsOf(sourceOf(withPasses(rows, true)));
    assert.match(all.title, /^48 of 48 configurations pass all eight gates/);
    const none = await factsOf(sourceOf(withPasses(rows, false)));
    assert.match(none.title, /^None of 48 configurations passes all eight gates\.$/);
    assert.match(plainText(none.facts.headline.lead), /^The best by tune, [0-9a-f]{7} \(ages .*\), does not pass: /);
    assert.equal(
      none.facts.checks.find(({ name }) => name === 'margin')!.title,
      'No configuration meets all eight gates',
    );
  });

  test('ridge only', async () => {
    const rows = [1, 10, 100].map((alpha) => judgedAt(configurationWith({ regressor: ridge(alpha) })));
    const { facts } = await factsOf(sourceOf(rows));
    assert.deepEqual(
      facts.heatMaps.map(({ kind, y, x }) => [kind, y, x.levels]),
      [['ridge', null, ['1', '10', '100']]],
    );
    assert.deepEqual(
      facts.importance.variance.map(({ kind, notExact }) => [kind, notExact]),
      [['ridge', null]],
    );
  });

  test('AUC is missing: the gates are not met, and nothing is made up', async () => {
    const rows = GRID.slice(0, 4).map((configuration) => {
      const row = judgedAt(configuration);
      const metrics = [...row.metrics];
      metrics[metricPlace('LONG', 'market_plus_state', 'latest_stress', 'auc')] = null;
      return { ...row, passed: false, smallestMargin: null, weakestGate: 2, metrics };
    });
    const { facts, columns } = await factsOf(sourceOf(rows));
    assert.deepEqual([facts.gates.gates[2]!.label, facts.gates.gates[2]!.passed], ['LONG stress AUC', 0]);
    assert.equal(facts.gates.gates[2]!.largest, null);
    assert.ok(Number.isNaN(columns.get('margin_2')!.values[0]));
    assert.match(plainText(facts.headline.lead), /LONG stress AUC has no value/);
  });

  test('all failed: reasons with their counts, and no path where the machine is to be left out', async () => {
    const failures = GRID.slice(0, 3).map((configuration, i) => {
      const message = `/home/somebody/data/run/labels.parquet: ${i < 2 ? 'no rows' : 'one class'}`;
      return failed(`f${i}`, message, configuration);
    });
    const { facts, title, columns } = await factsOf(sourceOf([], failures), { withMachine: false });
    assert.equal(title, 'No configuration could be judged.');
    assert.deepEqual(
      facts.failures.reasons.map(({ reason, count }) => [reason, count]),
      [
        ['UserError: labels.parquet: no rows', 2],
        ['UserError: labels.parquet: one class', 1],
      ],
    );
    assert.deepEqual(
      Array.from<string | number>(columns.get('verdict')!.values),
      new Array(3).fill(ROW_VERDICTS.indexOf('error')),
    );
    assert.doesNotMatch(JSON.stringify(facts), /somebody|a CPU|a host/);
    assert.match(JSON.stringify((await factsOf(sourceOf([], failures))).facts), /a CPU.*home.somebody/);
  });

  test('names that would turn a text around or end a line are shown as escapes', async () => {
    const source = sourceOf([judgedAt(GRID[0]!)]);
    const { facts } = await factsOf({ ...source, sweep: { ...source.sweep, name: 'a\u202eb\n</script>' } });
    assert.equal(facts.name, 'a\\u202eb\\x0a</script>');
  });

  test('two sweeps are compared by what both have judged', async () => {
    const rows = GRID.map((configuration) => judgedAt(configuration));
    const other = rows.slice(10).map((row) => ({ ...row, tuneEdgeMaeRatio: row.tuneEdgeMaeRatio! + 0.01 }));
    const { report } = await reportFacts([sourceOf(rows), sourceOf(other)], '0.0.0', { withMachine: true, db: [] });
    const [comparison] = report.comparisons;
    assert.deepEqual([comparison!.common, comparison!.onlyInA, comparison!.onlyInB], [38, 10, 0]);
    assert.ok(Math.abs(comparison!.tuneChange!.median - 0.01) < 1e-12);
    assert.equal(comparison!.moved.length, 38);
  });

  test('of 25,000 rows the best 20,000 by tune stand in the file, and passes behind them; figures are of all, and it says so', async () => {
    const one = judgedAt(configurationWith({ regressor: huber(1) }));
    const rows = Array.from({ length: 25_000 }, (_, i): JudgedConfiguration => {
      const configuration = configurationWith({
        regressor: huber(0.001 * (1 + (i % 200)), 1 + Math.floor(i / 200) / 200),
      });
      const metrics = one.metrics.map((value, m) => (typeof value === 'number' && m % 2 === 0 ? 0.9 + i / 1e6 : value));
      const id = (0x1000000 + i).toString(16).padEnd(24, '0');
      const passed = i % 5000 === 4999;
      return { ...one, configurationId: id, configuration, metrics, tuneEdgeMaeRatio: 0.9 + i / 1e6, passed };
    });
    const { facts, columns } = await factsOf({
      ...sourceOf(rows),
      find: sourceOf([one]).find.bind(null, one.configurationId),
    });
    assert.deepEqual([facts.rows.count, facts.rows.of, facts.rows.hasMetrics], [20_001, 25_000, false]);
    assert.match(facts.leftOut[0]!, /^20,001 of 25,000 judged .* the best 20,000 by tune, and 5 of 5 that pass/);
    const ranks = Array.from<string | number>(columns.get('rank')!.values);
    assert.deepEqual([ranks[19_999], ranks[20_000]], [20_000, 25_000]);
    const { bins } = facts.gates;
    assert.deepEqual([bins!.from.length, bins!.from[1], bins!.to.at(-1)], [1000, 26, 25_000]);
    assert.equal(
      bins!.passes.reduce((sum, count) => sum + count, 0),
      5,
    );
    const { density } = facts.carryOver.splits[0]!;
    assert.equal(
      density!.counts.reduce((sum, count) => sum + count, 0),
      25_000,
    );
    assert.equal(
      facts.heatMaps[0]!.panels[0]!.judged.reduce((sum, count) => sum + count, 0),
      25_000,
    );
  });
});
