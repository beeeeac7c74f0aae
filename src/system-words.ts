import { existsSync, type Stats, statSync } from 'node:fs';
import { messageOf } from './user-error.ts';

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EISDIR: 'it is a folder, not a file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'something of that name is there already',
  EACCES: 'permission denied',
  EPERM: 'it is not permitted',
  ELOOP: 'its links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space left on the disk',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
};

/** Why a file or folder cannot be used, in words for who named it; what nobody foresaw in the system's own. */
export function systemWords(error: unknown): string {
  if (!(error instanceof Error && 'code' in error)) return messageOf(error);
  // Of a folder to be made: what has its name is none.
  const code = error.code === 'EEXIST' && 'syscall' in error && error.syscall === 'mkdir' ? 'ENOTDIR' : error.code;
  return WORDS[String(code)] ?? messageOf(error);
}

/** Whether a folder is there, or a link to one. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/**
 * What a path leads to; undefined where that is nothing, links that lead in a circle too: who opens it says so.
 */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') return undefined;
    throw error;
  }
}
