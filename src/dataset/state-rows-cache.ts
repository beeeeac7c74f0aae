import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { runFolder } from '../baseline/baseline-run.ts';
import { TextPool } from '../baseline/text-pool.ts';
import { type Json, sha256Json } from '../canonical-json.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { version } from '../version.ts';
import { type FileArray, readArrayFile, writeArrayFile } from './array-file.ts';
import { allocateRows, type RunFacts, STATE_STRIDE, type StateRows } from './state-rows.ts';

const FORMAT = 2;
const SUFFIX = '.rows';
/** All files of the cache together; the ones longest unused go first. */
export const DEFAULT_CACHE_BYTES = 2 * 2 ** 30;

export type CacheOptions = { readonly folder: string; readonly maxBytes: number };

/** State rows that an earlier run has built, read back whole. */
export type CachedStateRows = {
  readonly run: RunFacts;
  /** ageMinutes → rows before any was dropped, as when they were built */
  readonly counts: ReadonlyMap<number, number>;
  fill(arena: SharedArena): StateRows;
};

/**
 * Hash of everything that state rows are made of: the bytes of the baseline run's files, and this program's version.
 * Null where a file cannot be read; reading the run says what is wrong.
 */
export async function inputsHash(dataRoot: string, runId: string, featureOrderFile?: string): Promise<string | null> {
  const root = runFolder(dataRoot, runId);
  const names = [
    'feature/feature_frame.parquet',
    'label/entry_labels.parquet',
    'label/price_plan_context.json',
    'label/label_config.json',
    'split/split_manifest.json',
    'model/direction/direction.onnx',
    'model/entry/entry.onnx',
    'model/model_train_manifest.json',
  ].map((name) => join(root, name));
  const order = featureOrderFile ?? join(root, 'feature/feature_order.json');
  const hash = createHash('sha256').update(JSON.stringify({ format: FORMAT, version: version(), root }));
  try {
    const manifest: unknown = JSON.parse(await readFile(join(root, 'split/split_manifest.json'), 'utf8'));
    const source = Object(manifest).source_replay_path;
    if (typeof source !== 'string') return null;
    for (const path of [order, ...names, isAbsolute(source) ? source : join(root, source)]) {
      const bytes = await readRegularFile(path).catch((error: unknown) => {
        // The one file that a run may lack.
        if (path.endsWith('label_config.json') && Object(error).code === 'ENOENT') return Buffer.alloc(0);
        throw error;
      });
      hash.update(`${bytes.length} `).update(bytes);
    }
  } catch {
    return null;
  }
  return hash.digest('hex');
}

async function readRegularFile(path: string): Promise<Buffer> {
  // A device or a pipe may never end; reading the run says what is wrong.
  if (!(await stat(path)).isFile()) throw new TypeError(`${path} is no file`);
  return readFile(path);
}

/** State rows of all these ages, or null when one of them is not in the cache or its file is damaged. */
export async function readCachedStateRows(
  { folder }: CacheOptions,
  inputs: string,
  agesMinutes: readonly number[],
): Promise<CachedStateRows | null> {
  const base = await readArrayFile(basePath(folder, inputs));
  if (base === null || Object(base.meta).inputs !== inputs) return null;
  const ages = [...agesMinutes].sort((a, b) => a - b);
  const files = await Promise.all(ages.map((age) => readArrayFile(agePath(folder, inputs, age))));
  // A file says itself what it holds: one under another's name is not taken for it.
  const parts = files.flatMap((file, i) => {
    const age = ages[i]!;
    const isRight = file !== null && Object(file.meta).inputs === inputs && Object(file.meta).age === age;
    return isRight ? [{ age, ...file }] : [];
  });
  if (parts.length < ages.length) return null;
  const used = new Date();
  const paths = [basePath(folder, inputs), ...ages.map((age) => agePath(folder, inputs, age))];
  // For the order of pruning; a file that somebody has just deleted was read all the same.
  await Promise.all(paths.map((path) => utimes(path, used, used).catch(() => {})));
  const run = factsFrom(Object(base.meta).facts, base.arrays);
  return {
    run,
    counts: new Map(parts.map(({ age, meta }) => [age, Number(Object(meta).count)])),
    fill: (arena) => {
      const stored = as(base.arrays.marketFeatures, Float32Array);
      const marketFeatures = arena.float32(stored.length, 'dirty');
      marketFeatures.set(stored);
      const lengths = parts.map(({ arrays }) => as(arrays.featureRow, Int32Array).length);
      const rows = allocateRows(
        arena,
        lengths.reduce((a, b) => a + b, 0),
      );
      const ranges = new Map<number, readonly [number, number]>();
      let at = 0;
      parts.forEach(({ age, arrays }, i) => {
        rows.featureRow.set(as(arrays.featureRow, Int32Array), at);
        rows.side.set(as(arrays.side, Uint8Array), at);
        rows.spansGap.set(as(arrays.spansGap, Uint8Array), at);
        rows.stateFeatures.set(as(arrays.stateFeatures, Float32Array), at * STATE_STRIDE);
        rows.continueTarget.set(as(arrays.continueTarget, Uint8Array), at);
        rows.expectedContinueEdgeBps.set(as(arrays.expectedContinueEdgeBps, Float32Array), at);
        ranges.set(age, [at, at + lengths[i]!]);
        at += lengths[i]!;
      });
      return { run, marketFeatures, ranges, ...rows };
    },
  };
}

