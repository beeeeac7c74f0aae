import { DATA_MANIFEST } from '../baseline/run-files.ts';
import { RUN_PLACE } from '../baseline/run-folder.ts';
import { type NamedSource, type ObtainedRun, obtainRun } from '../files/obtain.ts';
import { type Published, publishRun } from '../files/publish.ts';
import { locate } from '../files/sources/locate.ts';
import { openDestination, openSource } from '../files/sources/open-source.ts';
import type { S3Environment } from '../files/sources/s3-source.ts';
import { lockFolder } from '../store/lock-folder.ts';
import { UserError } from '../user-error.ts';
import { manifestOfRun } from './baseline-data.ts';

export type { ObtainedRun };

export type DataOptions = {
  /** Folders, `https://…` and `s3://…`, asked in this order. */
  readonly from: readonly string[];
  /** Null where what is asked names it. */
  readonly runId: string | null;
  /** The folder that keeps what was fetched. */
  readonly folder: string;
  readonly maxBytes: number;
  readonly env: S3Environment;
  readonly signal: AbortSignal;
  readonly onNotice: (notice: string) => void;
};

/**
 * A baseline run by its content, from the first place that has it, in a cache of this machine.
 *
 * @returns with a data root that holds this run and nothing else
 * @throws UserError where no place gives it whole
 */
export async function obtainData(options: DataOptions): Promise<ObtainedRun> {
  const { signal, onNotice } = options;
  const sources: NamedSource[] = [];
  for (const text of options.from) {
    const { location, manifest } = locate(text);
    if (manifest?.by === 'run' && manifest.runId !== (options.runId ?? manifest.runId)) {
      throw new UserError(`data ${text}: is baseline run ${manifest.runId}, and ${options.runId} is wanted`);
    }
    const source = await openSource(location, options.env);
    sources.push({
      source,
      hash: manifest?.by === 'hash' ? manifest.hash : null,
      runId: manifest?.by === 'run' ? manifest.runId : options.runId,
    });
  }
  return obtainRun(sources, options.folder, {
    maxBytes: options.maxBytes,
    signal,
    onNotice,
    onBroken: onNotice,
    layout: { folderOf: (runId) => `${RUN_PLACE}/${runId}`, manifestName: DATA_MANIFEST },
    lock: (path) =>
      lockFolder(path, { signal, onWait: (holder) => onNotice(`waiting for ${holder}, which fetches data`) }),
  });
}

export type PublishedRun = Published & { readonly runId: string; readonly manifestHash: string };

/**
 * Puts a baseline run where others can fetch it.
 *
 * @param destination a folder or `s3://…`
 */
export async function publishData(
  dataRoot: string,
  runId: string,
  destination: string,
  env: S3Environment,
): Promise<PublishedRun> {
  const { location, manifest } = locate(destination);
  if (manifest !== null) throw new UserError(`${destination}: expected a place to publish to, got that of a manifest`);
  const target = await openDestination(location, env);
  const run = await manifestOfRun(dataRoot, runId);
  return { runId, manifestHash: run.hash, ...(await publishRun(run, run.pathOf, target)) };
}
