import { availableParallelism, totalmem } from 'node:os';
import { type Command, Option } from 'commander';
import type { Json } from '../canonical-json.ts';
import { countOf } from '../counts.ts';
import { type CacheOptions, DEFAULT_CACHE_BYTES } from '../dataset/cache-folder.ts';
import type { BarGaps } from '../dataset/state-frame.ts';
import type { MemoryLimit } from '../execution/memory-plan.ts';
import { expectFolder } from '../expected-folder.ts';
import { DEFAULTS } from '../experiment/configuration.ts';
import { readSweepDefinition, readWrittenDefinition } from '../sweep/definition.ts';
import { countConfigurations } from '../sweep/expand.ts';
import { wholeNumberFrom, wholeNumberWithin } from '../sweep/parameter-rules.ts';
import { MAX_CONFIGURATIONS, planSweep, type SweepPlan } from '../sweep/plan.ts';
import { UserError } from '../user-error.ts';
import { numberBy } from './arguments.ts';
import { collectPlaces, fetchData, maxDataOption } from './data-options.ts';
import { ALLOW_LONG_AGES, refuseLongAges } from './long-ages.ts';
import { note } from './terminal.ts';

export const DEFAULT_STORE = 'results/sweeps.db';

/** What a command has to say to work with the same store as this one. */
export function storeWords(db: string): string[] {
  return db === DEFAULT_STORE ? [] : ['--db', db];
}

export const DEFAULT_CACHE = 'results/cache';
/** A configuration takes a few milliseconds; one that takes minutes will never end. */
export const DEFAULT_TIME_LIMIT_SECONDS = 300;

/** A grid of more configurations is more likely a slip than a wish: it needs --yes or --limit. */
const CONFIRM_ABOVE = 100_000;

/** Beyond any machine that this was tried on; a slip, such as 1000 for 10. */
export const MOST_THREADS = 256;

/** Options of every command that takes a sweep definition. */
export type SharedSweepOptions = {
  dataRoot?: string;
  /** where the baseline run is fetched from */
  data?: string[];
  /** GiB */
  maxData: number;
  threads?: number;
  limit?: number;
  yes: boolean;
  barGaps: BarGaps;
  featureOrder?: string;
  maxMemory?: number;
  allowLongAges: boolean;
  /** false with --no-cache */
  cache: string | false;
};

/** What the options mean to those who read a baseline run and plan its memory. */
export function runSettings(options: SharedSweepOptions) {
  return {
    threads: options.threads ?? defaultThreads(),
    barGaps: options.barGaps,
    featureOrderFile: options.featureOrder,
    cache: options.cache === false ? null : cacheIn(options.cache),
    memoryLimit: memoryLimit(options),
  };
}

/** @throws UserError where it cannot be a folder: what else a cache may suffer from costs time only, and is said */
function cacheIn(folder: string): CacheOptions {
  expectFolder(folder, 'a folder for the cache', 'Name another with --cache, or leave it out with --no-cache');
  return { folder, maxBytes: DEFAULT_CACHE_BYTES };
}

export function sharedSweepOptions(command: Command): Command {
  const withData = command
    .option('--data-root <dir>', "folder that holds trader-v4/runs, instead of the definition's")
    .addOption(
      new Option(
        '--data <place>',
        'fetch the baseline run from a folder, https://… or s3://…; several are asked in order',
      )
        .argParser(collectPlaces)
        .conflicts('dataRoot'),
    );
  return maxDataOption(withData)
    .option('--threads <n>', 'worker threads (default: one a core)', numberBy(wholeNumberWithin(1, MOST_THREADS)))
    .option('--limit <n>', 'take only the first n configurations', numberBy(wholeNumberFrom(1)))
    .option('--yes', `run more than ${countOf(CONFIRM_ABOVE, 'configuration')} without asking`, false)
    .addOption(
      new Option('--bar-gaps <policy>', 'rows whose window of bars spans missing minutes')
        .choices(['keep', 'drop'] as const)
        .default('keep'),
    )
    .option('--feature-order <file>', "JSON array of market features, instead of the run's feature/feature_order.json")
    .option('--cache <dir>', 'where built state rows are kept for the next run', DEFAULT_CACHE)
    .option('--no-cache', 'build them anew and keep nothing')
    .option(...ALLOW_LONG_AGES, false)
    .option(
      '--max-memory <MiB>',
      'refuse to use more shared memory than this (default: what the machine has)',
      numberBy(wholeNumberFrom(1)),
    );
}

/** What --max-memory says, else what the machine has, or the container that this runs in. */
function memoryLimit({ maxMemory }: SharedSweepOptions): MemoryLimit {
  if (maxMemory !== undefined) return { bytes: maxMemory * 2 ** 20, from: 'option' };
  const constrained = process.constrainedMemory();
  return { bytes: constrained > 0 ? Math.min(totalmem(), constrained) : totalmem(), from: 'machine' };
}

function defaultThreads(): number {
  return availableParallelism();
}

/** Reads and plans a definition; a plan carries what it was made from. */
export async function planFile(
  file: string,
  options: SharedSweepOptions,
  purpose: 'run' | 'look',
): Promise<SweepPlan & { readonly definition: Json }> {
  const [definition, written] = await Promise.all([readSweepDefinition(file), readWrittenDefinition(file)]);
  const { baseline } = definition;
  const fetched = options.data === undefined ? null : await fetchData(options.data, baseline.runId, options);
  const dataRoot = fetched?.folder ?? options.dataRoot ?? baseline.dataRoot;
  const withRoot = { ...definition, baseline: { ...baseline, dataRoot } };
  const count = Math.min(countConfigurations(withRoot), options.limit ?? Infinity);
  // Beyond the maximum --yes is no remedy; planning says what is.
  if (count > CONFIRM_ABOVE && count <= MAX_CONFIGURATIONS && !options.yes) {
    const words = `${file}: ${countOf(count, 'configuration')}`;
    const remedy = 'Take the first N with --limit N, give the axes fewer values, or say --yes to run them all';
    if (purpose === 'run') throw new UserError(`${words} are more than anybody reads by accident. ${remedy}.`);
    note(`${words}; a run asks for --yes or --limit N`);
  }
  const plan = planSweep(withRoot, { limit: options.limit });
  if (!options.allowLongAges) {
    const sets = definition.axes.agesMinutes ?? [DEFAULTS.agesMinutes];
    await refuseLongAges(
      plan.baseline,
      sets.map((ages, i) => [`${file}: axes.agesMinutes[${i}]`, ages]),
    );
  }
  for (const axis of plan.unusedAxes)
    note(`${file}: axes.${axis} is not used: no configuration of that regressor kind`);
  // Through JSON, since absent keys and undefined ones are the same there.
  const json: Json = JSON.parse(JSON.stringify(written));
  return { ...plan, definition: json };
}
