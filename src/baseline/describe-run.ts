import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../user-error.ts';
import { readBuildRecord } from './build-manifest.ts';
import { integers, readInto, requireColumns, texts } from './frame-reading.ts';
import type { ListedRun } from './list-runs.ts';
import { openParquet } from './parquet-file.ts';
import { RUN_FILES } from './run-files.ts';

/** What a list of baseline runs says of each. */
export type RunDescription = ListedRun &
  (
    | {
        readonly problem: null;
        readonly symbols: readonly string[];
        /** rows of the feature frame */
        readonly rowCount: number;
        /** ms since 1970; null where no row has a time */
        readonly firstMs: number | null;
        readonly lastMs: number | null;
        /** the largest age that the run was built for; null where it does not say */
        readonly maxAgeMinutes: number | null;
      }
    | { readonly problem: string }
  );

/** Looks into a run's feature frame; one that cannot be read is described by why. */
export async function describeRun({ runId, folder }: ListedRun): Promise<RunDescription> {
  try {
    const file = await openParquet(join(folder, RUN_FILES.featureFrame), RUN_FILES.featureFrame);
    requireColumns(file, ['symbol', 'open_time_ms']);
    const symbols = texts(file);
    const openTimes = integers(file);
    await readInto(file, { symbol: symbols, open_time_ms: openTimes });
    let firstMs = Infinity;
    let lastMs = -Infinity;
    for (const time of openTimes.values) {
      if (time < firstMs) firstMs = time;
      if (time > lastMs) lastMs = time;
    }
    const manifest = join(folder, RUN_FILES.buildManifest);
    return {
      runId,
      folder,
      problem: null,
      symbols: symbols.values.pool.texts(),
      rowCount: file.rowCount,
      firstMs: firstMs === Infinity ? null : firstMs,
      lastMs: lastMs === -Infinity ? null : lastMs,
      maxAgeMinutes: existsSync(manifest) ? (await readBuildRecord(manifest)).maxAgeMinutes : null,
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { runId, folder, problem: error.message };
  }
}
