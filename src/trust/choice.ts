import { log } from '../numerics/elementary/log.ts';
import { type BlockRows, distinctRows, pickRows, rowMeans, rowSums, spreadRows } from './block-rows.ts';
import { MAX_CHOICE_BLOCKS, MAX_HALVES, NULL_ROWS, NULL_VECTORS } from './constants.ts';
import { type SignTable, signAt } from './sign-table.ts';

/** What choosing on one half of the blocks did on the other half. */
export type Choice = {
  /** share of halves whose winner is in the worse half of the rows on the other blocks */
  readonly pbo: number;
  /** mean over halves of (median row − winner) on the other blocks */
  readonly gain: number;
  readonly meanLogit: number;
};

export type ChoiceAgainstNull = Choice & {
  /** 5 %, 50 % and 95 % of the PBO of rows that are all equal */
  readonly nullPbo: readonly [number, number, number];
  /** the gain that would show */
  readonly nullGain95: number;
  /** (1 + #{null gain ≥ gain})/(1 + null vectors) */
  readonly pGain: number;
  readonly distinct: number;
  readonly combinations: number;
};

/**
 * Combinatorially symmetric cross-validation of the choice: PBO, and first what choosing gained, each beside what rows that
 * are all equal would show.
 *
 * @param losses by block, lower is better; two distinct rows at least, eight blocks at least
 * Source: Bailey, Borwein, López de Prado, Zhu 2017, The probability of backtest overfitting.
 */
export function choiceAgainstNull(losses: BlockRows, signs: SignTable, nullVectors = NULL_VECTORS): ChoiceAgainstNull {
  const { q } = losses;
  const blocks = Math.min(MAX_CHOICE_BLOCKS, q - (q % 2));
  const distinct = pickRows(losses, distinctRows(losses));
  const halves = thinned(halvesOf(blocks), MAX_HALVES);
  const choice = chooseOnHalves(merged(distinct, blocks), halves);

  const rows = pickRows(distinct, spreadRows(distinct, NULL_ROWS));
  const deviations = equalised(rows);
  const pbos = new Float64Array(nullVectors);
  const gains = new Float64Array(nullVectors);
  for (let i = 0; i < nullVectors; i += 1) {
    const vector = 1 + Math.floor((i * (signs.rows - 1)) / nullVectors);
    const flipped = {
      ...deviations,
      values: deviations.values.map((value, at) => value * signAt(signs, vector, at % q)),
    };
    const drawn = chooseOnHalves(merged(flipped, blocks), halves);
    pbos[i] = drawn.pbo;
    gains[i] = drawn.gain;
  }
  pbos.sort();
  const reached = gains.filter((gain) => gain >= choice.gain).length;
  return {
    ...choice,
    nullPbo: [quantile(pbos, 0.05), quantile(pbos, 0.5), quantile(pbos, 0.95)],
    nullGain95: quantile(gains.toSorted(), 0.95),
    pGain: (1 + reached) / (1 + nullVectors),
    distinct: distinct.n,
    combinations: halves.length,
  };
}

/** On each half of the blocks the best row is chosen, and looked at on the other half; several winners count by their mean. */
export function chooseOnHalves(table: BlockRows, halves: readonly Int32Array[]): Choice {
  const { n, q } = table;
  const columns = columnsOf(table);
  const totals = rowSums(table);
  // Sums over the first d + 1 blocks of a half: neighbouring halves differ in their last blocks mostly.
  const partial = halves.length === 0 ? [] : Array.from(halves[0]!, () => new Float64Array(n));
  let previous: Int32Array | undefined;
  const outside = new Float64Array(n);
  const medianOf = medianFinder(n);
  let bad = 0;
  let gain = 0;
  let logit = 0;
  for (const half of halves) {
    const size = half.length;
    let depth = 0;
    while (previous !== undefined && depth < size - 1 && half[depth] === previous[depth]) depth += 1;
    for (; depth < size; depth += 1) {
      sumInto(partial[depth]!, depth === 0 ? null : partial[depth - 1]!, columns[half[depth]!]!);
    }
    previous = half;
    const inside = partial[size - 1]!;
    const rest = q - size;
    let least = Infinity;
    let best = n;
    for (let i = 0; i < n; i += 1) {
      const sum = inside[i]!;
      const left = (totals[i]! - (sum / size) * size) / rest;
      outside[i] = left;
      if (sum < least) {
        least = sum;
        best = i;
      }
    }
    let winners = 0;
    let badWinners = 0;
    let winnerLoss = 0;
    let winnerLogit = 0;
    for (let i = best; i < n; i += 1) {
      if (inside[i] !== least) continue;
      const share = shareBeaten(outside, i);
      winners += 1;
      winnerLoss += outside[i]!;
      winnerLogit += log(share / (1 - share));
      if (share <= 0.5) badWinners += 1;
    }
    bad += badWinners / winners;
    logit += winnerLogit / winners;
    gain += medianOf(outside) - winnerLoss / winners;
  }
  return { pbo: bad / halves.length, gain: gain / halves.length, meanLogit: logit / halves.length };
}

/** By block, the values of all rows. */
function columnsOf({ values, n, q }: BlockRows): Float64Array[] {
  return Array.from({ length: q }, (_, b) => {
    const column = new Float64Array(n);
    for (let i = 0; i < n; i += 1) column[i] = values[i * q + b]!;
    return column;
  });
}

