import type { MergeOptions, MergeReport } from './merge-report.ts';

/**
 * Copies a store in a PostgreSQL database into a file, where everything else reads it: what the file has already stays as it
 * is, so that a pull may be repeated, also while the sweep is being judged.
 *
 * What holds of `mergeStores` holds here: everything is read and held against its digests before anything is written.
 *
 * @param url `postgres://…`
 * @param into is made where it is not there
 * @throws UserError when the database cannot be reached, is damaged, or is of another sweep than the file
 */
export async function pullStore(url: string, into: string, options: MergeOptions): Promise<MergeReport> {
  const { pullPostgresStore } = await import('./postgres/pull-store.ts');
  return pullPostgresStore(url, into, options);
}
