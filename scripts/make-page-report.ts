import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packedColumns, reportFacts } from '../src/report/facts/report-facts.ts';
import { readReportSource } from '../src/report/facts/report-source.ts';
import { openVerdictStore } from '../src/store/open-verdict-store.ts';
import { version } from '../src/version.ts';

/**
 * What a report's page is given, as two files to draw from: `header.json` and `columns.txt` (gzip in base64), as
 * `readReport` of src/page-data takes them.
 *
 *   node scripts/make-page-report.ts [--db results/sweeps.db] [--sweep quickstart] FOLDER
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    db: { type: 'string', default: 'results/sweeps.db' },
    sweep: { type: 'string', default: 'quickstart' },
  },
});
const [folder = 'results/page'] = positionals;
await using store = await openVerdictStore(values.db, { mode: 'read' });
const source = await readReportSource(store, { sweep: values.sweep });
const { report, bytes } = await reportFacts([source], version(), { withMachine: true, db: [] });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'header.json'), JSON.stringify(report));
writeFileSync(join(folder, 'columns.txt'), packedColumns(bytes));
const { user, system } = process.cpuUsage();
console.log(`${folder}: ${source.outcomes.judged.length} rows, CPU ${((user + system) / 1e6).toFixed(2)} s`);
