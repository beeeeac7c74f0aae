import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runFolder } from '../baseline/run-folder.ts';
import { countOf, countText } from '../counts.ts';
import { sha256OfFile } from '../files/sha256-of-file.ts';
import type { DataFile, DataRecord } from '../store/records.ts';

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
        old.sizeBytes === sizeBytes
          ? `other content`
          : `${countOf(old.sizeBytes, 'byte')} then, ${countText(sizeBytes)} now`;
      return [`${path} (${size})`];
    }),
  ];
}

/** Which files differ, for a sentence: the first three, and how many more. */
export function changesText(then: DataRecord, now: DataRecord): string {
  const files = changedFiles(then, now) ?? [];
  const more = files.length > FILES_NAMED ? ` and ${files.length - FILES_NAMED} more` : '';
  return files.length > 0 ? `${files.slice(0, FILES_NAMED).join(', ')}${more}` : 'it is read otherwise';
}

const FILES_NAMED = 3;

/**
 * Which files of a baseline run on this machine are not what they were, without reading all of it: a file of another size
 * has changed, one of the same size is read where it is small or was written since. Files from elsewhere and files that
 * are gone say nothing: a store is read on machines that have no data.
 *
 * @param since ISO 8601: when the data were last known to be as recorded
 * @returns the sentence's part that names them; null where nothing is known to differ
 */
export async function changesOnDisk(data: DataRecord, since: string): Promise<string | null> {
  if (data.files === null) return null;
  const now: DataFile[] = [];
  for (const file of data.files) now.push(await asItLies(data, file, Date.parse(since)));
  const files = changedFiles(data, { ...data, files: now }) ?? [];
  return files.length === 0 ? null : changesText(data, { ...data, files: now });
}

const ALWAYS_READ_BYTES = 2 ** 20;

async function asItLies(data: DataRecord, file: DataFile, sinceMs: number): Promise<DataFile> {
  const folder = runFolder(data.dataRoot, data.baselineRunId);
  const path = join(folder, file.path);
  // What a store says is not to be trusted with files of others.
  if (relative(folder, path).startsWith('..')) return file;
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return file;
  if (found.size !== file.sizeBytes) return { ...file, sizeBytes: found.size, sha256: '' };
  if (found.size > ALWAYS_READ_BYTES && found.mtimeMs < sinceMs) return file;
  // Of another user's files nothing is known.
  const read = await sha256OfFile(path).catch(() => null);
  return read === null ? file : { ...file, sha256: read.sha256 };
}
