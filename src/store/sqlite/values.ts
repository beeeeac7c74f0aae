import type { SQLOutputValue } from 'node:sqlite';
import { DamagedValue } from './sqlite-errors.ts';

// A column's value with the type that the schema gives it. STRICT tables hold to it, a damaged file need not.

export function asText(value: SQLOutputValue | undefined): string {
  if (typeof value !== 'string') throw unexpected('text', value);
  return value;
}

export function asNumber(value: SQLOutputValue | undefined): number {
  if (typeof value !== 'number') throw unexpected('a number', value);
  return value;
}

export function asBytes(value: SQLOutputValue | undefined): Uint8Array {
  if (!(value instanceof Uint8Array)) throw unexpected('bytes', value);
  return value;
}

export function asTextOrNull(value: SQLOutputValue | undefined): string | null {
  return value === null ? null : asText(value);
}

export function asNumberOrNull(value: SQLOutputValue | undefined): number | null {
  return value === null ? null : asNumber(value);
}

export function asMetric(value: SQLOutputValue | undefined): number | string | null {
  return typeof value === 'string' ? value : asNumberOrNull(value);
}

/** Stored JSON. Its shape is the caller's to know. */
export function asJson(value: SQLOutputValue | undefined): unknown {
  const text = asText(value);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DamagedValue('a stored JSON text cannot be read', { cause: error });
  }
}

function unexpected(expected: string, value: SQLOutputValue | undefined): DamagedValue {
  const kind = value === null ? 'null' : value instanceof Uint8Array ? 'bytes' : typeof value;
  return new DamagedValue(`expected ${expected} in a column, got ${kind}`);
}
