import assert from 'node:assert/strict';
import { METRIC_COLUMNS, type MetricValue } from '../../src/store/metric-columns.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import type { JudgedConfiguration, WholeJudgement } from '../../src/store/records.ts';
import type { ShownResult } from '../../src/store/shown-result.ts';

/** Everything a store holds of one verdict but how long it took and which run made it. */
export type StoredVerdict = Omit<JudgedConfiguration, 'durationMs' | 'runId' | 'metrics'> &
  Pick<WholeJudgement, 'dailyLosses'> & {
    readonly result: ShownResult;
    readonly verdict: WholeJudgement['verdict'] | null;
    readonly metrics: Readonly<Record<string, MetricValue>>;
  };

/** All verdicts of a store by their configuration's id. The store has to be whole. */
export async function storedVerdicts(path: string): Promise<ReadonlyMap<string, StoredVerdict>> {
  await using store = await openVerdictStore(path, { mode: 'read' });
  assert.deepEqual(await store.check(), []);
  const verdicts = new Map<string, StoredVerdict>();
  for await (const page of store.pages({ metrics: METRIC_COLUMNS })) {
    for (const { durationMs: _, runId: _run, metrics, ...judged } of page) {
      const id = judged.configurationId;
      assert.ok(!verdicts.has(id), `${id} has two verdicts`);
      const found = await store.find(id);
      assert.ok(found.kind === 'completed');
      const { result, verdict, dailyLosses } = found;
      const named = Object.fromEntries(METRIC_COLUMNS.map(({ name }, i) => [name, metrics[i] ?? null]));
      verdicts.set(id, { ...judged, metrics: named, result, verdict, dailyLosses });
    }
  }
  return verdicts;
}

/** The same configurations, and bit for bit the same numbers. */
export function assertSameVerdicts(
  actual: ReadonlyMap<string, StoredVerdict>,
  expected: ReadonlyMap<string, StoredVerdict>,
): void {
  assert.deepEqual([...actual.keys()].sort(), [...expected.keys()].sort());
  const different: string[] = [];
  let largest = 0;
  for (const [id, verdict] of expected) {
    const found = new Map(leaves(actual.get(id), id));
    const wanted = new Map(leaves(verdict, id));
    assert.deepEqual([...found.keys()], [...wanted.keys()]);
    for (const [place, value] of wanted) {
      const other = found.get(place);
      if (Object.is(other, value)) continue;
      different.push(`${place}: ${other}, expected ${value}`);
      largest = Math.max(largest, relativeDifference(other, value));
    }
  }
  const summary = `${different.length} values differ, relatively by up to ${largest.toExponential(2)}`;
  assert.deepEqual(different.slice(0, 5), [], summary);
}

/** Every number and text of a value, with the way to it. */
function* leaves(value: unknown, path: string): Generator<[path: string, value: unknown]> {
  if (typeof value !== 'object' || value === null) yield [path, value];
  else for (const [key, item] of Object.entries(value)) yield* leaves(item, `${path}.${key}`);
}

function relativeDifference(a: unknown, b: unknown): number {
  if (typeof a !== 'number' || typeof b !== 'number') return Infinity;
  return Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}
