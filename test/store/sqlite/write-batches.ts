import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { beginSyntheticRun, syntheticConfigurations, syntheticOutcome } from '../synthetic.ts';

// Run by a test, to be killed: stores batches of verdicts and prints how many the store has after each.
const [path = '', batchSize = ''] = process.argv.slice(2);
const size = Number(batchSize);
const store = await openVerdictStore(path, { mode: 'write' });
const records = syntheticConfigurations(3000).slice(0, 1000);
const runId = await beginSyntheticRun(store, records);
const { judged } = await store.outcomes();
for (let from = judged.length; from < records.length; from += size) {
  await store.record(
    runId,
    records.slice(from, from + size).map((record) => syntheticOutcome(record)),
  );
  process.stdout.write(`${from + size}\n`);
}
setInterval(() => {}, 1_000_000);
