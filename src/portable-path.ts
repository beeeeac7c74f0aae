import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';

/**
 * A path as it is kept in what may be given away: relative to a folder where the two have a folder in common that is not
 * the disk's root, so that both can be moved together and no home folder is named; else absolute.
 *
 * @param folder absolute
 */
export function portablePath(folder: string, path: string): string {
  const target = resolve(path);
  const way = relative(folder, target);
  const isApart = isAbsolute(way) || commonFolder(folder, target) === parse(folder).root;
  return isApart ? target : (way || '.').replaceAll(sep, '/');
}

/** The same path as seen from the working folder. */
export function pathFrom(folder: string, portable: string): string {
  const target = isAbsolute(portable) ? portable : join(folder, portable);
  const way = relative('', target);
  return way.startsWith('..') || isAbsolute(way) ? target : way || '.';
}

function commonFolder(a: string, b: string): string {
  let folder = a;
  while (folder !== b && !b.startsWith(folder.endsWith(sep) ? folder : folder + sep)) folder = dirname(folder);
  return folder;
}
