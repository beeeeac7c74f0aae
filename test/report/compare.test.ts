import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ComparedSweep, compareSweeps, sweepComparisonText } from '../../src/report/compare-sweeps.ts';
import { compareVerdicts, verdictComparisonText } from '../../src/report/compare-verdicts.ts';
import { displayWidth } from '../../src/report/printable.ts';
import { verdictOf } from '../../src/report/verdict-words.ts';
import { METRIC_COLUMNS } from '../../src/store/metric-columns.ts';
import { UserError } from '../../src/user-error.ts';
import { configurationWith } from '../store/synthetic.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';
import { huber, idOf, judged, outcomesOf } from './sample-outcomes.ts';
import { assertScreen } from './screen.ts';
import { RECORDS, storeOfTwelve } from './store-of-twelve.ts';

const [FIRST, SECOND] = RECORDS;
const FAILED = RECORDS.at(-1);

describe('two verdicts', () => {
  test('stand side by side: parameters, gates with their margins, every split', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const comparison = compareVerdicts(await store.find(FIRST!.id), await store.find(SECOND!.id));
    for (const width of [80, 140]) {
      const printed = verdictComparisonText(comparison, { width, color: false });
      assertScreen(`compared-verdicts-${width}.txt`, printed);
      for (const line of printed.split('\n')) assert.ok(displayWidth(line) <= width, line);
    }
  });

  test('have the change of every metric and margin: what B has, less what A has', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const [a, b] = [await store.find(FIRST!.id), await store.find(SECOND!.id)];
    assert.ok(a.kind === 'completed' && b.kind === 'completed');
    const { metrics, gates, parameters } = compareVerdicts(a, b);
    assert.deepEqual(
      metrics.map(({ name }) => name),
      METRIC_COLUMNS.map(({ name }) => name),
    );
    assert.ok(gates !== null);
    const moved = metrics.find(({ name }) => name === 'short_market_plus_state_latest_stress_edge_mae')!;
    const stress = ({ result }: typeof a) => result.short_market_plus_state.latest_stress!.edge_mae;
    assert.equal(moved.change, stress(b) - stress(a));
    assert.notEqual(moved.change, 0);
    for (const { a: of, b: other, marginChange } of gates) assert.equal(marginChange, other.margin! - of.margin!);
    assert.ok(parameters.some(({ same }) => !same));
    const itself = compareVerdicts(a, a);
    assert.ok(itself.parameters.every(({ same }) => same));
    assert.ok(itself.metrics.every(({ change }) => change === null || change === 0));
    assert.match(verdictComparisonText(itself, { width: 80, color: false }), /\nparameters\nall the same\n/);
  });

  test('of which one could not be judged are none', async (t) => {
    await using store = await storeOfTwelve(temporaryFolder(t));
    const [a, failed] = [await store.find(FIRST!.id), await store.find(FAILED!.id)];
    assert.throws(
      () => compareVerdicts(a, failed),
      (error) => error instanceof UserError && /could not be judged: /.test(error.message),
    );
  });
});

describe('two sweeps', () => {
  const at = (name: string, alpha: number, figures: Partial<Parameters<typeof judged>[1]> = {}) =>
    judged(name, { configuration: configurationWith({ regressor: huber(alpha) }), ...figures });
  const sweep = (name: string, list: ReturnType<typeof judged>[]): ComparedSweep => ({
    name,
    outcomes: outcomesOf(list),
    verdicts: list.map((of) => ({ judged: of, verdict: verdictOf(of, of.unconverged) })),
  });
  const before = sweep('before', [at('a', 1), at('b', 2), at('c', 3), at('d', 4), at('only-a', 5)]);
  const after = sweep('after', [
    at('d', 4, { tuneEdgeMaeRatio: 0.9600001 }),
    at('a', 1),
    at('b', 2, { tuneEdgeMaeRatio: 0.95, passed: true, gatesPassed: 8, smallestMargin: 0.002 }),
    at('c', 3, { tuneEdgeMaeRatio: 0.965 }),
    at('only-b', 6),
  ]);

  test('have what moved, the largest change first, and what only one of them has', () => {
    const { moved, ...facts } = compareSweeps(before, after);
    assert.deepEqual(
      moved.map(({ id, tuneMaeChange, verdictA, verdictB }) => [id, tuneMaeChange, verdictA, verdictB]),
      [
        [idOf('b'), 0.95 - 0.96, 'not ready', 'pass'],
        [idOf('c'), 0.965 - 0.96, 'not ready', 'not ready'],
        [idOf('d'), 0.9600001 - 0.96, 'not ready', 'not ready'],
      ],
    );
    assert.deepEqual(facts, {
      a: 'before',
      b: 'after',
      common: 4,
      onlyInA: 1,
      onlyInB: 1,
      sameData: 4,
      verdicts: [
        { a: 'not ready', b: 'not ready', count: 3 },
        { a: 'not ready', b: 'pass', count: 1 },
      ],
      tuneMaeChange: { least: 0.95 - 0.96, median: 0.9600001 - 0.96, greatest: 0.965 - 0.96 },
    });
  });

  test('on a terminal of 80 columns', () => {
    const printed = sweepComparisonText(compareSweeps(before, after), 2, { width: 80, color: false });
    assertScreen('compared-sweeps-80.txt', printed);
    for (const line of printed.split('\n')) assert.ok(displayWidth(line) <= 80, line);
  });

  test('on data of other content are told not to compare', () => {
    const other = at('a', 1);
    const moved = { ...other, dataset: { ...other.dataset, contentHash: 'f'.repeat(64), rowCount: 1 } };
    const printed = sweepComparisonText(compareSweeps(before, sweep('x', [moved])), 9, { width: 80, color: false });
    assert.match(printed, /^! 1 of them on data of other content: their figures do not compare$/m);
    assert.match(printed, /\nnothing moved\n/);
    const none = sweepComparisonText(compareSweeps(before, sweep('x', [at('z', 9)])), 9, { width: 80, color: false });
    assert.match(none, /^0 configurations judged in both, 5 only in A, 1 only in B$/m);
    assert.match(none, /\nnothing to compare\n/);
  });
});
