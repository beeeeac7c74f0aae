import { countOf } from './counts.ts';

/** Bytes as a person says them: `12 bytes`, `4.1 kB`, `23 MB`, `1.5 GB`, in powers of a thousand. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return countOf(bytes, 'byte');
  const power = Math.min(Math.floor((String(Math.round(bytes)).length - 1) / 3), UNITS.length);
  let value = bytes;
  for (let i = 0; i < power; i += 1) value /= 1000;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[power - 1]}`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB'] as const;
