import { readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Json } from '../../canonical-json.ts';
import { makeFolders } from '../../make-folders.ts';
import { systemWords } from '../../system-words.ts';
import { UserError } from '../../user-error.ts';
import { replaceFolder, reserveFolderBeside } from '../../whole-files.ts';
import { RUN_FILES } from '../run-files.ts';
import { writeParquetFile } from '../write-parquet.ts';
import type { Splits } from './assign-splits.ts';
import { entryLabelTables, featureFrameTables, replayTables } from './baseline-tables.ts';
import type { BuildPlan } from './build-plan.ts';
import type { ContinueMetrics } from './continue-metrics.ts';
import type { FrozenModels } from './frozen-models.ts';
import { directionOnnx, entryOnnx } from './frozen-onnx.ts';
import { MARKET_FEATURES } from './market-features/market-features.ts';
import { modelTrainManifest } from './model-manifest.ts';
import type { SymbolFrame } from './symbol-frame.ts';

const REPLAY_PATH = 'replay/replay.parquet';
const BUILD_MANIFEST = RUN_FILES.buildManifest;
/** What a build writes at the top of a run's folder, and so what `force` may replace. */
const OWN_ENTRIES: readonly string[] = ['feature', 'label', 'model', 'replay', 'split', BUILD_MANIFEST];

export type BaselineRunContent = {
  readonly frames: readonly SymbolFrame[];
  readonly splits: Splits;
  readonly models: FrozenModels;
  readonly metrics: ContinueMetrics;
  /** Written to BUILD_MANIFEST: what the run was made from and how. */
  readonly manifest: Json;
};

/**
 * Before any work: whether the run's folder may be written.
 *
 * @throws UserError when it holds anything, unless `force` and nothing but an earlier build
 */
export async function refuseOverwrite(folder: string, force: boolean): Promise<void> {
  const entries = await entriesOf(folder);
  if (entries.length === 0) return;
  if (!force)
    throw new UserError(`${folder}: a new run's folder must be empty, it is not. Choose another run id or use --force`);
  const foreign = entries.filter((entry) => !OWN_ENTRIES.includes(entry));
  if (foreign.length > 0) {
    throw new UserError(
      `${folder}: --force replaces what a build wrote, but it also holds ${foreign.slice(0, 3).join(', ')}. ` +
        'Move that away or choose another run id',
    );
  }
}

/** Writes the run whole or not at all: into a folder beside it that takes the run's name at the end. */
export async function writeBaselineRun(plan: BuildPlan, content: BaselineRunContent): Promise<void> {
  const { folder, force } = plan;
  const draft = await draftBeside(folder);
  try {
    await writeFiles(draft, plan, content);
    await refuseOverwrite(folder, force);
    if ((await entriesOf(folder)).length === 0) await rename(draft, folder);
    else await replaceFolder(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // A system error is a full disk, a quota, a folder taken away: for the user to mend.
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`${folder}: cannot write the run: ${systemWords(error)}`, { cause: error });
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new UserError(`${folder}: expected a folder or nothing, but ${systemWords(error)}`, { cause: error });
  }
}

async function draftBeside(folder: string): Promise<string> {
  try {
    return await reserveFolderBeside(folder);
  } catch (error) {
    throw new UserError(`${dirname(folder)}: expected a writable folder, but ${systemWords(error)}`, { cause: error });
  }
}

async function writeFiles(root: string, plan: BuildPlan, content: BaselineRunContent): Promise<void> {
  const { frames, models } = content;
  for (const folder of ['feature', 'label', 'split', 'replay', 'model/direction', 'model/entry']) {
    makeFolders(join(root, folder));
  }
  await writeParquetFile(join(root, RUN_FILES.featureFrame), featureFrameTables(frames));
  await writeParquetFile(join(root, RUN_FILES.entryLabels), entryLabelTables(frames));
  await writeParquetFile(join(root, REPLAY_PATH), replayTables(frames));
  await writeFile(join(root, RUN_FILES.directionModel), directionOnnx(models));
  await writeFile(join(root, RUN_FILES.entryModel), entryOnnx(models));
  for (const [path, value] of Object.entries(jsonFiles(plan, content))) {
    await writeFile(join(root, path), `${JSON.stringify(value, null, 2)}\n`);
  }
}

function jsonFiles(plan: BuildPlan, content: BaselineRunContent): { [path: string]: Json } {
  const { stopDistanceBps, targetDistanceBps, costBps } = plan;
  return {
    [RUN_FILES.featureOrder]: MARKET_FEATURES.map(({ name }) => name),
    'feature/feature_schema.json': MARKET_FEATURES.map(({ name, unit, definition, lookbackMinutes }) => {
      return { name, unit, definition, lookback_minutes: lookbackMinutes };
    }),
    [RUN_FILES.pricePlan]: { stopDistanceBps, targetDistanceBps, costBps },
    [RUN_FILES.labelConfig]: {
      entry: {
        horizon_minutes: plan.entryHorizonMinutes,
        min_expected_entry_edge_bps: plan.minExpectedEntryEdgeBps,
        stride_minutes: plan.entryStrideMinutes,
      },
      continue: {
        horizon_minutes: plan.continueHorizonMinutes,
        min_expected_continue_edge_bps: plan.minExpectedContinueEdgeBps,
      },
    },
    [RUN_FILES.splitManifest]: {
      source_replay_path: REPLAY_PATH,
      purge_bars: plan.purgeBars,
      splits: content.splits.spans.map(({ id, fromMs, toMs }) => ({ id, from_ms: fromMs, to_ms: toMs })),
    },
    [RUN_FILES.trainManifest]: modelTrainManifest(plan.runId, content.models.training, content.metrics),
    [BUILD_MANIFEST]: content.manifest,
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
