import { join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';
import { describe } from './json-file.ts';

/** `DATA_ROOT/trader-v4/runs/RUN_ID`, the run id being one plain folder name. */
export function runFolder(dataRoot: string, runId: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/.test(runId)) {
    throw new UserError(
      `run id ${describe(runId)}: expected a folder name of letters, digits, ".", "_" and "-", starting with a letter or digit`,
    );
  }
  return join(resolve(dataRoot), 'trader-v4', 'runs', runId);
}
