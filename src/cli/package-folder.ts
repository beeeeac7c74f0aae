import { fileURLToPath } from 'node:url';

/** A folder of this package, wherever the package lies. */
export function packageFolder(name: string): string {
  const up = import.meta.url.endsWith('.ts') ? '../..' : '../../..';
  return fileURLToPath(new URL(`${up}/${name}`, import.meta.url));
}
