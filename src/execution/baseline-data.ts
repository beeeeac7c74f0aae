import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { isAbsolute, relative, sep } from 'node:path';
import { inputFiles, RunPaths } from '../baseline/run-files.ts';
import { runFolder } from '../baseline/run-folder.ts';
import { readReplaySource } from '../baseline/run-json.ts';
import { type Json, sha256Json } from '../canonical-json.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import type { DataFile, DataRecord } from '../store/records.ts';
import { messageOf, UserError } from '../user-error.ts';

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
  const root = runFolder(dataRoot, runId);
  const paths = new RunPaths(root, featureOrderFile);
  const files: DataFile[] = [];
  for (const { path, parts } of inputFiles(paths, await readReplaySource(paths))) {
    for (const part of parts ?? []) files.push(await dataFile(part, nameIn(root, part, path, featureOrderFile)));
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

/** The path within the run's folder; of a file from elsewhere what it is there for, and no folder of anybody's. */
function nameIn(root: string, part: string, path: string, featureOrderFile: string | undefined): string {
  const within = relative(root, part);
  if (!within.startsWith('..') && !isAbsolute(within)) return within.replaceAll(sep, '/');
  const piece = relative(path, part).replaceAll(sep, '/');
  const what = path === featureOrderFile ? 'feature-order' : 'replay';
  return piece === '' ? `${what} from elsewhere` : `${what} from elsewhere/${piece}`;
}

async function dataFile(path: string, name: string): Promise<DataFile> {
  try {
    await using file = await open(path);
    const hash = createHash('sha256');
    const piece = new Uint8Array(PIECE_BYTES);
    let sizeBytes = 0;
    for (;;) {
      const { bytesRead } = await file.read(piece);
      if (bytesRead === 0) break;
      hash.update(piece.subarray(0, bytesRead));
      sizeBytes += bytesRead;
    }
    return { path: name, sizeBytes, sha256: hash.digest('hex') };
  } catch (error) {
    throw new UserError(`${path}: cannot be read (${messageOf(error)})`, { cause: error });
  }
}

const PIECE_BYTES = 2 ** 20;

/** Names of files that differ between two records, with what became of them; null where one does not know its files. */
export function changedFiles(then: DataRecord, now: DataRecord): string[] | null {
  if (then.files === null || now.files === null) return null;
  const before = new Map(then.files.map((file) => [file.path, file]));
  const after = new Map(now.files.map((file) => [file.path, file]));
  return [
    ...then.files.filter(({ path }) => !after.has(path)).map(({ path }) => `${path} is gone`),
    ...now.files.flatMap(({ path, sizeBytes, sha256 }) => {
      const old = before.get(path);
      if (old === undefined) return [`${path} is new`];
      if (old.sha256 === sha256) return [];
      const size =
        old.sizeBytes === sizeBytes ? `${sizeBytes} bytes as before` : `${old.sizeBytes} bytes then, ${sizeBytes} now`;
      return [`${path} (${size})`];
    }),
  ];
}
