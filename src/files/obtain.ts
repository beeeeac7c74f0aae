import { copyFile, link, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { countOf } from '../counts.ts';
import { makeFolders } from '../make-folders.ts';
import { sizeText } from '../size-text.ts';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import { placeFolder, removeLeftovers, reserveFolderBeside } from '../whole-files.ts';
import { ContentStore, OtherContent } from './content-store.ts';
import {
  type HashedManifest,
  MAX_MANIFEST_BYTES,
  type ManifestFile,
  parseManifest,
  totalBytes,
} from './data-manifest.ts';
import { type DownloadOptions, download } from './download.ts';
import { sha256OfFile } from './sha256-of-file.ts';
import { contentPath, type DataSource, LinkBroken, manifestPath, runPath } from './sources/data-source.ts';

/** How a run comes to lie in the folder of its manifest. */
export type RunLayout = {
  /** From that folder, with `/`. */
  readonly folderOf: (runId: string) => string;
  /** The name of the manifest in the run's folder. */
  readonly manifestName: string;
};

/** A source, and which of its manifests is meant where the user has named one. */
export type NamedSource = {
  readonly source: DataSource;
  readonly hash: string | null;
  /** The run that is wanted; null where the hash decides. */
  readonly runId: string | null;
};

export type ObtainOptions = DownloadOptions & {
  readonly maxBytes: number;
  readonly layout: RunLayout;
  /** Holds a lock that one process of this machine can have, until it is disposed of. */
  readonly lock: (path: string) => Promise<Disposable>;
  /** What happens: a sentence each. */
  readonly onNotice: (notice: string) => void;
};

export type ObtainedRun = {
  readonly runId: string;
  readonly manifestHash: string;
  /** That holds the run as its layout says. */
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
  /** Of them: had to be asked of a source, now. */
  readonly fetchedBytes: number;
};

/**
 * A baseline run from the first of some sources that has it: in a cache, by content, verified, once a machine. What is
 * there whole is taken as it is; what an earlier attempt has left goes on where it was.
 *
 * @param cacheFolder holds `content`, `parts` and `runs/MANIFEST_HASH`
 * @throws UserError where no source gives the run, each with its reason
 */
export async function obtainRun(
  sources: readonly NamedSource[],
  cacheFolder: string,
  options: ObtainOptions,
): Promise<ObtainedRun> {
  const problems: string[] = [];
  let known: HashedManifest | null = null;
  for (const { source, hash, runId } of sources) {
    try {
      const wanted: string | null = hash ?? known?.hash ?? null;
      const found = await manifestFrom(source, wanted, runId, options);
      if (known !== null && known.hash !== found.hash) {
        throw new UserError(`data ${source.name}: has other data of ${found.manifest.runId} than the source before it`);
      }
      known = found;
      return await obtainFrom(source, found, cacheFolder, options);
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof UserError)) throw error;
      problems.push(error.message);
      if (sources.length > problems.length) options.onNotice(`${error.message}; asking the next source`);
    }
  }
  throw new UserError(problems);
}

/** The manifest of that hash, or the one that the run has now. */
async function manifestFrom(
  source: DataSource,
  hash: string | null,
  runId: string | null,
  options: ObtainOptions,
): Promise<HashedManifest> {
  if (hash === null && runId === null) {
    throw new UserError(
      `data ${source.name}: which run? Name it with --run-id, or give …/runs/ID.json or …/manifests/HASH.json`,
    );
  }
  const path = hash === null ? runPath(runId ?? '') : manifestPath(hash);
  const shown = `${source.name}/${path}`;
  const text = await textFrom(source, path, options);
  if (text === null) {
    throw new UserError(
      `data ${shown}: is not there. \`sweep data publish RUN DEST\` puts a run where others can fetch it`,
    );
  }
  const found = parseManifest(text, `data ${shown}`);
  if (hash !== null && found.hash !== hash)
    throw new UserError(`data ${shown}: its SHA-256 is ${found.hash}, not its name`);
  if (runId !== null && found.manifest.runId !== runId) {
    throw new UserError(`data ${shown}: is of baseline run ${found.manifest.runId}, not of ${runId}`);
  }
  return found;
}

/** A short text; tried again as downloads are. */
async function textFrom(source: DataSource, path: string, { signal, onBroken }: ObtainOptions): Promise<string | null> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const opened = await source.open(path, 0, AbortSignal.any([signal, AbortSignal.timeout(TEXT_TIMEOUT_MS)]));
      if (opened === null) return null;
      const pieces: Uint8Array[] = [];
      let size = 0;
      for await (const piece of opened.chunks) {
        pieces.push(piece);
        size += piece.length;
        if (size > MAX_MANIFEST_BYTES) throw new UserError(`data ${source.name}/${path}: is too large for a manifest`);
      }
      return Buffer.concat(pieces).toString('utf8');
    } catch (error) {
      signal.throwIfAborted();
      const isTimeout = error instanceof DOMException && error.name === 'TimeoutError';
      if (!(error instanceof LinkBroken) && !isTimeout) throw error;
      const words = isTimeout ? `${source.name}/${path}: no answer within ${TEXT_TIMEOUT_MS / 1000} s` : error.message;
      if (attempt === TEXT_ATTEMPTS) throw new UserError(`data ${words}`, { cause: error });
      onBroken?.(`${words}; asking again`);
    }
  }
}

