import { existsSync, linkSync, realpathSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { systemWords } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { reserveFileBeside } from '../../whole-files.ts';
import { keepStores } from '../keep-stores.ts';
import { forgetDataRoots, moveDataRoots } from '../sql/data.ts';
import { forgetMachines } from '../sql/runs.ts';
import { forgetPlaces } from '../sql/sweeps.ts';
import { atOnce, SqliteConnection } from './connection.ts';
import type { Sqlite } from './load-sqlite.ts';

/**
 * A copy of a store as it is at one moment, whoever writes meanwhile: one file, without a log beside it. It appears whole
 * or not at all, and replaces nothing.
 *
 * @throws UserError when the file is there already or cannot be written
 */
export function backUp(
  sqlite: Sqlite,
  from: SqliteConnection,
  file: string,
  { withoutMachine = false }: { readonly withoutMachine?: boolean } = {},
): void {
  const folder = folderOf(file);
  if (!existsSync(file)) keepStores(file, join(folder, basename(file)));
  const unfinished = reserved(file, join(folder, basename(file)));
  try {
    // Reads in one transaction, so it is of one moment, and leaves out the room that removed rows have left.
    from.run('VACUUM INTO ?', unfinished);
    const database = new sqlite.DatabaseSync(unfinished);
    const copy = new SqliteConnection(database, folder);
    try {
      copy.write(() => {
        if (withoutMachine) {
          atOnce(forgetDataRoots(copy.statements));
          atOnce(forgetMachines(copy.statements));
          atOnce(forgetPlaces(copy.statements));
        } else atOnce(moveDataRoots(from.statements, copy.statements));
      });
    } finally {
      copy.close();
    }
    // Unlike a rename, a link fails where something is.
    linkSync(unfinished, join(folder, basename(file)));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') {
      throw new UserError(`${file}: is there already, and a backup replaces nothing. Name another file`, {
        cause: error,
      });
    }
    throw error;
  } finally {
    for (const path of [unfinished, `${unfinished}-journal`]) rmSync(path, { force: true });
  }
}

function folderOf(file: string): string {
  try {
    return realpathSync(dirname(file));
  } catch (error) {
    throw unusable(file, error);
  }
}

/** An empty file beside the one to make. @throws UserError where none can be made */
function reserved(file: string, path: string): string {
  try {
    return reserveFileBeside(path);
  } catch (error) {
    throw unusable(file, error);
  }
}

function unusable(file: string, error: unknown): unknown {
  if (!(error instanceof Error && 'code' in error)) return error;
  const why = `${file}: nothing can be made in its folder (${systemWords(error)}). Mend that, or name another file`;
  return new UserError(why, { cause: error });
}
