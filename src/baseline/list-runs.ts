import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import { RUN_FILES } from './run-files.ts';
import { RUN_ID_PATTERN, runsFolder } from './run-folder.ts';

export type ListedRun = { readonly runId: string; readonly folder: string };

/** The baseline runs below a data root, by name: folders with a feature frame. Where there is no such folder, none. */
export function listRuns(dataRoot: string): ListedRun[] {
  const parent = runsFolder(dataRoot);
  return namesIn(parent)
    .filter((name) => RUN_ID_PATTERN.test(name))
    .map((runId) => ({ runId, folder: join(parent, runId) }))
    .filter(({ folder }) => existsSync(join(folder, RUN_FILES.featureFrame)));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw new UserError(`${folder}: cannot be listed (${systemWords(error)})`, { cause: error });
  }
}
