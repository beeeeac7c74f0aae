import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { messageOf } from '../../../src/user-error.ts';

// Run by a test, as another user: opens a store and says what became of it.
const [path = '', mode] = process.argv.slice(2);
try {
  await using store = await openVerdictStore(path, { mode: mode === 'write' ? 'write' : 'read' });
  process.stdout.write(JSON.stringify({ judged: (await store.outcomes()).judged.length }));
} catch (error) {
  process.stdout.write(JSON.stringify({ error: messageOf(error) }));
}
