import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openVerdictStore } from '../src/store/open-verdict-store.ts';
import { MIGRATIONS } from '../src/store/sqlite/migrations/index.ts';
import {
  failedOutcome,
  SYNTHETIC_DAYS,
  SYNTHETIC_RUN,
  syntheticConfigurations,
  syntheticDataset,
  syntheticOutcome,
} from '../test/store/synthetic.ts';

/**
 * Makes the small store of the newest schema that stays in `test/store/schemas`: a sweep of twelve configurations, nine
 * judged, one failed, two pending. Run it once when a schema is released, and never again for that schema:
 *
 *   node scripts/make-schema-store.ts
 */
const path = fileURLToPath(new URL(`../test/store/schemas/schema-${MIGRATIONS.length}.db`, import.meta.url));
rmSync(path, { force: true });
{
  await using store = await openVerdictStore(path, { mode: 'write' });
  const records = syntheticConfigurations(36).slice(0, 12);
  const shard = { number: 1, count: 2, configurationCount: 10 };
  const runId = await store.beginRun({ ...SYNTHETIC_RUN, configurations: records, shard });
  await store.datasetBuilt(runId, syntheticDataset(), syntheticDataset());
  await store.datasetDaysMade(runId, syntheticDataset(), SYNTHETIC_DAYS);
  const judged = records.slice(0, 9).map((record) => syntheticOutcome(record));
  const recorded = await store.record(runId, [...judged, failedOutcome(records[9]!)]);
  const end = {
    outcome: 'interrupted',
    reason: 'stopped by a signal',
    finishedAt: '2026-01-02T03:10:00.000Z',
  } as const;
  await store.finishRun(runId, end, recorded);
}
rmSync(`${path}.writer`);
