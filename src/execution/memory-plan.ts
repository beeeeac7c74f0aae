import { datasetSizeBytes, largestDataset, splitDayCount } from '../dataset/dataset.ts';
import { type RunFacts, stateRowsSizeBytes } from '../dataset/state-rows.ts';
import { sideContextsSizeBytes } from '../experiment/side-context.ts';
import { cappedRowCount, workSizeBytes } from '../experiment/work-size.ts';
import { alignedSize, MAX_MEMORY_BYTES, MAX_MEMORY32_BYTES } from '../numerics/memory.ts';
import { UserError } from '../user-error.ts';
import { controlSizeBytes } from './control.ts';

/** How the shared memory of a run is divided, known before anything is built. */
export type MemoryPlan = {
  /** state rows of every age, kept for the whole run */
  readonly stateRowsBytes: number;
  /** the largest dataset's matrices and what its sides share */
  readonly datasetBytes: number;
  /** datasets at a time: 2 where the next one can be prepared while one is judged */
  readonly datasetPlaces: 1 | 2;
  /** one task's own range */
  readonly slotBytes: number;
  /** one a thread */
  readonly slots: number;
  readonly totalBytes: number;
  /** bits of an address: 32 up to 4 GiB */
  readonly addressBits: 32 | 64;
  /** rows of each dataset, in the order given: an upper bound */
  readonly datasetRows: readonly number[];
};

/** The most memory that a run may share, and whose limit that is. */
export type MemoryLimit = { readonly bytes: number; readonly from: 'option' | 'machine' | 'engine' };

/** What of a dataset its size depends on. */
type DatasetShape = { readonly agesMinutes: readonly number[]; readonly maxRowsPerSplit: number };

/** Rows that the parts of a run's memory are made for. */
type Rows = { readonly state: number; readonly largest: number };

/**
 * @param rowCounts state rows by age, before any is dropped
 * @throws UserError when the run does not fit the limit, with what would
 */
export function planMemory(
  run: RunFacts,
  rowCounts: ReadonlyMap<number, number>,
  datasets: readonly DatasetShape[],
  threads: number,
  wanted: MemoryLimit = ENGINE_LIMIT,
): MemoryPlan {
  const limit = wanted.bytes < ENGINE_LIMIT.bytes ? wanted : ENGINE_LIMIT;
  const sizes = new RunSizes(run, threads);
  const datasetRows = datasets.map((dataset) => rowsOf(dataset, rowCounts));
  const rows = { state: sum(rowCounts.values()), largest: Math.max(1, ...datasetRows) };
  const one = sizes.of(rows, 1);
  if (one.totalBytes > limit.bytes) {
    throw new UserError(
      `memory: ${mebibytes(one.totalBytes)} of shared memory are needed (${rows.state} state rows, largest dataset ` +
        `${rows.largest} rows, ${threads} threads; ${one.addressBits}-bit addresses), the limit is ` +
        `${mebibytes(limit.bytes)} (${LIMIT_WORDS[limit.from]}). ${remedies(sizes, rows, rowCounts, datasets, limit)}`,
    );
  }
  // A second place is worth much memory, but not a memory with wider addresses, in which everything takes a little longer.
  const two = sizes.of(rows, 2);
  const hasTwo = datasets.length > 1 && two.totalBytes <= limit.bytes && two.addressBits === one.addressBits;
  return { ...(hasTwo ? two : one), datasetRows };
}

const ENGINE_LIMIT: MemoryLimit = { bytes: MAX_MEMORY_BYTES, from: 'engine' };

const LIMIT_WORDS: Readonly<Record<MemoryLimit['from'], string>> = {
  option: '--max-memory',
  machine: 'what this machine has; --max-memory can raise it',
  engine: 'the largest memory that can be shared',
};

