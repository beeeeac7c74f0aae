import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readReportSource } from '../../src/report/facts/report-source.ts';
import { readLeaderboards } from '../../src/report/read-leaderboard.ts';
import { looksAt } from '../../src/report/sweep-budget.ts';
import { sweepLosses } from '../../src/report/sweep-losses.ts';
import { refuseTooMany, TooMany } from '../../src/report/too-many.ts';
import type { RankedOutcomes } from '../../src/store/ranked-outcomes.ts';
import type { VerdictStore } from '../../src/store/verdict-store.ts';

/** A database with a sweep of so many configurations. Whoever reads all of them fails here. */
function databaseOf(count: number): VerdictStore {
  const ranked: Partial<RankedOutcomes> = { size: async () => count, lookCount: async () => count };
  const store: Partial<VerdictStore> = {
    location: 'postgres://db/sweeps',
    ranked: ranked as RankedOutcomes,
    sweep: async () => ({}) as Awaited<ReturnType<VerdictStore['sweep']>>,
    outcomes: async () => {
      throw new Error('all were read');
    },
    lockedLooks: async () => {
      throw new Error('all were read');
    },
    async *losses() {
      yield await Promise.reject(new Error('all were read'));
    },
  };
  return store as VerdictStore;
}

const QUERY = { sweep: 'nightly' };

for (const [what, reads] of [
  ['a report for a browser', (store: VerdictStore) => readReportSource(store, QUERY)],
  ['what may be believed of a sweep', (store: VerdictStore) => sweepLosses(store, QUERY)],
  ['the leaderboards of all baseline runs', (store: VerdictStore) => readLeaderboards(store, 'all', {})],
  ['all looks at the locked splits', (store: VerdictStore) => looksAt(store, QUERY, [])],
] as const) {
  test(`${what}: of a database too large for this process it is refused before anything is read`, async () => {
    await assert.rejects(reads(databaseOf(10_000_000)), (error) => {
      assert.ok(error instanceof TooMany);
      assert.match(
        error.message,
        /has 10,000,000 (configurations|outcomes|looks at locked splits): of a database [15]00,000 can be/,
      );
      return true;
    });
  });
}

test('it names what can be done, and a file has no such limit', async () => {
  await assert.rejects(refuseTooMany(databaseOf(100_001), 'nightly', 'losses'), {
    message:
      'sweep nightly has 100,001 configurations: of a database 100,000 can be brought here at once. ' +
      '`sweep report --sweep nightly` ranks them; `sweep export` writes all of them as CSV, page by page',
  });
  await refuseTooMany(databaseOf(100_000), 'nightly', 'losses');
  await refuseTooMany({ ...databaseOf(10_000_000), ranked: null }, null, 'outcomes');
});
