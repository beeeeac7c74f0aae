import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { numbers, readInto, texts } from '../../baseline/frame-reading.ts';
import { asObject, readJson } from '../../baseline/json-file.ts';
import { openParquet } from '../../baseline/parquet-file.ts';
import { MODELS_FOLDER } from '../../experiment/models/model-file-names.ts';
import { seedSettings } from '../../experiment/parameters.ts';
import type { CoefficientFacts } from '../../page-data/report.ts';
import type { JudgedConfiguration } from '../../store/records.ts';
import { UserError } from '../../user-error.ts';

/** What a run's folder says of its models, and whose they are. */
export type FolderOfModels = {
  readonly folder: string;
  /** Its `experiment_manifest.json`. */
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly models: CoefficientFacts['models'];
};

const FILE = 'coefficients.parquet';
const MANIFEST = 'experiment_manifest.json';

/**
 * Reads the coefficients that `sweep reproduce` and `sweep experiment` write beside a run's files.
 *
 * @throws UserError when the folder holds none, or they are not those that its manifest knows
 */
export async function readFolderOfModels(folder: string): Promise<FolderOfModels> {
  const path = join(folder, MODELS_FOLDER, FILE);
  if (!existsSync(join(folder, MANIFEST)) || !existsSync(path)) {
    throw new UserError(
      `${folder}: no folder of models (${MANIFEST} and ${join(MODELS_FOLDER, FILE)}). \`sweep reproduce ID\` writes one, and says where`,
    );
  }
  const manifest = asObject(await readJson(join(folder, MANIFEST), `${folder}: manifest`), folder);
  const models = await readModels(path);
  const known = asObject(manifest['model_files'] ?? {}, `${folder}: model_files`)[FILE];
  const found = createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
  if (known !== found) {
    throw new UserError(
      `${path}: is not the file that the folder's manifest knows. Reproduce the configuration again.`,
    );
  }
  return { folder, manifest, models };
}

/** The judged configuration that a folder's models are of: the same settings on a dataset of the same content. */
export function configurationOfModels(
  { manifest }: FolderOfModels,
  judged: readonly JudgedConfiguration[],
): string | null {
  const found = judged.find(({ configuration, dataset }) => {
    if (dataset.contentHash !== manifest['dataset_hash_sha256']) return false;
    return Object.entries(seedSettings(configuration)).every(([key, value]) => manifest[key] === value);
  });
  return found?.configurationId ?? null;
}

async function readModels(path: string): Promise<CoefficientFacts['models']> {
  const file = await openParquet(path, path);
  const [side, set, fit, feature] = [texts(file), texts(file), texts(file), texts(file)];
  const [position, coef, standardized] = [numbers(file), numbers(file), numbers(file)];
  await readInto(file, {
    side,
    feature_set: set,
    model: fit,
    feature,
    position,
    coef,
    coef_standardized: standardized,
  });
  const textAt = ({ values }: typeof side) => {
    const known = values.pool.texts();
    return (row: number): string => known[values.codes[row]!] ?? '';
  };
  const [sideAt, setAt, fitAt, featureAt] = [side, set, fit, feature].map(textAt);
  const groups = Map.groupBy(Array(file.rowCount).keys(), (row) => `${sideAt!(row)} ${setAt!(row)} ${fitAt!(row)}`);
  return [...groups.values()].map((rows) => {
    const first = rows[0]!;
    const intercept = rows.find((row) => position.values[row] === 0);
    if (intercept === undefined) throw new UserError(`${path}: a model has no intercept`);
    const features = rows
      .filter((row) => row !== intercept)
      .map((row) => ({
        name: featureAt!(row),
        standardized: standardized.values[row]!,
        original: coef.values[row]!,
      }));
    return {
      model: `${sideAt!(first).toLowerCase()}_${setAt!(first)}`,
      fit: fitAt!(first) === 'classifier' ? 'classifier' : 'regressor',
      intercept: standardized.values[intercept]!,
      features: features.sort((a, b) => Math.abs(b.standardized) - Math.abs(a.standardized)),
    };
  });
}
