import { UserError } from '../../../user-error.ts';

const CHUNK_BYTES = 1 << 20;
const SHOWN_BYTES = 6;

/**
 * A text's bytes as UTF-8 without a byte order mark. UTF-16 is told by its mark, or by every second byte being 0.
 *
 * @throws UserError for bytes that are no text
 */
export function utf8Of(name: string, bytes: Buffer): Buffer {
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return bytes.subarray(3);
  const encoding = utf16Of(bytes);
  if (encoding !== null) return transcoded(bytes, encoding);
  const zero = bytes.subarray(0, CHUNK_BYTES).indexOf(0);
  if (zero >= 0) {
    throw new UserError(
      `${name}: expected CSV, JSON, parquet or Arrow, packed or not, got bytes that are no text (${zero < SHOWN_BYTES ? `${hex(bytes)} …` : `byte ${zero + 1} is 0`}). Is this a file of bars?`,
    );
  }
  return bytes;
}

function utf16Of(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (startsWith(bytes, [0xff, 0xfe])) return 'utf-16le';
  if (startsWith(bytes, [0xfe, 0xff])) return 'utf-16be';
  const first = bytes.subarray(0, 512);
  if (first.length < 8) return null;
  const zeros = (from: number): number => first.filter((byte, i) => i % 2 === from && byte === 0).length;
  const half = Math.floor(first.length / 2);
  if (zeros(1) >= 0.9 * half && zeros(0) === 0) return 'utf-16le';
  return zeros(0) >= 0.9 * half && zeros(1) === 0 ? 'utf-16be' : null;
}

/** Piece by piece: the whole text is never held as a string. */
function transcoded(bytes: Buffer, encoding: string): Buffer {
  const decoder = new TextDecoder(encoding);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const piece = bytes.subarray(at, at + CHUNK_BYTES);
    parts.push(Buffer.from(decoder.decode(piece, { stream: at + CHUNK_BYTES < bytes.length }), 'utf8'));
  }
  return Buffer.concat(parts);
}

function startsWith(bytes: Buffer, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

function hex(bytes: Buffer): string {
  return [...bytes.subarray(0, SHOWN_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
