import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openVerdictStore } from '../src/store/open-verdict-store.ts';
import { initPostgresStore } from '../src/store/postgres/open-postgres-store.ts';
import { MIGRATIONS } from '../src/store/sqlite/migrations/index.ts';
import {
  failedOutcome,
  SYNTHETIC_DATA,
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
 *
 * Of PostgreSQL's schema in an empty database, from which it is written as text:
 *
 *   node scripts/make-schema-store.ts postgres://postgres@localhost/empty
 *   pg_dump -n sweep --no-owner --no-privileges --inserts postgres://postgres@localhost/empty |
 *     grep -vE '^(--.*|SET .*|SELECT pg_catalog.set_config.*|\\\\.*)?$' > test/store/schemas/postgres-N.sql
 */
const [url] = process.argv.slice(2);
const file = fileURLToPath(new URL(`../test/store/schemas/schema-${MIGRATIONS.length}.db`, import.meta.url));
const path = url ?? file;
if (url === undefined) rmSync(file, { force: true });
else await initPostgresStore(url);
{
  await using store = await openVerdictStore(path, { mode: 'write' });
  const records = syntheticConfigurations(36).slice(0, 12);
  const shard = { number: 1, count: 2, configurationCount: 10 };
  // A database keeps the folder as it is: it is not to be one of the machine where this runs.
  const data = url === undefined ? SYNTHETIC_DATA : { ...SYNTHETIC_DATA, dataRoot: '/data' };
  const runId = await store.beginRun({ ...SYNTHETIC_RUN, data, configurations: records, shard });
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
if (url === undefined) rmSync(`${file}.writer`);
