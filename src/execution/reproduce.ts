import { isAbsolute, relative, resolve } from 'node:path';
import type { BarGaps } from '../dataset/state-frame.ts';
import { compareResults, type MetricDifference } from '../experiment/compare-results.ts';
import type { EventLog } from '../experiment/event-log.ts';
import { runExperiment } from '../experiment/run-experiment.ts';
import { codeText } from '../store/code-text.ts';
import type { DataRecord, Provenance, StoredOutcome } from '../store/records.ts';
import { UserError } from '../user-error.ts';
import { baselineData } from './baseline-data.ts';
import { changedFiles } from './data-changes.ts';
import { madeBy } from './made-by.ts';

export type ReproduceOptions = {
  readonly outputFolder: string;
  readonly force: boolean;
  /** how the program is called, for what is to be done instead */
  readonly program: string;
  /** where the data lie now; by default where they lay then */
  readonly dataRoot?: string | undefined;
  readonly featureOrderFile?: string | undefined;
};

export type Reproduction = {
  readonly configurationId: string;
  readonly folder: string;
  /** numbers and texts that were compared */
  readonly compared: number;
  readonly differences: readonly MetricDifference[];
  /** what is not as it was when the verdict was made, and may be why */
  readonly changes: readonly string[];
  readonly datasetHash: { readonly stored: string | null; readonly now: string };
  readonly status: string;
};

/**
 * Runs a stored configuration again, alone, and compares everything: dataset hash, verdict, every metric (1e-9
 * relative). Its files are written whatever the outcome.
 *
 * @throws UserError when the outcome is a failure or sealed, or its baseline run cannot be read any more
 */
export async function reproduce(
  outcome: StoredOutcome,
  provenance: Provenance,
  options: ReproduceOptions,
  log: EventLog,
): Promise<Reproduction> {
  if (outcome.kind === 'failed') {
    throw new UserError(
      `${outcome.configurationId}: has no verdict to reproduce, it could not be judged: ${outcome.error.message}. ` +
        `Judge it again with: ${options.program} run FILE --retry-errors`,
    );
  }
  if (outcome.isSealed) {
    throw new UserError(
      `${outcome.configurationId}: its gates are sealed, and to reproduce it is to look at them: its files show them. ` +
        `Look first with: ${options.program} unseal ${outcome.configurationId}`,
    );
  }
  const { dataset } = outcome;
  const dataRoot = options.dataRoot ?? dataset.dataRoot;
  const featureOrderFile = options.featureOrderFile ?? storedFeatureOrder(outcome, dataRoot);
  const experiment = await runExperiment(
    {
      dataRoot,
      baselineRunId: dataset.baselineRunId,
      runId: `reproduce-${outcome.configurationId}`,
      configuration: outcome.configuration,
      barGaps: barGapsOf(outcome),
      outputFolder: options.outputFolder,
      force: options.force,
      madeBy: madeBy(provenance),
      ...(featureOrderFile === undefined ? {} : { featureOrderFile }),
    },
    log,
  );
  const data = await baselineData(dataRoot, dataset.baselineRunId, featureOrderFile, { barGaps: barGapsOf(outcome) });
  const { result, verdict } = experiment.judgement;
  const { compared, differences } = compareResults(outcome.result, result);
  const now = experiment.manifest.dataset_hash_sha256;
  const all = [...differences];
  if (now !== dataset.contentHash) all.unshift({ what: 'dataset hash', stored: String(dataset.contentHash), now });
  if (verdict.status !== outcome.verdict.status) {
    all.unshift({ what: 'status', stored: outcome.verdict.status, now: verdict.status });
  }
  return {
    configurationId: outcome.configurationId,
    folder: experiment.folder,
    compared: compared + 2,
    differences: all,
    changes: changesSince(outcome, provenance, data, now),
    datasetHash: { stored: dataset.contentHash, now },
    status: verdict.status,
  };
}

/**
 * The file of feature names that the verdict's run was given.
 *
 * @throws UserError when it lies elsewhere than below the data root: a store from others must not choose what is read and
 *   quoted on this machine
 */
export function storedFeatureOrder(
  outcome: Pick<StoredOutcome, 'configurationId' | 'run'>,
  dataRoot: string,
): string | undefined {
  const named = optionText(outcome, 'featureOrder');
  if (named === undefined) return undefined;
  const within = relative(resolve(dataRoot), resolve(named));
  if (!within.startsWith('..') && !isAbsolute(within)) return named;
  throw new UserError(
    `${outcome.configurationId}: was judged with the feature order ${JSON.stringify(named)}, which does not lie below ` +
      `${dataRoot}. Name the file with --feature-order`,
  );
}

function changesSince(outcome: StoredOutcome, now: Provenance, data: DataRecord, datasetHash: string): string[] {
  const { run } = outcome;
  const changes: string[] = [];
  const compare = (what: string, then: string | null, current: string | null): void => {
    if (then !== current) changes.push(`${what}: ${then ?? 'unknown'} then, ${current ?? 'unknown'} now`);
  };
  const files = changedFiles(run.data, data);
  for (const file of files ?? []) changes.push(`baseline run: ${file}`);
  if (outcome.dataset.contentHash !== datasetHash && (files ?? []).length === 0) {
    changes.push("data: the baseline run's content is not what it was when the verdict was made");
  }
  compare('code', codeText(outcome.code), codeText(now.code));
  compare('git commit', run.gitCommit, now.gitCommit);
  if (run.gitDirty === true || now.gitDirty === true) {
    changes.push(
      `uncommitted changes: ${run.gitDirty === true ? 'yes' : 'no'} then, ${now.gitDirty === true ? 'yes' : 'no'} now`,
    );
  }
  compare('Node', run.nodeVersion, now.nodeVersion);
  // A store of an older schema does not know them.
  const names = Object.keys(run.packages).length === 0 ? [] : Object.keys({ ...run.packages, ...now.packages }).sort();
  for (const name of names) compare(`package ${name}`, run.packages[name] ?? null, now.packages[name] ?? null);
  // What a run did not tell is no difference.
  if (run.cpuModel !== null && now.cpuModel !== null) compare('CPU', run.cpuModel, now.cpuModel);
  compare('platform', run.platform, now.platform);
  return changes;
}

function barGapsOf(outcome: StoredOutcome): BarGaps {
  return optionText(outcome, 'barGaps') === 'drop' ? 'drop' : 'keep';
}

/** A text among the options that the verdict's run was started with. */
function optionText(outcome: Pick<StoredOutcome, 'run'>, key: string): string | undefined {
  const { options } = outcome.run;
  if (typeof options !== 'object' || options === null) return undefined;
  const value = Object.entries(options).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : undefined;
}
