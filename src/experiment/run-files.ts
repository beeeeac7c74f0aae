import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, UserError } from '../user-error.ts';

/** The nine files of a run, by name. */
export type RunFiles = {
  'state_continue_train.parquet': Uint8Array;
  'experiment_manifest.json': string;
  'position_state_feature_schema.json': string;
  'position_state_feature_order.json': string;
  'position_state_source_manifest.json': string;
  'state_continue_predictions.parquet': Uint8Array;
  'state_continue_result.json': string;
  'state_continue_verdict.json': string;
  'state_continue_experiment_report.md': string;
};

/** @throws UserError when the folder is already there and may not be replaced */
export function refuseExisting(folder: string, force: boolean): void {
  if (existsSync(folder) && !force) {
    throw new UserError(`${folder}: already holds a run's files. Choose another --run-id, or --force to replace them.`);
  }
}

/**
 * Writes a run's files whole or not at all: into a temporary folder beside the final one, which takes its place by one
 * rename. A folder that is replaced is moved aside first and removed last, so that one whole set exists at any moment.
 */
export async function writeRunFiles(folder: string, files: RunFiles, force: boolean): Promise<void> {
  refuseExisting(folder, force);
  const suffix = randomBytes(6).toString('hex');
  const temporary = `${folder}.${suffix}.tmp`;
  try {
    await mkdir(dirname(folder), { recursive: true });
    await mkdir(temporary);
    for (const [name, content] of Object.entries(files))
      await writeFile(join(temporary, name), content, { flush: true });
    if (force && existsSync(folder)) {
      const replaced = `${folder}.${suffix}.replaced`;
      await rename(folder, replaced);
      await rename(temporary, folder);
      await rm(replaced, { recursive: true });
    } else {
      await rename(temporary, folder);
    }
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    if (error instanceof Error && 'code' in error) {
      throw new UserError(
        `${folder}: the run's files could not be written (${messageOf(error)}); nothing was left behind`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}

/** JSON as the seed writes it: two spaces, other alphabets as they are. */
export function indentedJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
