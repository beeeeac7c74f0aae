import { basename } from 'node:path';
import type { Json } from '../../canonical-json.ts';
import { assignSplits } from './assign-splits.ts';
import { type BuildOptions, type BuildPlan, planBuild } from './build-plan.ts';
import { type BuildSummary, summarize } from './build-summary.ts';
import { continueMetrics } from './continue-metrics.ts';
import { trainFrozenModels } from './frozen-models.ts';
import { readSymbols } from './read-bars.ts';
import type { ReadingOptions } from './readers/reading-options.ts';
import { toSymbolFrame } from './symbol-frame.ts';
import { refuseOverwrite, writeBaselineRun } from './write-baseline-run.ts';

/**
 * A baseline run from 1-minute bars: what the experiment reads, in `dataRoot/trader-v4/runs/runId`.
 *
 *   bars → splits → market features, quality flags, entry labels by symbol → frozen models → files
 *
 * Equal bars and options give equal files, byte for byte.
 *
 * @param onStep told what begins, for a progress line
 * @throws UserError for a wrong option, a bar that breaks a rule, too few bars, a folder that may not be written; no file
 *   is left behind then
 */
export async function buildBaselineRun(
  options: BuildOptions,
  onStep: (step: string) => void = () => {},
): Promise<BuildSummary> {
  const plan = planBuild(options);
  await refuseOverwrite(plan.folder, plan.force);
  const sources = await readSymbols(plan.bars, plan, plan.reading, (path) => onStep(`reading ${path}`));
  const splits = assignSplits(
    sources.map(({ bars }) => bars.openTimeMs),
    plan.splitFractions,
    plan.purgeBars,
  );
  const frames = sources.map((source, i) => {
    onStep(`market features and entry labels of ${source.bars.symbol}`);
    return toSymbolFrame(source.bars, splits.splitOfBar[i]!, splits.foldOfBar[i]!, plan);
  });
  onStep('frozen direction and entry models');
  const models = trainFrozenModels(frames, plan);
  onStep('continue metrics of the market features');
  const metrics = continueMetrics(frames, plan);
  const summary = summarize({ plan, sources, frames, splits, metrics });
  onStep(`writing ${plan.folder}`);
  await writeBaselineRun(plan, { frames, splits, models, metrics, manifest: buildManifest(plan, summary) });
  return summary;
}

/** `baseline_build.json`: options, sources by name and hash, and counts; no path and no time, so that it is reproducible. */
function buildManifest(plan: BuildPlan, summary: BuildSummary): Json {
  const { folder: _planned, force: _force, bars: _bars, reading, startMs, endMs, ...settings } = plan;
  const { runId: _runId, folder: _folder, sources, continueMetrics: _metrics, ...counts } = summary;
  return {
    settings: { ...settings, startMs: startMs ?? null, endMs: endMs ?? null, reading: givenOptions(reading) },
    // What was understood of a file names the file where it lay.
    sources: sources.map(({ files, readings: _readings, badRows: _badRows, ...source }) => {
      return { ...source, files: files.map(({ path, sha256 }) => ({ file: basename(path), sha256 })) };
    }),
    counts,
  };
}

/** What the user said of the files. */
function givenOptions(reading: ReadingOptions): Json {
  const given = Object.entries(reading).filter(
    (entry): entry is [string, Exclude<(typeof entry)[1], undefined>] => entry[1] !== undefined,
  );
  return Object.fromEntries(
    given.map(([name, value]): [string, Json] => [name, typeof value === 'object' ? { ...value } : value]),
  );
}
