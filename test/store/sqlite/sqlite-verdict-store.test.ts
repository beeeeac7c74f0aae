import { join } from 'node:path';
import { openVerdictStore } from '../../../src/store/open-verdict-store.ts';
import { describeVerdictStore } from '../contract.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describeVerdictStore('a verdict store in a SQLite file', (t) => {
  const path = join(temporaryFolder(t), 'sweeps.db');
  return (mode) => openVerdictStore(path, { mode });
});
