import { Buffer } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import { DamagedValue } from './sqlite-errors.ts';

/**
 * SQLite does not notice a flipped bit inside a value, nor a value that another program has put in its place. So whatever
 * is stored has a SHA-256 beside it: documents the whole of it, which is a verdict's digest; rows the first eight bytes,
 * their seal. A seal is for damage, not against someone who means to deceive.
 */
export type SealedValue = string | number | boolean | null | Uint8Array;

/** SHA-256 of parts, each with its length before it. */
export function digestOf(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  const sum = createHash('sha256');
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part, 'utf8') : part;
    sum.update(`${bytes.length}\0`).update(bytes);
  }
  return new Uint8Array(sum.digest());
}

/** The seal of a row: of its values, and of those that the rows it points to are known by. */
export function sealOf(values: readonly SealedValue[]): Uint8Array {
  const text = JSON.stringify(values.map((value) => (value instanceof Uint8Array ? toHex(value) : value)));
  return sealOfBytes(Buffer.from(text, 'utf8'));
}

export function sealOfBytes(bytes: Uint8Array): Uint8Array {
  return hash('sha256', bytes, 'buffer').subarray(0, SEAL_BYTES);
}

export const SEAL_BYTES = 8;

/** @throws DamagedValue naming the row when its values are not those that were sealed */
export function checkSeal(what: string, seal: Uint8Array, values: readonly SealedValue[]): void {
  if (!isSame(seal, sealOf(values))) throw new DamagedValue(`${what} is not as it was stored`);
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
