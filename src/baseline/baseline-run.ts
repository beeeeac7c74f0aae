import { isFolder } from '../system-words.ts';
import { type EntryFrame, readEntryFrame } from './entry-frame.ts';
import { type FeatureFrame, readFeatureFrame } from './feature-frame.ts';
import { type FrozenModels, readFrozenModels } from './frozen-weights.ts';
import { missingRun } from './missing-run.ts';
import { type ReplayFrame, readReplayFrame } from './replay-frame.ts';
import { RunPaths } from './run-files.ts';
import { runFolder } from './run-folder.ts';
import {
  type BaselineContinueMetrics,
  type ContinueLabel,
  type PricePlan,
  readContinueLabel,
  readContinueMetrics,
  readFeatureOrder,
  readMaxAgeMinutes,
  readPricePlan,
} from './run-json.ts';

/**
 * A baseline run whose rules, models and rows' identities have been read. Its numbers, market features and prices, are
 * read when somebody has a place for them.
 */
export type BaselineRun = {
  readonly runId: string;
  readonly root: string;
  readonly features: FeatureFrame;
  readonly entries: EntryFrame;
  readonly replay: ReplayFrame;
  readonly pricePlan: PricePlan;
  readonly continueLabel: ContinueLabel;
  readonly frozenModels: FrozenModels;
  readonly continueMetrics: BaselineContinueMetrics;
  /** the largest age that the gaps between the splits were made for; null where the run does not say */
  readonly maxAgeMinutes: number | null;
  /** every path that was read, or looked for and not found */
  readonly filesRead: readonly string[];
};

/**
 * Reads a baseline run and checks it against the contract, file by file.
 *
 * @param featureOrderFile a JSON array of market feature names, instead of the run's own feature/feature_order.json
 * @throws UserError naming file, column and remedy
 */
export async function readBaselineRun(
  dataRoot: string,
  runId: string,
  featureOrderFile?: string,
): Promise<BaselineRun> {
  const root = runFolder(dataRoot, runId);
  if (!isFolder(root)) throw missingRun(dataRoot, runId, root);
  const paths = new RunPaths(root, featureOrderFile);
  const featureOrder = await readFeatureOrder(paths);
  const pricePlan = await readPricePlan(paths);
  const continueLabel = await readContinueLabel(paths);
  const continueMetrics = await readContinueMetrics(paths);
  const maxAgeMinutes = await readMaxAgeMinutes(paths);
  const frozenModels = await readFrozenModels(paths, featureOrder.length);
  const features = await readFeatureFrame(paths, featureOrder);
  const entries = await readEntryFrame(paths);
  const replay = await readReplayFrame(paths);
  return {
    runId,
    root,
    features,
    entries,
    replay,
    pricePlan,
    continueLabel,
    frozenModels,
    continueMetrics,
    maxAgeMinutes,
    filesRead: paths.read,
  };
}
