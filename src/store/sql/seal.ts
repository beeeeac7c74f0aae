import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { DamagedValue } from './damaged-value.ts';

/**
 * SQLite does not notice a flipped bit inside a value, nor a value that another program has put in its place. So whatever
 * is stored has something beside it to be held against: a verdict's documents their SHA-256, which is its digest; every
 * row its seal, a CRC-32, of which a leaderboard can check 100,000 in a moment. They are for damage, not against someone
 * who means to deceive.
 */
export type SealedValue = string | number | boolean | null;

/** SHA-256 of parts, each with its length before it. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const lengths = parts.map((part) => (typeof part === 'string' ? Buffer.byteLength(part, 'utf8') : part.length));
  const whole = lengths.reduce((sum, length) => sum + length + LENGTH_BYTES, 0);
  // In one piece, in one buffer: hundreds of thousands are checked when losses are read.
  const buffer = whole > scratch.length ? Buffer.alloc(whole) : scratch;
  let at = 0;
  for (const [i, part] of parts.entries()) {
    at += buffer.write(`${lengths[i]}\0`, at, 'latin1');
    if (typeof part === 'string') at += buffer.write(part, at, 'utf8');
    else {
      buffer.set(part, at);
      at += part.length;
    }
  }
  return new Uint8Array(hash('sha256', buffer.subarray(0, at), 'buffer'));
}

/** More than any length has digits, and the zero behind it. */
const LENGTH_BYTES = 20;
const scratch = Buffer.alloc(65_536);

/** The seal of a row: of its values, and of those that the rows it points to are known by. */
export function sealOf(values: readonly SealedValue[]): number {
  return crc32(JSON.stringify(values));
}

/** @throws DamagedValue naming the row when its values are not those that were sealed */
export function checkSeal(what: string, seal: unknown, values: readonly SealedValue[]): void {
  if (seal !== sealOf(values)) throw new DamagedValue(`${what} is not as it was stored`);
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
