import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, futimesSync, openSync, readSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Json } from '../canonical-json.ts';
import { systemWords } from '../system-words.ts';
import { writeFileWhole } from '../whole-files.ts';
import { CacheProblem } from './cache-folder.ts';

const VIEWS = { f32: Float32Array, f64: Float64Array, i32: Int32Array, i64: BigInt64Array, u8: Uint8Array } as const;
type ViewKind = keyof typeof VIEWS;
export type FileArray =
  | Float32Array<ArrayBufferLike>
  | Float64Array<ArrayBufferLike>
  | Int32Array<ArrayBufferLike>
  | BigInt64Array<ArrayBufferLike>
  | Uint8Array<ArrayBufferLike>;

const MAGIC = 'SCSARRAY';
const ALIGNMENT = 64;

/** Magic word, the header's length, the header's SHA-256. */
const PREFIX_BYTES = MAGIC.length + 4 + 32;

type Header = {
  /** the file's own name: under another it is another's */
  readonly name: string;
  readonly meta: Json;
  readonly arrays: readonly { name: string; kind: ViewKind; byteOffset: number; length: number }[];
  readonly payloadBytes: number;
  readonly sha256: string;
};

/**
 * A few named arrays and a JSON value in one file: magic, length and SHA-256 of the header, header, arrays. The header
 * carries the SHA-256 of the arrays, and the file's name. Written under a temporary name, then renamed: a reader sees a whole file or none.
 *
 * @returns the file's size in bytes
 */
export async function writeArrayFile(
  path: string,
  meta: Json,
  arrays: Readonly<Record<string, FileArray>>,
): Promise<number> {
  const directory: { name: string; kind: ViewKind; byteOffset: number; length: number }[] = [];
  const hash = createHash('sha256');
  const pieces: Uint8Array[] = [];
  let payloadBytes = 0;
  for (const [name, array] of Object.entries(arrays)) {
    directory.push({ name, kind: kindOf(array), byteOffset: payloadBytes, length: array.length });
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const padding = new Uint8Array((ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT);
    pieces.push(bytes, padding);
    payloadBytes += bytes.length + padding.length;
    hash.update(bytes).update(padding);
  }
  const header: Header = { name: basename(path), meta, arrays: directory, payloadBytes, sha256: hash.digest('hex') };
  const text = Buffer.from(JSON.stringify(header));
  const start = Buffer.alloc(aligned(PREFIX_BYTES + text.length));
  start.write(MAGIC);
  start.writeUInt32LE(text.length, MAGIC.length);
  createHash('sha256')
    .update(text)
    .digest()
    .copy(start, MAGIC.length + 4);
  text.copy(start, PREFIX_BYTES);
  await mkdir(dirname(path), { recursive: true });
  await writeFileWhole(path, async (file) => {
    for (const piece of [start, ...pieces]) await file.write(piece);
  });
  return start.length + payloadBytes;
}

/** A file whose header has been read and verified, and nothing else yet. */
export type OpenArrayFile = Disposable & {
  readonly meta: unknown;
  lengthOf(name: string): number;
  /**
   * Its arrays, verified against their checksum; null when the file is cut short or damaged, whatever the targets hold
   * then. The file may be renamed or deleted meanwhile: what was opened is what is read.
   *
   * @param targets arrays to read into, of the kind and length that the file has; others are made
   */
  read(targets?: Readonly<Record<string, FileArray>>): Readonly<Record<string, FileArray>> | null;
};

/**
 * Opens what was written under this name; null when it is missing or its header damaged.
 *
 * @throws CacheProblem where something stands there that is no file of ours, or that may not be read
 */
export function openArrayFile(path: string): OpenArrayFile | null {
  let file: number;
  try {
    // Neither through a link, which leads to somebody else's file, nor waiting for whoever writes to a pipe.
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new CacheProblem(`${basename(path)}: ${systemWords(error)}`, { cause: error });
  }
  if (!fstatSync(file).isFile()) {
    closeSync(file);
    throw new CacheProblem(`${basename(path)} is no file`);
  }
  const found = headerOf(file);
  if (found === null || found.header.name !== basename(path)) {
    closeSync(file);
    return null;
  }
  markUsed(file);
  const { header, payloadStart } = found;
  const entryOf = (name: string) => header.arrays.find((entry) => entry.name === name);
  return {
    meta: header.meta,
    lengthOf: (name) => entryOf(name)?.length ?? 0,
    read: (targets = {}) => readPayload(file, payloadStart, header, targets),
    [Symbol.dispose]: () => closeSync(file),
  };
}

/** For the order of pruning, which needs no more than a hint: another user's file keeps its time. */
function markUsed(file: number): void {
  const now = new Date();
  try {
    futimesSync(file, now, now);
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error;
  }
}

function readPayload(
  file: number,
  start: number,
  { arrays, payloadBytes, sha256 }: Header,
  targets: Readonly<Record<string, FileArray>>,
): Record<string, FileArray> | null {
  if (fstatSync(file).size !== start + payloadBytes) return null;
  const hash = createHash('sha256');
  const out: Record<string, FileArray> = {};
  for (const [i, { name, kind, byteOffset, length }] of arrays.entries()) {
    const array = targets[name] ?? new VIEWS[kind](length);
    if (kindOf(array) !== kind || array.length !== length) {
      throw new TypeError(`${name}: the file has ${length} values of kind ${kind}, the target ${array.length}`);
    }
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const padding = new Uint8Array((arrays[i + 1]?.byteOffset ?? payloadBytes) - byteOffset - bytes.length);
    if (!readWhole(file, bytes, start + byteOffset)) return null;
    if (!readWhole(file, padding, start + byteOffset + bytes.length)) return null;
    hash.update(bytes).update(padding);
    out[name] = array;
  }
  return hash.digest('hex') === sha256 ? out : null;
}

/** Fills `bytes` from a position of a file; false where the file ends before. */
function readWhole(file: number, bytes: Uint8Array, position: number): boolean {
  for (let at = 0; at < bytes.length; ) {
    const got = readSync(file, bytes, at, bytes.length - at, position + at);
    if (got === 0) return false;
    at += got;
  }
  return true;
}

function headerOf(file: number): { header: Header; payloadStart: number } | null {
  const prefix = Buffer.alloc(PREFIX_BYTES);
  if (!readWhole(file, prefix, 0) || prefix.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  const length = prefix.readUInt32LE(MAGIC.length);
  if (fstatSync(file).size < PREFIX_BYTES + length) return null;
  const text = Buffer.alloc(length);
  if (!readWhole(file, text, PREFIX_BYTES)) return null;
  const expected = prefix.subarray(MAGIC.length + 4);
  if (!createHash('sha256').update(text).digest().equals(expected)) return null;
  // Its checksum says that it is what `writeArrayFile` wrote.
  return { header: JSON.parse(text.toString('utf8')) as Header, payloadStart: aligned(PREFIX_BYTES + length) };
}

function kindOf(array: FileArray): ViewKind {
  for (const [kind, View] of Object.entries(VIEWS)) if (array instanceof View) return kind as ViewKind;
  throw new TypeError('an array of a kind that no file holds');
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