function rowsOf({ agesMinutes, maxRowsPerSplit }: DatasetShape, rowCounts: ReadonlyMap<number, number>): number {
  return cappedRowCount(sum(agesMinutes.map((age) => rowCounts.get(age)!)), maxRowsPerSplit);
}

class RunSizes {
  readonly #run: RunFacts;
  readonly #threads: number;
  readonly #nDays: number;

  constructor(run: RunFacts, threads: number) {
    this.#run = run;
    this.#threads = threads;
    this.#nDays = splitDayCount(run);
  }

  of({ state, largest }: Rows, datasetPlaces: 1 | 2): Omit<MemoryPlan, 'datasetRows'> {
    const size = largestDataset(this.#run, largest);
    const stateRowsBytes = stateRowsSizeBytes(this.#run, state);
    const datasetBytes = alignedSize(datasetSizeBytes(size) + sideContextsSizeBytes(size));
    const slotBytes = alignedSize(workSizeBytes(size, this.#nDays));
    const slots = this.#threads;
    const totalBytes = controlSizeBytes(slots) + stateRowsBytes + datasetPlaces * datasetBytes + slots * slotBytes;
    const addressBits = totalBytes > MAX_MEMORY32_BYTES - 2 ** 16 ? 64 : 32;
    return { stateRowsBytes, datasetBytes, datasetPlaces, slotBytes, slots, totalBytes, addressBits };
  }

  fit(rows: Rows, { bytes }: MemoryLimit): boolean {
    return this.of(rows, 1).totalBytes <= bytes;
  }
}

/** What would fit, each by itself: a cap, fewer ages, entries further apart. */
function remedies(
  sizes: RunSizes,
  rows: Rows,
  rowCounts: ReadonlyMap<number, number>,
  datasets: readonly DatasetShape[],
  limit: MemoryLimit,
): string {
  const fits = (state: number, largest: number): boolean => sizes.fit({ state, largest: Math.max(1, largest) }, limit);
  const cap = mostThatFits(Math.ceil(rows.largest / 4), (rowsPerSplit) => fits(rows.state, 4 * rowsPerSplit));
  const largest = datasets.reduce((a, b) => (rowsOf(b, rowCounts) > rowsOf(a, rowCounts) ? b : a));
  const ages = mostThatFits(largest.agesMinutes.length - 1, (count) => {
    const kept = { ...largest, agesMinutes: largest.agesMinutes.slice(0, count) };
    return fits(sum(kept.agesMinutes.map((age) => rowCounts.get(age)!)), rowsOf(kept, rowCounts));
  });
  const stride =
    LONGEST_STRIDE -
    mostThatFits(LONGEST_STRIDE - 1, (less) => {
      const share = LONGEST_STRIDE - less;
      return fits(Math.ceil(rows.state / share), Math.ceil(rows.largest / share));
    });
  const ways: string[] = [];
  if (cap >= SMALLEST_CAP) ways.push(`maxRowsPerSplit: [${roundDown(cap)}]`);
  if (ages > 0) ways.push(`agesMinutes: [[${largest.agesMinutes.slice(0, ages).join(', ')}]]`);
  if (fits(Math.ceil(rows.state / stride), Math.ceil(rows.largest / stride))) {
    ways.push(`entries ${stride} times as far apart (sweep baseline build --entry-stride-minutes)`);
  }
  if (ways.length === 0) return 'Give it fewer feature rows: fewer days or symbols.';
  return `What would fit: ${ways.join('; or ')}.`;
}

const LONGEST_STRIDE = 60;
/** A smaller cap is no way to look at so many rows. */
const SMALLEST_CAP = 100;

/** The largest whole number up to `most` that fits, 0 for none; what is smaller than one that fits, fits. */
function mostThatFits(most: number, fits: (count: number) => boolean): number {
  let [low, high] = [0, most];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Two digits are enough of a proposal. */
function roundDown(count: number): number {
  const unit = 10 ** Math.max(0, String(count).length - 2);
  return Math.floor(count / unit) * unit;
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