const TEXT_ATTEMPTS = 4;
const TEXT_TIMEOUT_MS = 30_000;

async function obtainFrom(
  source: DataSource,
  found: HashedManifest,
  cacheFolder: string,
  options: ObtainOptions,
): Promise<ObtainedRun> {
  const { manifest, hash } = found;
  const bytes = totalBytes(manifest);
  if (bytes > options.maxBytes) {
    throw new UserError(
      `data ${source.name}: baseline run ${manifest.runId} has ${sizeText(bytes)}, more than the ${sizeText(options.maxBytes)} that ` +
        'are taken. Raise --max-data',
    );
  }
  const folder = join(cacheFolder, 'runs', hash);
  const place = new PlacedRun(folder, found, options.layout);
  const obtained = { runId: manifest.runId, manifestHash: hash, folder, files: manifest.files.length, bytes };
  if ((await place.state()) === 'whole') return { ...obtained, fetchedBytes: 0 };
  await writable(cacheFolder, async () => makeFolders(cacheFolder));
  using _lock = await options.lock(join(cacheFolder, 'lock'));
  // Another process may have brought it meanwhile.
  const state = await place.state();
  if (state === 'whole') return { ...obtained, fetchedBytes: 0 };
  if (state !== 'absent') options.onNotice(`${state.damaged}: is not what was fetched; fetching it again`);
  const fetchedBytes = await fetchContent(source, found, cacheFolder, options, place);
  return { ...obtained, fetchedBytes };
}

async function fetchContent(
  source: DataSource,
  { manifest }: HashedManifest,
  cacheFolder: string,
  options: ObtainOptions,
  place: PlacedRun,
): Promise<number> {
  const store = new ContentStore(cacheFolder);
  await writable(cacheFolder, () => store.open());
  const paths = new Map<string, string>();
  const missing = new Map<string, ManifestFile>();
  for (const file of manifest.files) {
    const path = await store.verified(file);
    if (path === null) missing.set(file.sha256, file);
    else paths.set(file.sha256, path);
  }
  const bytes = [...missing.values()].reduce((sum, { size }) => sum + size, 0);
  if (missing.size > 0)
    options.onNotice(
      `fetching ${countOf(missing.size, 'file')} of ${manifest.runId}, ${sizeText(bytes)}, from ${source.name}`,
    );
  for (const [sha256, file] of missing) paths.set(sha256, await fetchFile(source, file, store, options));
  await writable(cacheFolder, () => place.make((file) => paths.get(file.sha256)!));
  return bytes;
}

/** Bytes that turn out to be others are asked for once more where a part of them was from an earlier attempt. */
async function fetchFile(
  source: DataSource,
  file: ManifestFile,
  store: ContentStore,
  options: ObtainOptions,
): Promise<string> {
  for (;;) {
    const kept = await download(
      source,
      contentPath(file.sha256),
      { path: store.partOf(file), size: file.size },
      options,
    );
    try {
      return await store.take(file);
    } catch (error) {
      if (!(error instanceof OtherContent)) throw error;
      const words = `data ${source.name}/${contentPath(file.sha256)}: ${file.path} is damaged there (${error.message})`;
      if (kept === 0) throw new UserError(`${words}. Nothing of it is kept; publish the run again`, { cause: error });
      options.onNotice(`${words}; some of it was from an earlier attempt, so it is fetched once more`);
    }
  }
}

/** A run as it lies in the folder of its manifest, whole or not at all. */
class PlacedRun {
  readonly #folder: string;
  readonly #found: HashedManifest;
  readonly #layout: RunLayout;

  constructor(folder: string, found: HashedManifest, layout: RunLayout) {
    this.#folder = folder;
    this.#found = found;
    this.#layout = layout;
  }

  /** Whether it is there, and every file of it is what its hash says. */
  async state(): Promise<'absent' | 'whole' | { readonly damaged: string }> {
    if (!(await exists(this.#folder))) return 'absent';
    const { manifest, hash, text } = this.#found;
    const run = join(this.#folder, this.#layout.folderOf(manifest.runId));
    const itself = { path: this.#layout.manifestName, size: Buffer.byteLength(text), sha256: hash };
    for (const { path, size, sha256 } of [itself, ...manifest.files]) {
      const found = await sha256OfFile(join(run, path)).catch(() => null);
      if (found?.size !== size || found.sha256 !== sha256) return { damaged: join(run, path) };
    }
    return 'whole';
  }

  /** Puts all files there, as links to one content where the file system has them. */
  async make(contentOf: (file: ManifestFile) => string): Promise<void> {
    const { manifest, text } = this.#found;
    makeFolders(dirname(this.#folder));
    await removeLeftovers(dirname(this.#folder));
    const fresh = await reserveFolderBeside(this.#folder);
    try {
      const run = join(fresh, this.#layout.folderOf(manifest.runId));
      for (const file of manifest.files) {
        const path = join(run, file.path);
        makeFolders(dirname(path));
        await link(contentOf(file), path).catch(() => copyFile(contentOf(file), path));
      }
      await writeFile(join(run, this.#layout.manifestName), text);
      await placeFolder(fresh, this.#folder);
    } catch (error) {
      await rm(fresh, { recursive: true, force: true });
      throw error;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null;
}

async function writable<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new UserError(`${folder}: cannot be written (${systemWords(error)}). Name another place with --cache`, {
      cause: error,
    });
  }
}
