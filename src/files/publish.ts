import type { HashedManifest, ManifestFile } from './data-manifest.ts';
import { contentPath, type DataDestination, manifestPath, runPath } from './sources/data-source.ts';

export type Published = {
  /** What fetches these data, and no others, from now on: the place of the manifest under its hash. */
  readonly manifest: string;
  readonly files: number;
  /** Of them: were not there yet. */
  readonly newFiles: number;
  readonly newBytes: number;
};

/**
 * Puts a run where others can fetch it: its files under their hashes, then its manifest, and last the name of the run, so
 * that who reads meanwhile finds what was there before or all of it.
 *
 * @param fileOf where a file of the manifest lies
 * @throws UserError where a file has changed since its manifest was made, or the destination cannot be written
 */
export async function publishRun(
  { manifest, hash, text }: HashedManifest,
  fileOf: (file: ManifestFile) => string,
  destination: DataDestination,
): Promise<Published> {
  const different = new Map(manifest.files.map((file) => [file.sha256, file]));
  let newFiles = 0;
  let newBytes = 0;
  for (const file of different.values()) {
    const path = contentPath(file.sha256);
    if (await destination.has(path, file)) continue;
    await destination.putFile(path, fileOf(file), file);
    newFiles += 1;
    newBytes += file.size;
  }
  await destination.putText(manifestPath(hash), text);
  await destination.putText(runPath(manifest.runId), text);
  return { manifest: `${destination.name}/${manifestPath(hash)}`, files: manifest.files.length, newFiles, newBytes };
}
