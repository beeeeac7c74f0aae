import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { SweepAxes } from '../../src/sweep/sweep-definition.ts';
import { ask } from './sweep-command.ts';

/** The data root that holds the baseline run `tiny`. */
export const TINY_DATA_ROOT = fileURLToPath(new URL('../golden/runs', import.meta.url));
export const TINY_CASES = fileURLToPath(new URL('../golden/cases/tiny', import.meta.url));

export type TinySweep = {
  readonly name: string;
  readonly axes: SweepAxes;
  readonly dataRoot?: string;
  readonly runId?: string;
  /** Of the definition; by default the sweep's name. */
  readonly file?: string;
};

/** Writes a definition over `tiny` as a person would, in YAML, and returns its path. */
export function writeDefinition(folder: string, { name, axes, dataRoot, runId, file }: TinySweep): string {
  const path = join(folder, file ?? `${name}.yaml`);
  writeFileSync(
    path,
    stringify({ name, baseline: { dataRoot: dataRoot ?? TINY_DATA_ROOT, runId: runId ?? 'tiny' }, axes }),
  );
  return path;
}

/** What `sweep run --json` says. */
export type RunSummary = {
  readonly sweep: string;
  readonly db: string;
  readonly configurations: number;
  readonly known: number;
  readonly completed: number;
  readonly error: number;
  readonly errorBefore: number;
  readonly interrupted: boolean;
};

/** For a sweep of a few small configurations, which takes less than threads take to start. */
export const ONE_THREAD = ['--threads', '1'] as const;

/** Runs a definition and expects it to end well: on one thread, unless the options say otherwise. */
export async function runSweepFile(file: string, db: string, ...options: readonly string[]): Promise<RunSummary> {
  const threads = options.includes('--threads') ? [] : ONE_THREAD;
  const { code, stdout, stderr } = await ask(['run', file, '--db', db, '--json', ...threads, ...options]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}
