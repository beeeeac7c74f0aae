import { crc32, gunzipSync, zstdDecompressSync } from 'node:zlib';
import yauzl from 'yauzl';
import { countOf, countText } from '../../../counts.ts';
import { messageOf, UserError } from '../../../user-error.ts';
import { fileKind } from './file-kind.ts';

/** A file without its wrapping. */
export type Member = {
  /** How errors name it: the file, and the names within archives. */
  readonly name: string;
  /** The wrappings, outermost first. */
  readonly wrappings: readonly string[];
  readonly bytes: Buffer;
};

/** More than three archives one within the other are no bars. */
const MOST_WRAPPINGS = 3;
const MOST_MEMBERS = 10_000;
/**
 * Bars pack 3 to 10 times smaller, a price that never moves 30 times, and gzip at its best 1032 times: what unpacks to
 * more times its size than this holds no bars, and is not unpacked any further.
 */
const MOST_UNPACKED = 100;
/** Too small to do harm at any ratio. */
const HARMLESS_BYTES = 4 * 2 ** 20;
/** The largest text that is taken apart: its cells take as much again. */
export const LARGEST_BYTES = 2 ** 31 - 1;

/**
 * A file's members: itself where it is no archive. They come one at a time, so that an archive of years of days is never
 * unpacked whole; names within an archive are names, never paths that are written to.
 *
 * @throws UserError naming file and member: a damaged or encrypted archive, or one that unpacks to far too much
 */
export async function* membersOf(
  name: string,
  bytes: Buffer,
  wrappings: readonly string[] = [],
): AsyncGenerator<Member> {
  const kind = fileKind(bytes);
  if (kind === 'zip' || kind === 'gzip' || kind === 'zstd') {
    if (wrappings.length >= MOST_WRAPPINGS) {
      throw new UserError(`${name}: expected at most ${MOST_WRAPPINGS} archives one within the other. Unpack it first`);
    }
    const inner = [...wrappings, kind];
    if (kind === 'zip') {
      for await (const member of zipMembers(name, bytes)) yield* membersOf(member.name, member.bytes, inner);
    } else yield* membersOf(name, kind === 'gzip' ? gunzip(name, bytes) : unzstd(name, bytes), inner);
    return;
  }
  yield { name, wrappings, bytes };
}

function gunzip(name: string, bytes: Buffer): Buffer {
  return unpackWith(name, 'gzip', bytes, (maxOutputLength) => gunzipSync(bytes, { maxOutputLength }));
}

function unzstd(name: string, bytes: Buffer): Buffer {
  return unpackWith(name, 'zstd', bytes, (maxOutputLength) => zstdDecompressSync(bytes, { maxOutputLength }));
}

function unpackWith(name: string, kind: string, bytes: Buffer, unpack: (largest: number) => Buffer): Buffer {
  const largest = mostUnpacked(bytes.length);
  try {
    return unpack(largest);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw tooMuch(name, kind, bytes.length, largest, error);
    }
    throw new UserError(`${name}: expected a whole ${kind} file, got ${messageOf(error)}. Fetch it again`, {
      cause: error,
    });
  }
}

function mostUnpacked(packed: number): number {
  return Math.min(Math.max(MOST_UNPACKED * packed, HARMLESS_BYTES), LARGEST_BYTES);
}

function tooMuch(name: string, kind: string, packed: number, largest: number, cause?: unknown): UserError {
  return new UserError(
    `${name}: expected a ${kind} file of ${countOf(packed, 'byte')} to unpack to ${countText(largest)} at the most, got more. ` +
      'Unpack it and see what it holds, or write the bars as parquet',
    { cause },
  );
}

/** What archives hold beside data: folders, files that macOS and Windows make, checksums of the files beside them. */
function isBesideData(path: string): boolean {
  return (
    path.endsWith('/') || /(?:^|\/)(?:__MACOSX\/|\.|Thumbs\.db$|desktop\.ini$)/i.test(path) || isChecksumName(path)
  );
}

export function isChecksumName(path: string): boolean {
  return /\.(?:checksum|md5|sha1|sha256|sha512|asc|sig)$/i.test(path);
}

async function* zipMembers(name: string, bytes: Buffer): AsyncGenerator<{ name: string; bytes: Buffer }> {
  const damaged = (error: unknown): UserError =>
    error instanceof UserError
      ? error
      : new UserError(`${name}: expected a whole zip archive, got ${reasonOf(error)}. Fetch it again`, {
          cause: error,
        });
  let zip: yauzl.ZipFile;
  try {
    zip = await yauzl.fromBufferPromise(bytes, { validateEntrySizes: true });
  } catch (error) {
    throw damaged(error);
  }
  if (zip.entryCount > MOST_MEMBERS)
    throw new UserError(
      `${name}: expected at most ${MOST_MEMBERS} files in it, got ${zip.entryCount}. Give parts of it`,
    );
  let unpacked = 0;
  let members = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (/^(?:\[Content_Types\]\.xml|xl\/)/.test(entry.fileName)) {
        throw new UserError(
          `${name}: expected CSV, JSON, parquet or Arrow, packed or not, got an Excel workbook. Save the sheet as CSV`,
        );
      }
      if (isBesideData(entry.fileName)) continue;
      const inner = `${name} › ${entry.fileName}`;
      if (entry.isEncrypted())
        throw new UserError(`${inner}: expected a file without password, got an encrypted one. Unpack it first`);
      unpacked += entry.uncompressedSize;
      // What the directory promises is checked against what comes, so that it bounds both.
      if (unpacked > mostUnpacked(bytes.length)) throw tooMuch(name, 'zip', bytes.length, mostUnpacked(bytes.length));
      members += 1;
      yield { name: inner, bytes: await zipMember(zip, entry, inner) };
    }
  } catch (error) {
    throw damaged(error);
  } finally {
    zip.close();
  }
  if (members === 0) throw new UserError(`${name}: expected a zip archive of bar files, got one without files`);
}

async function zipMember(zip: yauzl.ZipFile, entry: yauzl.Entry, name: string): Promise<Buffer> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (crc32(bytes) !== entry.crc32 >>> 0) throw new Error('a checksum that does not fit');
    return bytes;
  } catch (error) {
    throw new UserError(`${name}: expected a whole member of a zip archive, got ${reasonOf(error)}. Fetch it again`, {
      cause: error,
    });
  }
}

function reasonOf(error: unknown): string {
  return messageOf(error).replace(/\.+$/, '');
}
