import type { MergeOptions, MergeReport } from './merge-report.ts';

/**
 * Brings what stores hold together in one: sweeps, runs under their own UUIDs, verdicts, failures, datasets, notes, looks.
 * What is there already is left as it is, so that a merge may be repeated, in any order and with any of the stores.
 *
 * Everything is asked before anything is written: every source is read whole and held against its digests, every sweep's
 * definition, code, data and number of shards are compared, every verdict's key with every other's. Then each source is
 * one transaction. A verdict is sealed where it is in every store that has it.
 *
 * @param into is made where it is not there
 * @throws UserError when a source is damaged, is the target, or is of another sweep than the rest
 */
export async function mergeStores(
  into: string,
  sources: readonly string[],
  options: MergeOptions,
): Promise<MergeReport> {
  const { mergeSqliteStores } = await import('./sqlite/merge-stores.ts');
  return mergeSqliteStores(into, sources, options);
}
