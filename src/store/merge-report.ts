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
  /** A run of it has not ended, or, in a file, ended without a word: there may be more to merge later. */
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
