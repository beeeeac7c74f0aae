import { createHash, randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Json } from '../canonical-json.ts';

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
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  await mkdir(dirname(path), { recursive: true });
  try {
    const file = await open(temporary, 'wx');
    try {
      for (const piece of [start, ...pieces]) await file.write(piece);
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return start.length + payloadBytes;
}

export type ArrayFile = { readonly meta: unknown; readonly arrays: Readonly<Record<string, FileArray>> };

/** What was written under this name, verified against its checksums; null when it is missing, cut short or damaged. */
export async function readArrayFile(path: string): Promise<ArrayFile | null> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const header = headerOf(bytes);
  if (header === null || header.name !== basename(path)) return null;
  const start = aligned(PREFIX_BYTES + bytes.readUInt32LE(MAGIC.length));
  const payload = bytes.subarray(start);
  if (payload.length !== header.payloadBytes) return null;
  if (createHash('sha256').update(payload).digest('hex') !== header.sha256) return null;
  // Views need aligned offsets, which a Buffer does not promise.
  const copy = payload.byteOffset % ALIGNMENT === 0 ? payload : new Uint8Array(payload);
  const arrays = header.arrays.map(({ name, kind, byteOffset, length }) => {
    return [name, viewOn(kind, copy, byteOffset, length)] as const;
  });
  return { meta: header.meta, arrays: Object.fromEntries(arrays) };
}

function viewOn(
  kind: ViewKind,
  { buffer, byteOffset: origin }: Uint8Array,
  byteOffset: number,
  length: number,
): FileArray {
  const View: new (buffer: ArrayBufferLike, byteOffset: number, length: number) => FileArray = VIEWS[kind];
  return new View(buffer, origin + byteOffset, length);
}

function headerOf(bytes: Buffer): Header | null {
  if (bytes.length < PREFIX_BYTES || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return null;
  const text = bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + bytes.readUInt32LE(MAGIC.length));
  const expected = bytes.subarray(MAGIC.length + 4, PREFIX_BYTES);
  if (!createHash('sha256').update(text).digest().equals(expected)) return null;
  // Its checksum says that it is what `writeArrayFile` wrote.
  return JSON.parse(text.toString('utf8')) as Header;
}

function kindOf(array: FileArray): ViewKind {
  for (const [kind, View] of Object.entries(VIEWS)) if (array instanceof View) return kind as ViewKind;
  throw new TypeError('an array of a kind that no file holds');
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}
