import { createHash } from 'node:crypto';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Canonical JSON: keys sorted by code point, no white space. Equal values give equal text on every machine. */
export function canonicalJson(value: Json): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON cannot hold ${value}`);
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return `{${sortedKeys(value)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`)
    .join(',')}}`;
}

/** SHA-256 of canonical JSON in UTF-8, as hexadecimal text. */
export function sha256Json(value: Json): string {
  return createHash('sha256').update(canonicalJson(value), 'utf8').digest('hex');
}

// Array.isArray narrows a readonly array to any[]; this keeps the element type.
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function sortedKeys(value: { readonly [key: string]: Json }): string[] {
  const keys = Object.keys(value).sort();
  // Nearly all keys are ASCII, in which the two orders are one.
  return keys.every((key) => ASCII.test(key)) ? keys : keys.sort(compareCodePoints);
}

const ASCII = /^[\x20-\x7e]*$/;

// `<` on strings compares UTF-16 units, Python's sort_keys compares code points; they differ beyond U+FFFF.
function compareCodePoints(a: string, b: string): number {
  const left = [...a];
  const right = [...b];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
