import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TEMPORARY_END, writeFileWhole } from '../whole-files.ts';

export type CacheOptions = { readonly folder: string; readonly maxBytes: number };

/** All files of the cache together; the ones longest unused go first. */
export const DEFAULT_CACHE_BYTES = 2 * 2 ** 30;

/** The cache cannot be used. It saves time and nothing else: whoever meets this builds anew, and says so. */
export class CacheProblem extends Error {
  override readonly name = 'CacheProblem';
}

/** What the Cache Directory Tagging Specification asks for, so that backups pass over the folder, and whose cache it is. */
const TAG = 'CACHEDIR.TAG';
const TAG_START = 'Signature: 8a477f597d28d172789f06886806bc55';
const TAG_TEXT = `${TAG_START}\n# State rows that sweep has built, for its next run. This folder may be deleted.\n`;

/** In the same folder, and another's business: baseline runs that were fetched. */
export const DATA_FOLDER = 'data';

const SUFFIX = '.rows';
/** Names of ours: a SHA-256, and what part of the cache it is. */
const OWN_NAME = /^[0-9a-f]{64}(\.features|\.age-\d+|\.count-\d+)?\.rows$/;
/** What a run that was killed has left; a file takes minutes at most to write. */
const STALE_TEMPORARY_MS = 24 * 3_600_000;

/**
 * The folder of the cache of state rows. What is deleted in it are files with names of ours, and those only where the
 * folder carries our tag: we have made it, or found nothing but our own files there.
 */
export class CacheFolder {
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor({ folder, maxBytes }: CacheOptions) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
  }

  /** @param name a hash, and what part of the cache it is */
  path(name: string): string {
    return join(this.#folder, `${name}${SUFFIX}`);
  }

  /** Makes the folder where it is not there, and marks it as ours where nothing in it is another's. */
  async make(): Promise<void> {
    mkdirSync(this.#folder, { recursive: true });
    if (!readdirSync(this.#folder).every((name) => name === DATA_FOLDER || isOwn(name))) return;
    await writeFileWhole(join(this.#folder, TAG), async (file) => {
      await file.writeFile(TAG_TEXT);
    });
  }

  /** Deletes the files longest unused until what is left is within the bound. */
  prune(): void {
    if (!this.#isMarked()) return;
    const files = readdirSync(this.#folder)
      .filter(isOwn)
      .flatMap((name) => {
        const path = join(this.#folder, name);
        // Another run may have deleted it; a folder or a link under a name of ours is nothing that we have written.
        const found = lstatSync(path, { throwIfNoEntry: false });
        return found?.isFile() ? [{ path, sizeBytes: found.size, usedMs: found.mtimeMs }] : [];
      });
    const now = Date.now();
    const isStale = ({ path, usedMs }: (typeof files)[number]) =>
      TEMPORARY_END.test(path) && now - usedMs > STALE_TEMPORARY_MS;
    for (const { path } of files.filter(isStale)) rmSync(path, { force: true });
    const whole = files.filter(({ path }) => path.endsWith(SUFFIX)).sort((a, b) => a.usedMs - b.usedMs);
    let total = whole.reduce((sum, file) => sum + file.sizeBytes, 0);
    for (const { path, sizeBytes } of whole) {
      if (total <= this.#maxBytes) return;
      rmSync(path, { force: true });
      total -= sizeBytes;
    }
  }

  #isMarked(): boolean {
    const path = join(this.#folder, TAG);
    return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true && readFileSync(path, 'utf8') === TAG_TEXT;
  }
}

/** Whether a name is that of a file of the cache, or of one that is being written. */
function isOwn(name: string): boolean {
  return OWN_NAME.test(name.replace(TEMPORARY_END, ''));
}