/** Stores state rows, then removes the files longest unused until the cache is within its bound. */
export async function cacheStateRows(
  options: CacheOptions,
  inputs: string,
  rows: StateRows,
  counts: ReadonlyMap<number, number>,
): Promise<void> {
  const { folder } = options;
  await writeArrayFile(basePath(folder, inputs), { inputs, facts: factsJson(rows.run) }, factsArrays(rows));
  for (const [age, [first, end]] of rows.ranges) {
    await writeArrayFile(
      agePath(folder, inputs, age),
      { inputs, age, count: counts.get(age) ?? end - first },
      {
        featureRow: rows.featureRow.subarray(first, end),
        side: rows.side.subarray(first, end),
        spansGap: rows.spansGap.subarray(first, end),
        stateFeatures: rows.stateFeatures.subarray(first * STATE_STRIDE, end * STATE_STRIDE),
        continueTarget: rows.continueTarget.subarray(first, end),
        expectedContinueEdgeBps: rows.expectedContinueEdgeBps.subarray(first, end),
      },
    );
  }
  await prune(options);
}

async function prune({ folder, maxBytes }: CacheOptions): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      return { path, size, mtimeMs };
    }),
  );
  let total = files.reduce((sum, file) => sum + file.size, 0);
  for (const { path, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= maxBytes) return;
    await rm(path, { force: true });
    total -= size;
  }
}

function basePath(folder: string, inputs: string): string {
  return join(folder, `${inputs}${SUFFIX}`);
}

function agePath(folder: string, inputs: string, age: number): string {
  return join(folder, `${inputs}.age-${age}${SUFFIX}`);
}

function factsJson({ runId, root, pricePlan, continueLabel, continueMetrics, features }: RunFacts): Json {
  const facts = { runId, root, pricePlan, continueLabel, continueMetrics, featureOrder: features.featureOrder };
  return { ...facts, check: sha256Json(facts) };
}

function factsArrays({ marketFeatures, run }: StateRows): Record<string, FileArray> {
  const { features } = run;
  return {
    marketFeatures,
    sampleCodes: features.sampleIds.codes,
    sampleBytes: features.sampleIds.pool.bytes,
    sampleOffsets: features.sampleIds.pool.offsets,
    symbolCodes: features.symbols.codes,
    symbolBytes: features.symbols.pool.bytes,
    symbolOffsets: features.symbols.pool.offsets,
    eventTimesNs: features.eventTimesNs,
    openTimesMs: features.openTimesMs,
    splits: features.splits,
    folds: features.folds,
  };
}

/** The inverse of `factsJson` and `factsArrays`; what was written is what is read, by the checksums. */
function factsFrom(meta: unknown, arrays: Readonly<Record<string, FileArray>>): RunFacts {
  const { check, featureOrder, ...facts } = meta as RunFacts & { check: string; featureOrder: string[] };
  if (check !== sha256Json({ ...(facts as unknown as Record<string, Json>), featureOrder })) {
    throw new Error('cache: the description of a baseline run differs from its checksum; delete the cache folder');
  }
  const texts = (name: string) => ({
    codes: as(arrays[`${name}Codes`], Int32Array),
    pool: TextPool.from(as(arrays[`${name}Bytes`], Uint8Array), as(arrays[`${name}Offsets`], Int32Array)),
  });
  const splits = as(arrays.splits, Uint8Array);
  return {
    ...facts,
    features: {
      rowCount: splits.length,
      sampleIds: texts('sample'),
      symbols: texts('symbol'),
      eventTimesNs: as(arrays.eventTimesNs, BigInt64Array),
      openTimesMs: as(arrays.openTimesMs, Float64Array),
      splits,
      folds: as(arrays.folds, Float64Array),
      featureOrder,
    },
  };
}

function as<T extends FileArray>(array: FileArray | undefined, Kind: abstract new (...args: never[]) => T): T {
  if (array instanceof Kind) return array;
  throw new Error('cache: a file does not hold what this version writes; delete the cache folder');
}
