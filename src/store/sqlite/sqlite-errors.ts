import { UserError } from '../../user-error.ts';
import { DamagedValue } from '../sql/damaged-value.ts';

/** Does the work; an error that the user can mend says so in one line that names the store. Others pass unchanged. */
export function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explain(path, error);
  }
}

/** The primary result code of SQLite (`5`: busy), or null when something else was thrown. */
export function sqliteCode(thrown: unknown): number | null {
  const code = sqliteExtendedCode(thrown);
  // The low byte is the primary code, the rest says more: 266 is SQLITE_IOERR_READ, 10 is SQLITE_IOERR.
  return code === null ? null : code & 0xff;
}

function sqliteExtendedCode(thrown: unknown): number | null {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return null;
  return typeof thrown.errcode === 'number' ? thrown.errcode : null;
}

export const SQLITE_ERROR = 1;
export const SQLITE_BUSY = 5;
export const SQLITE_CORRUPT = 11;
export const SQLITE_NOTADB = 26;
const SQLITE_IOERR_SHORT_READ = 522;

/** The UserError that says it, or what was thrown. */
export function explain(path: string, thrown: unknown): unknown {
  // Node refuses to read an integer beyond 2^53; no column of ours has one.
  if (thrown instanceof RangeError && 'code' in thrown && thrown.code === 'ERR_OUT_OF_RANGE') {
    return damaged(path, 'an integer is out of range', thrown);
  }
  if (thrown instanceof DamagedValue) return damaged(path, thrown.message, thrown);
  if (sqliteExtendedCode(thrown) === SQLITE_IOERR_SHORT_READ) {
    return damaged(path, 'it is shorter than it says', thrown);
  }
  const message = thrown instanceof Error ? thrown.message : '';
  const say = (text: string) => new UserError(`${path}: ${text}`, { cause: thrown });
  switch (sqliteCode(thrown)) {
    case SQLITE_ERROR:
      // The one general error that a file's bytes can cause: a schema format of a later SQLite in its header.
      return message === 'unsupported file format' ? damaged(path, message, thrown) : thrown;
    case SQLITE_BUSY:
    case 6: // SQLITE_LOCKED
      return say('locked by another program. Close what has it open (a database browser, a backup) and run again');
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
      return say('read-only here. Give write permission on the file and its folder, or name another store');
    case 10: // SQLITE_IOERR
      return say(
        `the disk failed, or a file may not grow so large (${message}). Check the disk, and the limit on files ` +
          '(ulimit -f); what was stored before is kept, and a sweep continues',
      );
    case SQLITE_CORRUPT:
      return damaged(path, message, thrown);
    case 13: // SQLITE_FULL
      return say(
        'no space left on the disk. Free some and run again: what was stored before is kept, a sweep continues',
      );
    case 19: // SQLITE_CONSTRAINT
      return say(
        `a rule that another program has added keeps a verdict out (${message}). Remove it (\`sweep doctor\` names it) and run ` +
          'again: what was stored before is kept',
      );
    case 14: // SQLITE_CANTOPEN
      return say(
        'cannot be opened. Check that its folder exists, can be read and written, and that there are not too many open files ' +
          '(ulimit -n)',
      );
    case SQLITE_NOTADB:
      return say('not a sweep store (no SQLite database). Name another file');
    default:
      return thrown;
  }
}

function damaged(path: string, what: string, cause: unknown): UserError {
  // A damaged file's own text may be quoted here: one line of it, and nothing that a terminal would obey.
  const quoted = what.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200);
  return new UserError(
    `${path}: damaged (${quoted}). Move ${path}, ${path}-wal and ${path}-shm away, then put a copy in its place ` +
      '(`sweep backup` makes them) or run the sweep again',
    { cause },
  );
}
