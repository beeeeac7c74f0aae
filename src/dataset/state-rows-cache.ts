import { createHash, type Hash } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { runFolder } from '../baseline/run-folder.ts';
import { TextPool } from '../baseline/text-pool.ts';
import { type Json, sha256Json } from '../canonical-json.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { version } from '../version.ts';
import { type FileArray, type OpenArrayFile, openArrayFile, writeArrayFile } from './array-file.ts';
import { allocateRows, type RunFacts, STATE_STRIDE, type StateRows } from './state-rows.ts';

const FORMAT = 3;
const SUFFIX = '.rows';
/** All files of the cache together; the ones longest unused go first. */
export const DEFAULT_CACHE_BYTES = 2 * 2 ** 30;

export type CacheOptions = { readonly folder: string; readonly maxBytes: number };

/** State rows that an earlier run has built: what is known of them is read, they themselves wait for their memory. */
export type CachedStateRows = Disposable & {
  readonly run: RunFacts;
  /** ageMinutes → rows before any was dropped, as when they were built */
  readonly counts: ReadonlyMap<number, number>;
  /** Reads them straight into shared memory; null, and nothing taken, where a file turns out to be damaged. */
  fill(arena: SharedArena): StateRows | null;
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
      // The one file that a run may lack.
      if (path.endsWith('label_config.json') && !existsSync(path)) hash.update('0 ');
      else hashFile(hash, path);
    }
  } catch {
    return null;
  }
  return hash.digest('hex');
}

/** A file's size and bytes, piece by piece: one buffer that is used again costs less than memory for the whole file. */
function hashFile(hash: Hash, path: string): void {
  // A device or a pipe may never end; reading the run says what is wrong.
  if (!statSync(path).isFile()) throw new TypeError(`${path} is no file`);
  const file = openSync(path, 'r');
  try {
    hash.update(`${fstatSync(file).size} `);
    for (let count = readSync(file, PIECE); count > 0; count = readSync(file, PIECE)) {
      hash.update(PIECE.subarray(0, count));
    }
  } finally {
    closeSync(file);
  }
}

const PIECE = Buffer.alloc(2 ** 20);

/** State rows of all these ages, or null when one of them is not in the cache or what describes it is damaged. */
export async function readCachedStateRows(
  { folder }: CacheOptions,
  inputs: string,
  agesMinutes: readonly number[],
): Promise<CachedStateRows | null> {
  const opened: OpenArrayFile[] = [];
  const close = (): void => {
    for (const file of opened.splice(0)) file[Symbol.dispose]();
  };
  const openFor = (path: string, isRight: (meta: Record<string, unknown>) => boolean): OpenArrayFile | null => {
    const file = openArrayFile(path);
    if (file === null) return null;
    opened.push(file);
    // A file says itself what it holds: one under another's name is not taken for it.
    const meta: Record<string, unknown> = Object(file.meta);
    return meta.inputs === inputs && isRight(meta) ? file : null;
  };
  const ages = [...agesMinutes].sort((a, b) => a - b);
  let found: ReturnType<typeof openAll>;
  try {
    found = openAll(folder, inputs, ages, openFor);
  } catch (error) {
    close();
    throw error;
  }
  if (found === null) {
    close();
    return null;
  }
  const { run, features, parts } = found;
  const used = new Date();
  const paths = [factsPath, featuresPath].map((path) => path(folder, inputs));
  // For the order of pruning; a file that somebody has just deleted is read all the same.
  for (const path of [...paths, ...ages.map((age) => agePath(folder, inputs, age))]) {
    await utimes(path, used, used).catch(() => {});
  }
  return {
    run,
    counts: new Map(parts.map(({ age, file }) => [age, Number(Object(file.meta).count)])),
    fill: (arena) => {
      const mark = arena.mark();
      const rows = readRows(run, features, parts, arena);
      if (rows === null) arena.release(mark);
      return rows;
    },
    [Symbol.dispose]: close,
  };
}

