import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { shortName } from './short-name.ts';

/**
 * A table is one file, or a folder of part files as Spark, DuckDB and dask write them: the paths, in the order of rows.
 *
 * @throws UserError for a folder that holds anything else
 */
export function partsOf(path: string, name: string): { path: string; name: string }[] {
  if (!isFolder(path)) return [{ path, name }];
  // Which of its files a Delta table is made of, its log says, and nothing here reads it.
  if (existsSync(join(path, '_delta_log'))) {
    throw new UserError(`${name}: is a Delta table. Write it as one parquet file.`);
  }
  // Spark and Hadoop keep their own files (_SUCCESS, .part-0.parquet.crc) under such names.
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => !/^[._]/.test(entry.name));
  const foreign = entries.find((entry) => entry.isDirectory() || !/\.(parquet|parq|pq)$/i.test(entry.name));
  if (foreign !== undefined) {
    const what = foreign.isDirectory() ? 'a folder (columns in folder names are not read)' : 'no .parquet file';
    throw new UserError(
      `${name}: is a folder of part files, and ${shortName(foreign.name)} in it is ${what}. Write the table as one file.`,
    );
  }
  if (entries.length === 0) throw new UserError(`${name}: expected a parquet file, got a folder without any (${path})`);
  const names = entries.map((entry) => entry.name).sort(byNumbersThenText);
  return names.map((part) => ({ path: join(path, part), name: `${name}/${part}` }));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** data_2 before data_10, whatever the machine's language is. */
function byNumbersThenText(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => name.replace(/\d+/g, (digits) => digits.padStart(20, '0')));
  if (left === right) return a < b ? -1 : 1;
  return left! < right! ? -1 : 1;
}
