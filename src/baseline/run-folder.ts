import { join, resolve } from 'node:path';
import { UserError } from '../user-error.ts';
import { describe } from './json-file.ts';

/** The id of a run, baseline run or experiment: one plain folder name on every system. */
export const RUN_ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
export const RUN_ID_RULE =
  'expected a run\'s id of 1 to 128 letters, digits, ".", "_" and "-" that begins with a letter or digit';

/** Where runs lie below a data root, with `/`. */
export const RUN_PLACE = 'trader-v4/runs';

/** `DATA_ROOT/trader-v4/runs` */
export function runsFolder(dataRoot: string): string {
  return join(resolve(dataRoot), RUN_PLACE);
}

/** `DATA_ROOT/trader-v4/runs/RUN_ID`. @throws UserError for an id that breaks the rule */
export function runFolder(dataRoot: string, runId: string): string {
  if (!RUN_ID_PATTERN.test(runId)) throw new UserError(`run id: ${RUN_ID_RULE}, got ${describe(runId)}`);
  return join(runsFolder(dataRoot), runId);
}
