/** A text whose absolute paths are cut to their last part: what is given away says nothing of where it was made. */
export function withoutPaths(text: string): string {
  return text.replace(PATH, (path) => path.split(/[\\/]/).at(-1) ?? '');
}

/** From a root on, of POSIX or Windows, over two parts at least; quotes, spaces and colons end it. */
const PATH = /(?<![\w./\\])(?:[A-Za-z]:[\\/]|\/|\\\\)[^\s"'`:,;()]+/g;