function sumInto(sums: Float64Array, before: Float64Array | null, column: Float64Array): void {
  if (before === null) sums.set(column);
  else for (let i = 0; i < sums.length; i += 1) sums[i] = before[i]! + column[i]!;
}

/** All halves of so many blocks, in lexicographic order. */
export function halvesOf(blocks: number): Int32Array[] {
  const size = blocks / 2;
  const halves: Int32Array[] = [];
  const half = Int32Array.from({ length: size }, (_, i) => i);
  for (;;) {
    halves.push(half.slice());
    let at = size - 1;
    while (at >= 0 && half[at] === blocks - size + at) at -= 1;
    if (at < 0) return halves;
    half[at]! += 1;
    for (let i = at + 1; i < size; i += 1) half[i] = half[i - 1]! + 1;
  }
}

/** Share of the rows that row k beats, ties by half: mid-rank/(n + 1). */
function shareBeaten(losses: Float64Array, k: number): number {
  const n = losses.length;
  const own = losses[k]!;
  let above = 0;
  let equal = 0;
  for (let i = 0; i < n; i += 1) {
    above += Number(losses[i]! > own);
    equal += Number(losses[i]! === own);
  }
  return (above + (equal + 1) / 2) / (n + 1);
}

/** Deviations from the grid's block mean, centred by row, with the factor √(q/(q−1)): rows that are all equal. */
function equalised({ values, n, q }: BlockRows): BlockRows {
  const blockMeans = new Float64Array(q);
  for (let at = 0; at < values.length; at += 1) blockMeans[at % q]! += values[at]!;
  for (let b = 0; b < q; b += 1) blockMeans[b]! /= n;
  const deviations = { values: values.map((value, at) => value - blockMeans[at % q]!), n, q };
  const means = rowMeans(deviations);
  const factor = Math.sqrt(q / (q - 1));
  return { n, q, values: deviations.values.map((value, at) => (value - means[Math.floor(at / q)]!) * factor) };
}

/** Neighbouring blocks' means, so that `blocks` remain. */
function merged(table: BlockRows, blocks: number): BlockRows {
  const { values, n, q } = table;
  if (q === blocks) return table;
  const out = new Float64Array(n * blocks);
  const counts = new Float64Array(blocks);
  for (let b = 0; b < q; b += 1) counts[Math.floor((b * blocks) / q)]! += 1;
  for (let i = 0; i < n; i += 1) {
    for (let b = 0; b < q; b += 1) {
      const to = Math.floor((b * blocks) / q);
      out[i * blocks + to]! += values[i * q + b]! / counts[to]!;
    }
  }
  return { values: out, n, q: blocks };
}

/** Every ⌈n/most⌉-th, from the first on, where there are more than `most`. */
function thinned<T>(items: readonly T[], most: number): readonly T[] {
  const step = Math.ceil(items.length / most);
  return step <= 1 ? items : items.filter((_, i) => i % step === 0);
}

/**
 * The median of n values, the mean of the middle two where n is even, which does not move them. Values are counted by equal
 * parts of their range, which keep their order; only those in the middle's parts are put in order.
 */
function medianFinder(n: number): (values: Float64Array) => number {
  const counts = new Int32Array(PARTS);
  const partOf = new Uint8Array(n);
  const middle = new Float64Array(n);
  const upperRank = n >> 1;
  const lowerRank = n % 2 === 1 ? upperRank : upperRank - 1;
  return (values) => {
    let least = Infinity;
    let most = -Infinity;
    for (let i = 0; i < n; i += 1) {
      const value = values[i]!;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    const scale = (PARTS - 1) / (most - least);
    // All alike, or closer than parts of a range can tell.
    if (!(scale < Infinity)) return least + (most - least) / 2;
    counts.fill(0);
    for (let i = 0; i < n; i += 1) {
      const part = ((values[i]! - least) * scale) | 0;
      partOf[i] = part;
      counts[part]! += 1;
    }
    let lowerPart = 0;
    let before = 0;
    while (before + counts[lowerPart]! <= lowerRank) before += counts[lowerPart++]!;
    let upperPart = lowerPart;
    for (let after = before + counts[lowerPart]!; after <= upperRank; ) after += counts[(upperPart += 1)]!;
    let some = 0;
    for (let i = 0; i < n; i += 1) {
      if (partOf[i]! >= lowerPart && partOf[i]! <= upperPart) middle[some++] = values[i]!;
    }
    const upper = selectInPlace(middle, some, upperRank - before);
    return lowerRank === upperRank ? upper : (selectInPlace(middle, some, lowerRank - before) + upper) / 2;
  };
}

/** Parts of a range that its values are counted by: a few values each. */
const PARTS = 128;

/** Hoare's selection among the first `count` values: the k-th smallest. */
function selectInPlace(values: Float64Array, count: number, k: number): number {
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i += 1;
      while (values[j]! > pivot) j -= 1;
      if (i > j) break;
      const held = values[i]!;
      values[i] = values[j]!;
      values[j] = held;
      i += 1;
      j -= 1;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k]!;
}

/** Linear interpolation between sorted values. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
