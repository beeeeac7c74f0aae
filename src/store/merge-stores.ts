import type { StoreMigration } from './verdict-store.ts';

/** What may differ between stores that are merged, where it is said: the sweep's definition, code, data, number of shards. */
export const ALLOWANCES = ['definition', 'code', 'data', 'count'] as const;
export type Allowance = (typeof ALLOWANCES)[number];

export type MergeOptions = {
  readonly allow: readonly Allowance[];
  /** How long to wait for another process that writes the target; 0 by default. */
  readonly waitMs?: number | undefined;
  readonly onWait?: ((holder: string) => void) | undefined;
  readonly onMigrate?: ((path: string, migration: StoreMigration) => void) | undefined;
};

/** What came of a merge: all sources, or none. */
export type MergeReport =
  | { readonly kind: 'merged'; readonly sources: readonly MergedSource[]; readonly sweeps: readonly string[] }
  | { readonly kind: 'refused'; readonly conflicts: readonly MergeConflict[] };

/** What one source brought, and what was there before it. */
export type MergedSource = {
  readonly location: string;
  readonly addedVerdicts: number;
  readonly knownVerdicts: number;
  readonly addedFailures: number;
  readonly addedRuns: number;
  /** A run of it has not ended, or ended without a word: there may be more to merge later. */
  readonly isRunning: boolean;
};

/** Two stores say different things under one key: a verdict's digests, or what rows a dataset has. */
export type MergeConflict = {
  readonly kind: 'verdict' | 'dataset';
  /** `CONFIGURATION@KEY`, or a dataset in words. */
  readonly name: string;
  readonly one: ConflictSide;
  readonly other: ConflictSide;
};

export type ConflictSide = { readonly location: string; readonly digest: string };

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
  const { mergeSqliteStores } = await import('./sqlite/merge/merge-sqlite-stores.ts');
  return mergeSqliteStores(into, sources, options);
}
