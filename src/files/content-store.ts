import { Buffer } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import * as cacache from 'cacache';
import { makeFolders } from '../make-folders.ts';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import type { ManifestFile } from './data-manifest.ts';
import { sha256OfFile } from './sha256-of-file.ts';

/** Bytes are not those that their hash stands for. */
export class OtherContent extends Error {
  override readonly name = 'OtherContent';
}

/**
 * Files of this machine under the SHA-256 of their content: each is put there whole and verified, by one rename, and never
 * changes. Holding the lock of its folder is up to the caller.
 */
export class ContentStore {
  readonly #folder: string;
  readonly #parts: string;

  constructor(folder: string) {
    this.#folder = join(folder, 'content');
    this.#parts = join(folder, 'parts');
  }

  /** Makes the folders, and clears away what a killed process was putting there. */
  async open(): Promise<void> {
    makeFolders(this.#parts);
    await rm(join(this.#folder, 'tmp'), { recursive: true, force: true });
  }

  /** Where a file's bytes are gathered until all of them have come. */
  partOf({ sha256 }: ManifestFile): string {
    return join(this.#parts, sha256);
  }

  /** The path of a file that is there and is what its hash says; one that is not goes. Null where there is none. */
  async verified(file: ManifestFile): Promise<string | null> {
    const info = await cacache.get.info(this.#folder, keyOf(file));
    if (!info) return null;
    const found = await sha256OfFile(info.path).catch(() => null);
    if (found?.sha256 === file.sha256) return info.path;
    await cacache.rm.content(this.#folder, integrityOf(file));
    return null;
  }

  /**
   * Takes a part that is complete in, and removes it.
   *
   * @throws OtherContent when it is not what its hash says; the part is gone all the same, since nothing can be made of it
   */
  async take(file: ManifestFile): Promise<string> {
    const part = this.partOf(file);
    const options: cacache.put.Options = { integrity: integrityOf(file), algorithms: ['sha256'], size: file.size };
    try {
      // On a disk that was full cacache may have placed less than it was given, and it writes over nothing that is there.
      await cacache.rm.content(this.#folder, integrityOf(file));
      // A stream of nothing is an error there.
      if (file.size === 0) await cacache.put(this.#folder, keyOf(file), Buffer.alloc(0), options);
      else
        await pipeline(
          createReadStream(part, { highWaterMark: PIECE_BYTES }),
          cacache.put.stream(this.#folder, keyOf(file), options),
        );
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : '';
      if (code !== 'EINTEGRITY' && code !== 'EBADSIZE') {
        throw new UserError(
          `${this.#folder}: cannot be written (${systemWords(error)}). What has come is kept: run it again`,
          {
            cause: error,
          },
        );
      }
      const { sha256 } = await sha256OfFile(part);
      await rm(part);
      throw new OtherContent(`expected SHA-256 ${file.sha256}, got ${sha256}`, { cause: error });
    }
    const path = await this.verified(file);
    if (path === null) throw new UserError(`${this.#folder}: does not keep what is written to it. Look after its disk`);
    await rm(part);
    return path;
  }
}

const PIECE_BYTES = 2 ** 20;

function keyOf({ sha256 }: ManifestFile): string {
  return `sha256:${sha256}`;
}

/** https://www.w3.org/TR/SRI/ */
function integrityOf({ sha256 }: ManifestFile): string {
  return `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`;
}
