import { join } from 'node:path';
import { readBaselineRun } from '../baseline/baseline-run.ts';
import { expectDataRoot } from '../baseline/list-runs.ts';
import { runFolder } from '../baseline/run-folder.ts';
import { parquetBytes } from '../baseline/write-parquet.ts';
import { contentHash } from '../dataset/content-hash.ts';
import { buildDataset, datasetSizeBytes, splitDayCount } from '../dataset/dataset.ts';
import { DatasetSizes } from '../dataset/dataset-size.ts';
import { stateFrameTable } from '../dataset/frame-table.ts';
import { totalRows } from '../dataset/row-counts.ts';
import { STATE_FEATURE_SCHEMA, STATE_FEATURES } from '../dataset/state-features.ts';
import { type BarGaps, composeStateFrame } from '../dataset/state-frame.ts';
import {
  buildStateRows,
  countStateRows,
  joinBaselineRun,
  readRunNumbers,
  stateRowsSizeBytes,
} from '../dataset/state-rows.ts';
import { createSharedMemory, MAX_MEMORY_BYTES, SharedArena } from '../numerics/memory.ts';
import { Workspace } from '../numerics/workspace.ts';
import { UserError } from '../user-error.ts';
import { type Configuration, DEFAULTS } from './configuration.ts';
import type { EventLog } from './event-log.ts';
import { ConfigurationJudge, type Judgement } from './judge.ts';
import { type ExperimentManifest, experimentManifest, type MadeBy, sourceManifest } from './manifest.ts';
import { fittedModels } from './models/linear-models.ts';
import { hashesOf, modelFiles } from './models/model-files.ts';
import { PARAMETERS } from './parameters.ts';
import { predictionsTable } from './predictions.ts';
import { experimentReport } from './report.ts';
import { FEATURE_SETS, modelKey, SIDES } from './results.ts';
import { indentedJson, type RunFiles, refuseExisting, writeRunFiles } from './run-files.ts';
import { prepareSide, sideContextsSizeBytes } from './side-context.ts';
import { workSizeBytes } from './work-size.ts';

export type ExperimentOptions = {
  readonly dataRoot: string;
  readonly baselineRunId: string;
  readonly runId: string;
  readonly configuration: Configuration;
  readonly barGaps: BarGaps;
  /** instead of the baseline run's own feature/feature_order.json */
  readonly featureOrderFile?: string;
  /** Where the nine files and `models/` go; by default the run's folder under the data root, as the seed has it. */
  readonly outputFolder?: string;
  /** The seed logs the settings of both kinds, whichever is used. */
  readonly given?: { readonly ridgeAlpha: number; readonly huberAlpha: number; readonly huberEpsilon: number };
  /** for the manifest; a caller that is no program of ours leaves it out */
  readonly madeBy?: MadeBy;
  /** replace the files of an earlier run */
  readonly force: boolean;
};

export type ExperimentOutcome = {
  readonly folder: string;
  readonly manifest: ExperimentManifest;
  readonly judgement: Judgement;
};

/**
 * The seed's program: one configuration of the state-continue experiment, from a baseline run on disk to the nine files
 * and the models behind them.
 *
 * @throws UserError for anything wrong with the input; then no file is written
 */
