import { countOf } from '../counts.ts';
import { datasetSizeBytes, splitDayCount } from '../dataset/dataset.ts';
import { type DatasetSize, DatasetSizes, sizeThatHolds } from '../dataset/dataset-size.ts';
import { type AgeRows, totalRows } from '../dataset/row-counts.ts';
import { type RunFacts, stateRowsSizeBytes } from '../dataset/state-rows.ts';
import { sideContextsSizeBytes } from '../experiment/side-context.ts';
import { workSizeBytes } from '../experiment/work-size.ts';
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

/** What the parts of a run's memory are made for: its state rows, and a size that holds each of its datasets. */
type Sizes = { readonly state: number; readonly dataset: DatasetSize };

/**
 * @param counts state rows by age, before any is dropped
 * @param datasets one or more
 * @throws UserError when the run does not fit the limit, with what would
 */
export function planMemory(
  run: RunFacts,
  counts: ReadonlyMap<number, AgeRows>,
  datasets: readonly DatasetShape[],
  threads: number,
  wanted: MemoryLimit = ENGINE_LIMIT,
): MemoryPlan {
  const limit = wanted.bytes < ENGINE_LIMIT.bytes ? wanted : ENGINE_LIMIT;
  const sizes = new RunSizes(run, threads);
  const ofDatasets = new DatasetSizes(run, counts);
  const datasetSizes = datasets.map(({ agesMinutes, maxRowsPerSplit }) => ofDatasets.of(agesMinutes, maxRowsPerSplit));
  const datasetRows = datasetSizes.map(({ rows }) => rows);
  const whole = { state: totalRows(counts.values()), dataset: sizeThatHolds(datasetSizes) };
  const one = sizes.of(whole, 1);
  if (one.totalBytes > limit.bytes) {
    throw new UserError(
      `memory: ${mebibytes(one.totalBytes)} of shared memory are needed (${countOf(whole.state, 'state row')}, largest dataset ` +
        `${countOf(whole.dataset.rows, 'row')}, ${countOf(threads, 'thread')}; ${one.addressBits}-bit addresses), the limit is ` +
        `${mebibytes(limit.bytes)} (${LIMIT_WORDS[limit.from]}). ${remedies(sizes, ofDatasets, whole, counts, datasets, limit)}`,
    );
  }
  // A second place is worth much memory, but not a memory with wider addresses, in which everything takes a little longer.
  const two = sizes.of(whole, 2);
  const hasTwo = datasets.length > 1 && two.totalBytes <= limit.bytes && two.addressBits === one.addressBits;
  return { ...(hasTwo ? two : one), datasetRows };
}

const ENGINE_LIMIT: MemoryLimit = { bytes: MAX_MEMORY_BYTES, from: 'engine' };

const LIMIT_WORDS: Readonly<Record<MemoryLimit['from'], string>> = {
  option: '--max-memory',
  machine: 'what this machine has; --max-memory can raise it',
  engine: 'the largest memory that can be shared',
};

class RunSizes {
  readonly #run: RunFacts;
  readonly #threads: number;
  readonly #nDays: number;

  constructor(run: RunFacts, threads: number) {
    this.#run = run;
    this.#threads = threads;
    this.#nDays = splitDayCount(run);
  }

  of({ state, dataset: size }: Sizes, datasetPlaces: 1 | 2): Omit<MemoryPlan, 'datasetRows'> {
    const stateRowsBytes = stateRowsSizeBytes(this.#run, state);
    const datasetBytes = alignedSize(datasetSizeBytes(size) + sideContextsSizeBytes(size));
    const slotBytes = alignedSize(workSizeBytes(size, this.#nDays));
    const slots = this.#threads;
    const totalBytes = controlSizeBytes(slots) + stateRowsBytes + datasetPlaces * datasetBytes + slots * slotBytes;
    const addressBits = totalBytes > MAX_MEMORY32_BYTES - 2 ** 16 ? 64 : 32;
    return { stateRowsBytes, datasetBytes, datasetPlaces, slotBytes, slots, totalBytes, addressBits };
  }

  fit(whole: Sizes, { bytes }: MemoryLimit): boolean {
    return this.of(whole, 1).totalBytes <= bytes;
  }
}

/** What would fit, each by itself: a cap, fewer ages, entries further apart. */
function remedies(
  sizes: RunSizes,
  ofDatasets: DatasetSizes,
  whole: Sizes,
  counts: ReadonlyMap<number, AgeRows>,
  datasets: readonly DatasetShape[],
  limit: MemoryLimit,
): string {
  const cap = mostThatFits(whole.dataset.rows, (rowsPerSplit) => {
    const capped = datasets.map(({ agesMinutes, maxRowsPerSplit: own }) => {
      return ofDatasets.of(agesMinutes, own > 0 ? Math.min(own, rowsPerSplit) : rowsPerSplit);
    });
    return sizes.fit({ state: whole.state, dataset: sizeThatHolds(capped) }, limit);
  });
  const rowsOf = (shape: DatasetShape): number => ofDatasets.of(shape.agesMinutes, shape.maxRowsPerSplit).rows;
  const largest = datasets.reduce((a, b) => (rowsOf(b) > rowsOf(a) ? b : a));
  const ages = mostThatFits(largest.agesMinutes.length - 1, (count) => {
    const kept = largest.agesMinutes.slice(0, count);
    const state = totalRows(kept.map((age) => counts.get(age)!));
    return sizes.fit({ state, dataset: ofDatasets.of(kept, largest.maxRowsPerSplit) }, limit);
  });
  const fitsAt = (stride: number): boolean => sizes.fit(withStride(whole, stride), limit);
  const stride = LONGEST_STRIDE - mostThatFits(LONGEST_STRIDE - 1, (less) => fitsAt(LONGEST_STRIDE - less));
  const ways: string[] = [];
  if (cap >= SMALLEST_CAP) ways.push(`maxRowsPerSplit: [${roundDown(cap)}]`);
  if (ages > 0) ways.push(`agesMinutes: [[${largest.agesMinutes.slice(0, ages).join(', ')}]]`);
  if (fitsAt(stride)) {
    ways.push(`entries ${stride} times as far apart (\`sweep baseline build --entry-stride-minutes\`)`);
  }
  if (ways.length === 0) {
    // A machine's limit is told with what raises it.
    return `${limit.from === 'option' ? 'Raise it, or give' : 'Give'} it fewer feature rows: fewer days or symbols.`;
  }
  return `What would fit: ${ways.join('; or ')}.`;
}

/** As many rows as entries so many times as far apart have; they may still reach as many feature rows. */
function withStride({ state, dataset }: Sizes, stride: number): Sizes {
  const share = (count: number): number => Math.ceil(count / stride);
  const [rows, fitRows] = [share(dataset.rows), share(dataset.fitRows)];
  const groups = Math.min(dataset.groups, rows);
  const fitGroups = Math.min(dataset.fitGroups, fitRows);
  return {
    state: share(state),
    dataset: { ...dataset, rows, fitRows, groups, fitGroups, largestPart: share(dataset.largestPart) },
  };
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

function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}
