import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expectFolder } from '../expected-folder.ts';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import { replaceFolder, reserveFolderBeside } from '../whole-files.ts';
import { MODEL_FILE_NAMES, MODELS_FOLDER, type ModelFileName } from './models/model-file-names.ts';

/** The files in a run's `models/`, by name. */
export type ModelFiles = Readonly<Record<ModelFileName, Uint8Array | string>>;

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

/**
 * @param otherwise the option that names another folder
 * @throws UserError when no folder can be there, or there is one already that may not be replaced: without `force`, or when it
 *   holds anything but a run's own files, which nobody asked to lose
 */
export function refuseExisting(folder: string, force: boolean, otherwise: '--run-id' | '--out'): void {
  expectFolder(folder, "a folder for the run's files", 'Name another');
  if (!existsSync(folder)) return;
  const entries = readdirSync(folder);
  const foreign = foreignEntry(folder, entries);
  if (foreign !== undefined) {
    throw new UserError(
      `${folder}: holds ${foreign}, which is no run's file; nothing is replaced there. Name another folder.`,
    );
  }
  if (!force && entries.length > 0) {
    throw new UserError(
      `${folder}: already holds a run's files. Choose another ${otherwise}, or --force to replace them.`,
    );
  }
}

/** The first entry that no run writes; in the folder of models, too. */
function foreignEntry(folder: string, entries: readonly string[]): string | undefined {
  const foreign = entries.find((name) => name !== MODELS_FOLDER && !RUN_FILE_NAMES.includes(name));
  if (foreign !== undefined || !entries.includes(MODELS_FOLDER)) return foreign;
  const models = join(folder, MODELS_FOLDER);
  // A link to somewhere else is nothing that a run makes.
  if (!lstatSync(models).isDirectory()) return MODELS_FOLDER;
  const names: readonly string[] = MODEL_FILE_NAMES;
  const inModels = readdirSync(models).find((name) => !names.includes(name));
  return inModels === undefined ? undefined : `${MODELS_FOLDER}/${inModels}`;
}

const RUN_FILE_NAMES: readonly string[] = [
  'state_continue_train.parquet',
  'experiment_manifest.json',
  'position_state_feature_schema.json',
  'position_state_feature_order.json',
  'position_state_source_manifest.json',
  'state_continue_predictions.parquet',
  'state_continue_result.json',
  'state_continue_verdict.json',
  'state_continue_experiment_report.md',
] satisfies readonly (keyof RunFiles)[];

/**
 * Writes a run's files and its models whole or not at all: into a temporary folder beside the final one, which takes its place by one
 * rename. A folder that is replaced is moved aside first and removed last, so that one whole set exists at any moment.
 */
export async function writeRunFiles(
  folder: string,
  files: RunFiles,
  models: ModelFiles,
  force: boolean,
  otherwise: '--run-id' | '--out',
): Promise<void> {
  refuseExisting(folder, force, otherwise);
  // Without the slash that a user may have put at the end, with which a link would be followed.
  const place = resolve(folder);
  let temporary: string | undefined;
  try {
    temporary = await reserveFolderBeside(place);
    await writeFiles(temporary, files);
    await mkdir(join(temporary, MODELS_FOLDER));
    await writeFiles(join(temporary, MODELS_FOLDER), models);
    if (existsSync(place)) await replaceFolder(temporary, place);
    else await rename(temporary, place);
  } catch (error) {
    // What went wrong first is what counts.
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true }).catch(() => {});
    if (error instanceof Error && 'code' in error) {
      throw new UserError(
        `${folder}: the run's files could not be written (${systemWords(error)}); nothing was left behind`,
        {
          cause: error,
        },
      );
    }
    throw error;
  }
}

async function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content, { flush: true });
}

/** JSON as the seed writes it: two spaces, other alphabets as they are. */
export function indentedJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
