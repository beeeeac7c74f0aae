import { readFileSync } from 'node:fs';

/** This program's version, from its package.json. It is part of every verdict's key. */
export function version(): string {
  const relative = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json';
  const manifest: unknown = JSON.parse(readFileSync(new URL(relative, import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('package.json has no version');
}
