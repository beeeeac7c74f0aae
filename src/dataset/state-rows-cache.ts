import { TextPool } from '../baseline/text-pool.ts';
import { type Json, sha256Json } from '../canonical-json.ts';
import type { SharedArena } from '../numerics/memory.ts';
import { type FileArray, type OpenArrayFile, openArrayFile, writeArrayFile } from './array-file.ts';
import { type CacheFolder, CacheProblem } from './cache-folder.ts';
import type { AgeRows } from './row-counts.ts';
import { STATE_STRIDE } from './state-features.ts';
import { allocateRows, type RunFacts, type StateRows } from './state-rows.ts';

/** What an earlier run has put into the cache of a baseline run. */
export type CachedStateRows = Disposable & {
  readonly run: RunFacts;
  /** ageMinutes → rows before any was dropped, as when they were counted */
  readonly counts: ReadonlyMap<number, AgeRows>;
  /**
   * Reads the rows straight into shared memory; null, and nothing taken, where a file turns out to be damaged. Undefined
   * where rows were counted and not built.
   */
  readonly fill: ((arena: SharedArena) => StateRows | null) | undefined;
};

/**
 * What is in the cache of all these ages; null when one of them has not even been counted.
 *
 * @param inputs the key: a hash of everything that rows are made of
 * @param root where the baseline run lies now; the rows may have been made of a copy of it
 * @throws CacheProblem where a file of the cache cannot be read
 */
export function readCachedStateRows(
  folder: CacheFolder,
  inputs: string,
  root: string,
  agesMinutes: readonly number[],
): CachedStateRows | null {
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
  let found: CachedStateRows | null = null;
  try {
    found = openAll(folder, inputs, root, ages, openFor, close);
  } finally {
    if (found === null) close();
  }
  return found;
}

type Part = { readonly age: number; readonly file: OpenArrayFile };

function openAll(
  folder: CacheFolder,
  inputs: string,
  root: string,
  ages: readonly number[],
  openFor: (path: string, isRight: (meta: Record<string, unknown>) => boolean) => OpenArrayFile | null,
  close: () => void,
): CachedStateRows | null {
  const facts = openFor(folder.path(inputs), () => true);
  const arrays = facts?.read() ?? null;
  if (facts === null || arrays === null) return null;
  const parts = ages.flatMap((age) => {
    const file = openFor(folder.path(`${inputs}.age-${age}`), (meta) => meta.age === age);
    return file === null ? [] : [{ age, file }];
  });
  const counts = new Map(parts.map(({ age, file }) => [age, countIn(file)]));
  for (const age of ages.filter((age) => !counts.has(age))) {
    const counted = openFor(folder.path(`${inputs}.count-${age}`), (meta) => meta.age === age);
    if (counted === null) return null;
    counts.set(age, countIn(counted));
  }
  const features = openFor(folder.path(`${inputs}.features`), () => true);
  const run = { ...factsFrom(Object(facts.meta).facts, arrays), root };
  const fill =
    features === null || parts.length < ages.length
      ? undefined
      : (arena: SharedArena): StateRows | null => {
          const mark = arena.mark();
          const rows = readRows(run, features, parts, arena);
          if (rows === null) arena.release(mark);
          return rows;
        };
  return { run, counts, fill, [Symbol.dispose]: close };
}

/** In the header, so that who plans need not read the rows. */
function countJson({ byPart, reached }: AgeRows): Json {
  return { byPart: [...byPart], reached: Buffer.from(reached).toString('base64') };
}

/** The inverse; the header's checksum says that it is what was written. */
function countIn(file: OpenArrayFile): AgeRows {
  const { byPart, reached } = (file.meta as { counted: { byPart: number[]; reached: string } }).counted;
  return { byPart, reached: new Uint8Array(Buffer.from(reached, 'base64')) };
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

/** Stores state rows, then makes room. @throws an error of the system where the cache cannot be written */
export async function cacheStateRows(
  folder: CacheFolder,
  inputs: string,
  rows: StateRows,
  counts: ReadonlyMap<number, AgeRows>,
): Promise<void> {
  await folder.make();
  await writeArrayFile(folder.path(`${inputs}.features`), { inputs }, { marketFeatures: rows.marketFeatures });
  await writeFacts(folder, inputs, rows.run);
  for (const [age, [first, end]] of rows.ranges) {
    await writeArrayFile(
      folder.path(`${inputs}.age-${age}`),
      { inputs, age, counted: countJson(counts.get(age)!) },
      rowsBetween(rows, first, end),
    );
  }
  folder.prune();
}

/** Stores how many rows there would be, for whoever plans again. */
export async function cacheCounts(
  folder: CacheFolder,
  inputs: string,
  run: RunFacts,
  counts: ReadonlyMap<number, AgeRows>,
): Promise<void> {
  await folder.make();
  await writeFacts(folder, inputs, run);
  for (const [age, count] of counts) {
    await writeArrayFile(folder.path(`${inputs}.count-${age}`), { inputs, age, counted: countJson(count) }, {});
  }
  folder.prune();
}

function writeFacts(folder: CacheFolder, inputs: string, run: RunFacts): Promise<number> {
  return writeArrayFile(folder.path(inputs), { inputs, facts: factsJson(run) }, factsArrays(run));
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

function factsJson({ features, ...run }: RunFacts): Json {
  const { runId, pricePlan, continueLabel, continueMetrics, maxAgeMinutes, barsPerMinute } = run;
  const { featureOrder } = features;
  const facts = { runId, pricePlan, continueLabel, continueMetrics, maxAgeMinutes, barsPerMinute, featureOrder };
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
function factsFrom(meta: unknown, arrays: Readonly<Record<string, FileArray>>): Omit<RunFacts, 'root'> {
  const { check, featureOrder, ...facts } = meta as Omit<RunFacts, 'root'> & { check: string; featureOrder: string[] };
  if (check !== sha256Json({ ...(facts as unknown as Record<string, Json>), featureOrder })) {
    throw new CacheProblem('the description of a baseline run in it differs from its checksum');
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
  throw new CacheProblem('a file in it does not hold what this version writes');
}
