import { isAbsolute, relative, sep } from 'node:path';
import { missingRun } from '../baseline/missing-run.ts';
import { fetchedReplay, inputFiles, isFromElsewhere, RunPaths } from '../baseline/run-files.ts';
import { runFolder } from '../baseline/run-folder.ts';
import { readReplaySource } from '../baseline/run-json.ts';
import { type Json, sha256Json } from '../canonical-json.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import { type HashedManifest, hashedManifest, type ManifestFile } from '../files/data-manifest.ts';
import { sha256OfFile } from '../files/sha256-of-file.ts';
import type { DataFile, DataRecord } from '../store/records.ts';
import { isFolder, systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';

export type DataReading = { readonly barGaps: BarGaps };

/**
 * A baseline run as it lies on disk, and how it is read: what the store knows data by. Its hash is made of each file's
 * name, size and bytes, so it is the same wherever the run lies.
 *
 * @throws UserError when a file cannot be read
 */
export async function baselineData(
  dataRoot: string,
  runId: string,
  featureOrderFile: string | undefined,
  reading: DataReading,
): Promise<DataRecord> {
  const files: DataFile[] = [];
  for (const file of await filesOf(dataRoot, runId, featureOrderFile)) {
    files.push({ path: file.name, ...(await hashed(file.path)) });
  }
  const kept: Json = { barGaps: reading.barGaps };
  return {
    baselineRunId: runId,
    dataRoot,
    files,
    reading: kept,
    hash: sha256Json({ format: 1, files: files.map((file) => ({ ...file })), reading: kept }),
  };
}

/** A baseline run's manifest, and where its files lie on this machine. */
export type RunManifest = HashedManifest & { readonly pathOf: (file: ManifestFile) => string };

/**
 * A baseline run by its content, as it can be published: its own files under their paths, bars from elsewhere as `replay/…`.
 *
 * @throws UserError when a file cannot be read, or has a name that no manifest takes
 */
export async function manifestOfRun(dataRoot: string, runId: string): Promise<RunManifest> {
  const root = runFolder(dataRoot, runId);
  if (!isFolder(root)) throw missingRun(dataRoot, runId, root);
  const files: ManifestFile[] = [];
  const places = new Map<string, string>();
  for (const { path, publishedAs } of await filesOf(dataRoot, runId, undefined)) {
    const { sizeBytes, sha256 } = await hashed(path);
    files.push({ path: publishedAs, size: sizeBytes, sha256 });
    places.set(publishedAs, path);
  }
  return { ...hashedManifest(runId, files), pathOf: (file) => places.get(file.path) ?? '' };
}

type InputFile = {
  readonly path: string;
  /** What the store knows it by. */
  readonly name: string;
  /** Its path in a run that was fetched. */
  readonly publishedAs: string;
};

/** Every file that a run's numbers depend on. What each is called is the same in a run and in its fetched copy. */
async function filesOf(dataRoot: string, runId: string, featureOrderFile: string | undefined): Promise<InputFile[]> {
  const root = runFolder(dataRoot, runId);
  const paths = new RunPaths(root, featureOrderFile);
  const source = await readReplaySource(paths);
  const replay = paths.replayPath(source);
  return inputFiles(paths, source).flatMap(({ path, parts }) =>
    (parts ?? []).map((part) => {
      const piece = relative(path, part).replaceAll(sep, '/');
      const below = (name: string) => (piece === '' ? name : `${name}/${piece}`);
      if (path === replay && isFromElsewhere(root, source)) {
        return { path: part, name: below('replay from elsewhere'), publishedAs: below(fetchedReplay(source)) };
      }
      const within = relative(root, part);
      // Of a file from elsewhere what it is there for, and no folder of anybody's.
      const isWithin = !within.startsWith('..') && !isAbsolute(within);
      const name = isWithin ? within.replaceAll(sep, '/') : below('feature-order from elsewhere');
      return { path: part, name, publishedAs: name };
    }),
  );
}

async function hashed(path: string): Promise<Omit<DataFile, 'path'>> {
  try {
    const { size, sha256 } = await sha256OfFile(path);
    return { sizeBytes: size, sha256 };
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${systemWords(error)})`, { cause: error });
  }
}
