import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readBuildRecord } from '../baseline/build-manifest.ts';
import { RUN_FILES } from '../baseline/run-files.ts';
import { runFolder } from '../baseline/run-folder.ts';
import { countOf } from '../counts.ts';
import { commandLine } from '../report/command-line.ts';
import { UserError } from '../user-error.ts';
import { programName } from './program-name.ts';

/** Ages sets, each with what the user calls it: `axes.agesMinutes[1]`, `--ages-minutes`. */
export type NamedAges = readonly (readonly [name: string, agesMinutes: readonly number[]])[];

export const ALLOW_LONG_AGES = [
  '--allow-long-ages',
  "judge ages that the gaps between the baseline run's splits were not made for",
] as const;

/**
 * The gap between two splits keeps rows of one from looking at the minutes of the other, up to the age that it was made
 * for. Beyond, what is called out of sample is not.
 *
 * @throws UserError naming the first set that is too long, the largest age allowed, and how to build the run for it
 */
export async function refuseLongAges(
  { dataRoot, runId }: { readonly dataRoot: string; readonly runId: string },
  sets: NamedAges,
): Promise<void> {
  const manifest = join(runFolder(dataRoot, runId), RUN_FILES.buildManifest);
  // A run of another maker's does not say what it was made for.
  if (!existsSync(manifest)) return;
  const { maxAgeMinutes, options, sources } = await readBuildRecord(manifest);
  if (maxAgeMinutes === null) return;
  const largest = Math.max(...sets.flatMap(([, ages]) => ages));
  const long = sets.find(([, ages]) => ages.some((age) => age > maxAgeMinutes));
  if (long === undefined) return;
  const flags = options.map(([flag, value]) => [flag, flag === '--max-age-minutes' ? String(largest) : value]);
  const rebuild = ['baseline', 'build', ...sources, '--data-root', dataRoot, ...flags.flat(), '--force'];
  throw new UserError(
    `${long[0]}: expected ages of at most ${countOf(maxAgeMinutes, 'minute')}, which the gaps between the splits of baseline run ${runId} ` +
      `were made for (${RUN_FILES.buildManifest}), got ${Math.max(...long[1])}. Say --allow-long-ages if rows of one split may ` +
      `see minutes of the next, or build the run for them, with the folder of its bars in place of FOLDER (the run does not know it): ` +
      commandLine(programName(), rebuild),
  );
}
