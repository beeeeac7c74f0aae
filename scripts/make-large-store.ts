import { parseArgs } from 'node:util';
import { openVerdictStore } from '../src/store/open-verdict-store.ts';
import {
  AGES_SETS,
  failedOutcome,
  SYNTHETIC_RUN,
  syntheticConfigurations,
  syntheticDataset,
  syntheticDatasetDays,
  syntheticOutcome,
} from '../test/store/synthetic.ts';

/**
 * Fills a new store with made-up verdicts, to measure what a store of that size costs:
 *
 *   node scripts/make-large-store.ts [--sweep NAME] STORE COUNT
 *
 * One sweep over three ages sets, a quarter ridge, the rest huber. Every hundredth configuration failed, every thousandth
 * is pending. Verdicts come from test/store/synthetic.ts and go in as a sweep's do: through `enrol` and `record`, 1,000 a
 * transaction, with every metric, document, daily loss and what `sweep trust` wants of datasets. So the store has the size and shape of a real one.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { sweep: { type: 'string', default: 'synthetic' } },
});
const [path = 'results/large.db', count = '100000'] = positionals;
const started = performance.now();
await using store = await openVerdictStore(path, { mode: 'write' });
const configurations = syntheticConfigurations(Number(count));
const runId = await store.beginRun({
  ...SYNTHETIC_RUN,
  sweepName: values.sweep,
  configurations,
});
for (const agesMinutes of AGES_SETS) {
  const { contentHash, rowCount } = syntheticDataset(agesMinutes);
  const selection = { agesMinutes, maxRowsPerSplit: 0 };
  await store.datasetBuilt(runId, selection, { contentHash, rowCount });
  await store.datasetDaysMade(runId, selection, syntheticDatasetDays());
}
const isPending = (i: number) => i % 1000 === 999;
for (let from = 0; from < configurations.length; from += 1000) {
  const outcomes = configurations
    .slice(from, from + 1000)
    .filter((_, i) => !isPending(from + i))
    .map((record, i) => ((from + i) % 100 === 50 ? failedOutcome(record) : syntheticOutcome(record)));
  await store.record(runId, outcomes);
}
const end = { outcome: 'finished', reason: 'everything is judged', finishedAt: new Date().toISOString() } as const;
await store.finishRun(runId, end, { completed: 0, failed: 0 });
console.log(
  `${path}: ${configurations.length} configurations in ${((performance.now() - started) / 1000).toFixed(1)} s`,
);
