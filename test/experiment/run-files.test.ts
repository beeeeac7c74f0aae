import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { refuseExisting } from '../../src/experiment/run-files.ts';
import { temporaryFolder } from '../store/temporary-folder.ts';

test("a folder that holds a run's files is kept, and the option that names another is told: of a command that has it", (t) => {
  const folder = temporaryFolder(t);
  for (const option of ['--run-id', '--out'] as const) refuseExisting(folder, false, option);
  writeFileSync(join(folder, 'experiment_manifest.json'), '{}');
  for (const option of ['--run-id', '--out'] as const) {
    assert.throws(
      () => refuseExisting(folder, false, option),
      new RegExp(`already holds a run's files\\. Choose another ${option}, or --force to replace them\\.$`),
    );
    refuseExisting(folder, true, option);
  }
});
