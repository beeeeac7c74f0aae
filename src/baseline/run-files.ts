import { existsSync } from 'node:fs';
import { basename, isAbsolute, join, relative, resolve } from 'node:path';
import { partsOf } from './part-files.ts';

/**
 * The files of a baseline run, relative to its folder: what the reader reads, what a build writes, what the cache of
 * state rows is keyed by. The bars lie where the split manifest says.
 */
export const RUN_FILES = {
  featureFrame: 'feature/feature_frame.parquet',
  featureOrder: 'feature/feature_order.json',
  entryLabels: 'label/entry_labels.parquet',
  pricePlan: 'label/price_plan_context.json',
  labelConfig: 'label/label_config.json',
  splitManifest: 'split/split_manifest.json',
  directionModel: 'model/direction/direction.onnx',
  entryModel: 'model/entry/entry.onnx',
  trainManifest: 'model/model_train_manifest.json',
  buildManifest: 'baseline_build.json',
} as const;

export type RunFile = keyof typeof RUN_FILES;

/** Files that a run may lack. */
const OPTIONAL: readonly RunFile[] = ['labelConfig', 'buildManifest'];

/**
 * The file that a run carries which was fetched by content: all that it is made of lies in its folder, bars from elsewhere
 * among it, whatever the split manifest says.
 */
export const DATA_MANIFEST = 'data_manifest.json';

/** Where bars from outside of a run's folder lie in a run that was fetched, from the folder. */
export function fetchedReplay(source: string): string {
  return `replay/${basename(source)}`;
}

/** Whether `source_replay_path` leads out of a run's folder. */
export function isFromElsewhere(root: string, source: string): boolean {
  const within = relative(root, resolve(root, source));
  return within.startsWith('..') || isAbsolute(within);
}

/** Where a run's files lie. Every path that is asked for is remembered. */
export class RunPaths {
  readonly root: string;
  readonly #featureOrderFile: string | undefined;
  readonly #read = new Set<string>();

  /** @param featureOrderFile takes the place of the run's own */
  constructor(root: string, featureOrderFile?: string) {
    this.root = root;
    this.#featureOrderFile = featureOrderFile;
  }

  /** How errors name a file. */
  name(file: RunFile): string {
    return file === 'featureOrder' && this.#featureOrderFile !== undefined ? this.#featureOrderFile : RUN_FILES[file];
  }

  path(file: RunFile): string {
    const own = join(this.root, RUN_FILES[file]);
    return this.#remembered(file === 'featureOrder' ? (this.#featureOrderFile ?? own) : own);
  }

  get hasOwnFeatureOrder(): boolean {
    return this.#featureOrderFile === undefined;
  }

  /**
   * @param source `source_replay_path` of the split manifest: absolute, or relative to the run's folder; of a run that was
   *   fetched its own copy is read, and never what lies at that path on this machine
   */
  replayPath(source: string): string {
    const isFetched = isFromElsewhere(this.root, source) && existsSync(join(this.root, DATA_MANIFEST));
    return this.#remembered(resolve(this.root, isFetched ? fetchedReplay(source) : source));
  }

  /** Every path that was asked for. */
  get read(): readonly string[] {
    return [...this.#read];
  }

  #remembered(path: string): string {
    this.#read.add(path);
    return path;
  }
}

/**
 * Every file that a run's state rows depend on, folders of parts as their parts. An optional file that is not there is
 * there as null.
 *
 * @param replaySource `source_replay_path` of the split manifest
 */
export function inputFiles(
  paths: RunPaths,
  replaySource: string,
): { readonly path: string; readonly parts: readonly string[] | null }[] {
  const files = Object.keys(RUN_FILES) as RunFile[];
  return [
    ...files.map((file) => {
      const path = paths.path(file);
      return { path, parts: OPTIONAL.includes(file) && !existsSync(path) ? null : pathsOf(path) };
    }),
    { path: paths.replayPath(replaySource), parts: pathsOf(paths.replayPath(replaySource)) },
  ];
}

function pathsOf(path: string): string[] {
  return partsOf(path, path).map((part) => part.path);
}
