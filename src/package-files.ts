import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Whether this is the built program; else the sources run as they are. */
export const IS_BUILT = !import.meta.url.endsWith('.ts');

/** This package's folder, wherever it lies: the nearest one up from here that has a `package.json`. */
export const PACKAGE_FOLDER = packageFolder(dirname(fileURLToPath(import.meta.url)));

/** A file or folder of this package, by its path from the package's folder. */
export function packageFile(path: string): string {
  return join(PACKAGE_FOLDER, path);
}

function packageFolder(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder;
  const above = dirname(folder);
  if (above === folder) throw new Error('this program has no package.json above it');
  return packageFolder(above);
}
