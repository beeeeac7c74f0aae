import type { SqlValue } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';

// A column's value with the type that the schema gives it. STRICT tables hold to it, a damaged file need not.

export function asText(value: SqlValue | undefined): string {
  if (typeof value !== 'string') throw unexpected('text', value);
  return value;
}

export function asNumber(value: SqlValue | undefined): number {
  if (typeof value !== 'number') throw unexpected('a number', value);
  return value;
}

export function asBytes(value: SqlValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw unexpected('bytes', value);
  return value;
}

export function asTextOrNull(value: SqlValue | undefined): string | null {
  return value === null ? null : asText(value);
}

export function asNumberOrNull(value: SqlValue | undefined): number | null {
  return value === null ? null : asNumber(value);
}

export function asMetric(value: SqlValue | undefined): number | string | null {
  return typeof value === 'string' ? value : asNumberOrNull(value);
}

/** Stored JSON. Its shape is the caller's to know. */
export function asJson(value: SqlValue | undefined): unknown {
  const text = asText(value);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DamagedValue('a stored JSON text cannot be read', { cause: error });
  }
}

function unexpected(expected: string, value: SqlValue | undefined): DamagedValue {
  const kind = value === null ? 'null' : value instanceof Uint8Array ? 'bytes' : typeof value;
  return new DamagedValue(`expected ${expected} in a column, got ${kind}`);
}

/** Row numbers for `IN (…)`, which PostgreSQL does not take empty: no row is equal to NULL. */
export function rowList(rows: Iterable<number>): string {
  return [...rows].join() || 'NULL';
}

/** Values of one statement. Statements of equal length are prepared once. */
const CHUNK = 256;

export function* chunksOf<T>(items: readonly T[], size = CHUNK): Generator<readonly T[]> {
  for (let i = 0; i < items.length; i += size) yield items.slice(i, i + size);
}

/** `?, ?, ?` */
export function placeholders(count: number): string {
  return Array.from({ length: count }, () => '?').join();
}
