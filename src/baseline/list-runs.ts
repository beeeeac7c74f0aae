import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expectFolder } from '../expected-folder.ts';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import { RUN_FILES } from './run-files.ts';
import { RUN_ID_PATTERN, runsFolder } from './run-folder.ts';

export type ListedRun = { readonly runId: string; readonly folder: string };

/** The baseline runs below a data root, by name: folders with a feature frame. Where there is no such folder, none. */
export function listRuns(dataRoot: string): ListedRun[] {
  const parent = runsFolder(dataRoot);
  expectDataRoot(dataRoot);
  return namesIn(parent)
    .filter((name) => RUN_ID_PATTERN.test(name))
    .map((runId) => ({ runId, folder: join(parent, runId) }))
    .filter(({ folder }) => existsSync(join(folder, RUN_FILES.featureFrame)));
}

/** @throws UserError where a file lies in its place, or in that of what it holds */
export function expectDataRoot(dataRoot: string): void {
  for (const path of [dataRoot, runsFolder(dataRoot)]) {
    expectFolder(path, 'a folder that holds trader-v4/runs', 'Name another with --data-root', dataRoot);
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return [];
    throw new UserError(`${folder}: cannot be listed (${systemWords(error)})`, { cause: error });
  }
}
