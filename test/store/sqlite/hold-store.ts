import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';

// Run by a test: holds a store for writing, says so, and stays.
const [path = ''] = process.argv.slice(2);
await openVerdictStore(path, { mode: 'write' });
process.stdout.write('held\n');
setInterval(() => {}, 1_000_000);
