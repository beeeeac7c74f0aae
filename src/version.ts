import { readFileSync } from 'node:fs';
import { packageFile } from './package-files.ts';

/** This program's version, from its package.json. It is part of every verdict's key. */
export function version(): string {
  return String(manifest().version);
}

/** The oldest Node that it runs on, `24.15`: what package.json asks for. */
export function oldestNode(): string {
  const { engines } = manifest();
  if (typeof engines === 'object' && engines !== null && 'node' in engines) {
    return String(engines.node).replace('>=', '');
  }
  throw new Error('package.json names no engines.node');
}

function manifest(): { readonly version: unknown; readonly engines?: unknown } {
  const parsed: unknown = JSON.parse(readFileSync(packageFile('package.json'), 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return parsed;
  throw new Error('package.json has no version');
}