type Part = { readonly age: number; readonly file: OpenArrayFile };

function openAll(
  folder: string,
  inputs: string,
  ages: readonly number[],
  openFor: (path: string, isRight: (meta: Record<string, unknown>) => boolean) => OpenArrayFile | null,
): { run: RunFacts; features: OpenArrayFile; parts: readonly Part[] } | null {
  const facts = openFor(factsPath(folder, inputs), () => true);
  const features = openFor(featuresPath(folder, inputs), () => true);
  const parts = ages.flatMap((age) => {
    const file = openFor(agePath(folder, inputs, age), (meta) => meta.age === age);
    return file === null ? [] : [{ age, file }];
  });
  if (facts === null || features === null || parts.length < ages.length) return null;
  const arrays = facts.read();
  return arrays === null ? null : { run: factsFrom(Object(facts.meta).facts, arrays), features, parts };
}

function readRows(
  run: RunFacts,
  features: OpenArrayFile,
  parts: readonly Part[],
  arena: SharedArena,
): StateRows | null {
  const marketFeatures = arena.float32(features.lengthOf('marketFeatures'), 'dirty');
  if (features.read({ marketFeatures }) === null) return null;
  const lengths = parts.map(({ file }) => file.lengthOf('featureRow'));
  const rows = allocateRows(
    arena,
    lengths.reduce((a, b) => a + b, 0),
  );
  const ranges = new Map<number, readonly [number, number]>();
  let at = 0;
  for (const [i, { age, file }] of parts.entries()) {
    const end = at + lengths[i]!;
    if (file.read(rowsBetween(rows, at, end)) === null) return null;
    ranges.set(age, [at, end]);
    at = end;
  }
  return { run, marketFeatures, ranges, ...rows };
}

/** Stores state rows, then removes the files longest unused until the cache is within its bound. */
export async function cacheStateRows(
  options: CacheOptions,
  inputs: string,
  rows: StateRows,
  counts: ReadonlyMap<number, number>,
): Promise<void> {
  const { folder } = options;
  await writeArrayFile(featuresPath(folder, inputs), { inputs }, { marketFeatures: rows.marketFeatures });
  await writeArrayFile(factsPath(folder, inputs), { inputs, facts: factsJson(rows.run) }, factsArrays(rows.run));
  for (const [age, [first, end]] of rows.ranges) {
    await writeArrayFile(
      agePath(folder, inputs, age),
      { inputs, age, count: counts.get(age) ?? end - first },
      rowsBetween(rows, first, end),
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

/** The arrays of a range of state rows, as files hold them. */
function rowsBetween(rows: ReturnType<typeof allocateRows>, first: number, end: number) {
  return {
    featureRow: rows.featureRow.subarray(first, end),
    side: rows.side.subarray(first, end),
    spansGap: rows.spansGap.subarray(first, end),
    stateFeatures: rows.stateFeatures.subarray(first * STATE_STRIDE, end * STATE_STRIDE),
    continueTarget: rows.continueTarget.subarray(first, end),
    expectedContinueEdgeBps: rows.expectedContinueEdgeBps.subarray(first, end),
  };
}

function factsPath(folder: string, inputs: string): string {
  return join(folder, `${inputs}${SUFFIX}`);
}

function featuresPath(folder: string, inputs: string): string {
  return join(folder, `${inputs}.features${SUFFIX}`);
}

function agePath(folder: string, inputs: string, age: number): string {
  return join(folder, `${inputs}.age-${age}${SUFFIX}`);
}

function factsJson({ features, ...run }: RunFacts): Json {
  const { runId, root, pricePlan, continueLabel, continueMetrics, barsPerMinute } = run;
  const { featureOrder } = features;
  const facts = { runId, root, pricePlan, continueLabel, continueMetrics, barsPerMinute, featureOrder };
  return { ...facts, check: sha256Json(facts) };
}

function factsArrays({ features }: RunFacts): Record<string, FileArray> {
  return {
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