export async function runExperiment(options: ExperimentOptions, log: EventLog): Promise<ExperimentOutcome> {
  const { configuration } = options;
  expectDataRoot(options.dataRoot);
  const folder =
    options.outputFolder ?? join(runFolder(options.dataRoot, options.runId), 'experiments', 'state_continue');
  const otherwise = options.outputFolder === undefined ? '--run-id' : '--out';
  refuseExisting(folder, options.force, otherwise);
  log('trader.training.state_continue_experiment_started', startedFields(options));

  const run = await readBaselineRun(options.dataRoot, options.baselineRunId, options.featureOrderFile);
  const joins = joinBaselineRun(run);
  const counts = countStateRows(joins, configuration.agesMinutes);
  const capacity = totalRows(counts.values());
  const size = new DatasetSizes(joins.run, counts).of(configuration.agesMinutes, configuration.maxRowsPerSplit);
  const sizeBytes =
    stateRowsSizeBytes(run, capacity) +
    datasetSizeBytes(size) +
    sideContextsSizeBytes(size) +
    workSizeBytes(size, splitDayCount(run));
  if (sizeBytes > MAX_MEMORY_BYTES) {
    throw new UserError(
      `memory: ${capacity} state rows and a dataset of ${size.rows} rows need ${Math.ceil(sizeBytes / 2 ** 20)} MiB, ` +
        'the limit is 16384 MiB. Give fewer ages, or keep fewer rows with --max-rows-per-split.',
    );
  }
  const memory = createSharedMemory(sizeBytes);
  const arena = new SharedArena(memory);
  const rows = buildStateRows(joins, counts, await readRunNumbers(run, arena), arena);
  for (const [ageMinutes, counted] of counts) {
    const rowCount = totalRows([counted]);
    if (rowCount > 0) log('trader.training.state_continue_age_built', { ageMinutes, rowCount });
  }
  const frame = composeStateFrame(rows, { ...configuration, barGaps: options.barGaps });
  if (configuration.maxRowsPerSplit > 0) {
    for (const [splitId, rowCount] of Object.entries(frame.splitCounts)) {
      const maxRows = configuration.maxRowsPerSplit;
      log('trader.training.state_continue_split_capped', { splitId, rowCount, maxRows });
    }
  }
  const datasetHash = contentHash(frame);

  const dataset = buildDataset(frame, arena);
  const workspace = new Workspace(arena);
  const contexts = SIDES.map((_, side) => prepareSide(workspace, arena, dataset, side));
  const judge = new ConfigurationJudge(workspace, arena, dataset, contexts, run.features.featureOrder);
  const [judgement] = judge.judge([configuration]);
  if (judgement === undefined) throw new Error('one configuration was given and none judged');
  logModels(options.runId, judgement, log);

  const fitted = fittedModels(frame, dataset, contexts, judgement);
  const models = modelFiles(fitted, contexts, judgement, { runId: options.runId, datasetHash, configuration });
  const manifest = experimentManifest(
    options.runId,
    frame,
    configuration,
    datasetHash,
    hashesOf(models),
    options.madeBy ?? null,
  );
  const files: RunFiles = {
    'state_continue_train.parquet': parquetBytes(stateFrameTable(frame)),
    'experiment_manifest.json': indentedJson(manifest),
    'position_state_feature_schema.json': indentedJson(STATE_FEATURE_SCHEMA),
    'position_state_feature_order.json': indentedJson(STATE_FEATURES),
    'position_state_source_manifest.json': indentedJson(sourceManifest(frame)),
    'state_continue_predictions.parquet': parquetBytes(
      predictionsTable(workspace, frame, dataset, contexts, judgement),
    ),
    'state_continue_result.json': indentedJson(judgement.result),
    'state_continue_verdict.json': indentedJson(judgement.verdict),
    'state_continue_experiment_report.md': experimentReport(
      manifest,
      run.continueMetrics,
      judgement.result,
      judgement.verdict,
    ),
  };
  await writeRunFiles(folder, files, models, options.force, otherwise);
  log('trader.training.state_continue_dataset_written', {
    runId: options.runId,
    rowCount: frame.rowCount,
    splitCounts: frame.splitCounts,
    path: join(folder, 'state_continue_train.parquet'),
  });
  log('trader.training.state_continue_experiment_finished', {
    runId: options.runId,
    report: join(folder, 'state_continue_experiment_report.md'),
  });
  return { folder, manifest, judgement };
}

function startedFields({ runId, baselineRunId, configuration, given = DEFAULTS }: ExperimentOptions) {
  return {
    runId,
    baselineRunId,
    ages: configuration.agesMinutes,
    regressorKind: configuration.regressor.kind,
    ridgeAlpha: PARAMETERS.ridgeAlpha.read(configuration) ?? given.ridgeAlpha,
    huberAlpha: PARAMETERS.huberAlpha.read(configuration) ?? given.huberAlpha,
    huberEpsilon: PARAMETERS.huberEpsilon.read(configuration) ?? given.huberEpsilon,
    huberMaxIter: configuration.regressor.maxIter,
    regressionTargetClipBps: configuration.regressionTargetClipBps,
  };
}

function logModels(runId: string, judgement: Judgement, log: EventLog): void {
  for (const side of SIDES) {
    for (const featureSet of FEATURE_SETS) {
      const tune = judgement.result[modelKey(side, featureSet)].tune;
      log('trader.training.state_continue_model_trained', {
        runId,
        side,
        featureSet,
        tuneAuc: tune?.continue_auc ?? null,
        tuneMaeRatio: tune?.edge_mae_vs_constant_ratio ?? null,
      });
    }
  }
}
