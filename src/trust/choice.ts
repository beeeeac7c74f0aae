import { log } from '../numerics/elementary/log.ts';
import { powerOfTwo } from '../numerics/elementary/power-of-two.ts';
import { type BlockRows, distinctTable, pickRows, rowMeans, rowSums } from './block-rows.ts';
import { MAX_CHOICE_BLOCKS, MAX_HALVES, NULL_ROWS, NULL_VECTORS } from './constants.ts';
import { codeAt, type SignTable, signAt } from './sign-table.ts';
import { spreadRows } from './spread-rows.ts';

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
  const distinct = distinctTable(losses);
  const halves = thinned(halvesOf(blocks), MAX_HALVES);
  const choice = chooseOnHalves(merged(distinct, blocks), halves);

  const rows = pickRows(distinct, spreadRows(distinct, NULL_ROWS));
  const { pbos, gains } = nullChoices(equalised(rows), signs, nullVectors, blocks, halves);
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

/**
 * What choosing does on rows that are all equal: their deviations under so many sign vectors, spread over the table.
 *
 * A half's blocks have few signs between them, which many vectors share: so are its sums, its winners and its middle. Where
 * the winner stands among the rows of the other half is told by that half's middle; next to it, by counting.
 */
function nullChoices(
  deviations: BlockRows,
  signs: SignTable,
  vectors: number,
  blocks: number,
  halves: readonly Int32Array[],
): { pbos: Float64Array; gains: Float64Array } {
  const pbos = new Float64Array(vectors);
  const gains = new Float64Array(vectors);
  const rowOfSigns = (i: number) => 1 + Math.floor((i * (signs.rows - 1)) / vectors);
  const flipped = (i: number) => merged(flippedBy(deviations, signs, rowOfSigns(i)), blocks);
  if (powerOfTwo(Math.ceil(deviations.q / blocks) * (blocks / 2)) > MOST_SHARED) {
    for (let i = 0; i < vectors; i += 1) {
      const { pbo, gain } = chooseOnHalves(flipped(i), halves);
      pbos[i] = pbo;
      gains[i] = gain;
    }
    return { pbos, gains };
  }
  const codes = Int32Array.from({ length: vectors }, (_, i) => codeAt(signs, rowOfSigns(i)));
  const totals = Array.from(codes, (_, i) => rowSums(flipped(i)));
  const columns = new SignedColumns(deviations, blocks);
  const middleOf = middleFinder(deviations.n);
  const slack = 1e-12 * blocks * deviations.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const add = (inside: SignedHalf, outside: SignedHalf, rest: number): void => {
    for (let i = 0; i < vectors; i += 1) {
      const { scaled, winners } = inside.of(codes[i]!);
      const { lower, upper } = outside.middleOf(codes[i]!);
      let badWinners = 0;
      let winnerLoss = 0;
      for (const winner of winners) {
        const own = (totals[i]![winner]! - scaled[winner]!) / rest;
        winnerLoss += own;
        if (own < lower - slack) continue;
        if (own > upper + slack || isInWorseHalf(totals[i]!, scaled, rest, own)) badWinners += 1;
      }
      pbos[i]! += badWinners / winners.length;
      gains[i]! += (lower + upper) / 2 - winnerLoss / winners.length;
    }
  };
  const left = new Map(halves.map((half) => [String(half), half]));
  for (const [name, half] of left) {
    const other = otherBlocks(half, blocks);
    const [one, another] = [new SignedHalf(columns, half, middleOf), new SignedHalf(columns, other, middleOf)];
    add(one, another, other.length);
    if (left.delete(String(other))) add(another, one, half.length);
    left.delete(name);
  }
  for (let i = 0; i < vectors; i += 1) {
    pbos[i]! /= halves.length;
    gains[i]! /= halves.length;
  }
  return { pbos, gains };
}

/** With more signs of a half's blocks than this hardly two vectors share them. */
const MOST_SHARED = 64;

/** A table's merged blocks under every choice of signs of the columns that they are made of; signs as bits, set for −1. */
class SignedColumns {
  readonly n: number;
  /** By merged block: the bits of its columns, and its values by these bits. */
  readonly masks: readonly number[];
  readonly #values: readonly ReadonlyMap<number, Float64Array>[];

  constructor(table: BlockRows, blocks: number) {
    const { values, n, q } = table;
    this.n = n;
    const masks = new Array<number>(blocks).fill(0);
    for (let b = 0; b < q; b += 1) masks[Math.floor((b * blocks) / q)]! |= 1 << b;
    this.masks = masks;
    this.#values = masks.map((mask) => {
      const columns = Array.from({ length: q }, (_, b) => b).filter((b) => ((mask >> b) & 1) === 1);
      const choices = Array.from({ length: powerOfTwo(columns.length) }, (_, choice) =>
        columns.reduce((code, b, place) => code | (((choice >> place) & 1) << b), 0),
      );
      return new Map(
        choices.map((code) => {
          const column = new Float64Array(n);
          for (let i = 0; i < n; i += 1) {
            for (const b of columns) {
              const value = values[i * q + b]!;
              column[i]! += (((code >> b) & 1) === 1 ? -value : value) / columns.length;
            }
          }
          return [code, column];
        }),
      );
    });
  }

  of(block: number, code: number): Float64Array {
    return this.#values[block]!.get(code & this.masks[block]!)!;
  }
}

/** Sums of a table's rows over a half of the blocks, by the signs of these, each made once. */
class SignedHalf {
  readonly #columns: SignedColumns;
  readonly #half: Int32Array;
  readonly #middleOf: MiddleFinder;
  readonly #mask: number;
  readonly #sums = new Map<number, SignedSums>();
  readonly #middles = new Map<number, Middle>();

  /** @param middleOf for as many values as the table has rows */
  constructor(columns: SignedColumns, half: Int32Array, middleOf: MiddleFinder) {
    this.#columns = columns;
    this.#half = half;
    this.#middleOf = middleOf;
    this.#mask = half.reduce((mask, block) => mask | columns.masks[block]!, 0);
  }

  of(code: number): SignedSums {
    const key = code & this.#mask;
    const known = this.#sums.get(key);
    if (known !== undefined) return known;
    const { n } = this.#columns;
    const size = this.#half.length;
    const scaled = new Float64Array(n);
    this.#half.forEach((block, depth) => {
      sumInto(scaled, depth === 0 ? null : scaled, this.#columns.of(block, code));
    });
    let least = Infinity;
    const winners: number[] = [];
    for (let i = 0; i < n; i += 1) {
      const sum = scaled[i]!;
      if (sum < least) {
        least = sum;
        winners.length = 0;
      }
      if (sum === least) winners.push(i);
      scaled[i] = (sum / size) * size;
    }
    const made = { scaled, winners };
    this.#sums.set(key, made);
    return made;
  }

  /** Of the rows' means over the half. */
  middleOf(code: number): Middle {
    const key = code & this.#mask;
    let middle = this.#middles.get(key);
    if (middle === undefined) {
      const { lower, upper } = this.#middleOf(this.of(code).scaled);
      middle = { lower: lower / this.#half.length, upper: upper / this.#half.length };
      this.#middles.set(key, middle);
    }
    return middle;
  }
}

type SignedSums = {
  /** the sums, as the mean of the blocks times their number */
  readonly scaled: Float64Array;
  /** the rows whose sum is the smallest */
  readonly winners: readonly number[];
};

/** On each half of the blocks the best row is chosen, and looked at on the other half; several winners count by their mean. */
export function chooseOnHalves(table: BlockRows, halves: readonly Int32Array[]): Choice {
  const { n, q } = table;
  const columns = columnsOf(table);
  const totals = rowSums(table);
  // Sums over the first d + 1 blocks of a half: neighbouring halves differ in their last blocks mostly.
  const partial = halves.length === 0 ? [] : Array.from(halves[0]!, () => new Float64Array(n));
  let previous: Int32Array | undefined;
  const outside = new Float64Array(n);
  const middleOf = middleFinder(n);
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
    const { lower, upper } = middleOf(outside);
    gain += (lower + upper) / 2 - winnerLoss / winners;
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
    if (losses[i]! > own) above += 1;
    else if (losses[i]! === own) equal += 1;
  }
  return (above + (equal + 1) / 2) / (n + 1);
}

/**
 * Whether a row with this mean of (totals − inside)/rest beats no more rows than beat it: where its mid-rank/(n + 1) is at
 * most ½.
 */
function isInWorseHalf(totals: Float64Array, inside: Float64Array, rest: number, own: number): boolean {
  let beaten = 0;
  for (let i = 0; i < totals.length; i += 1) {
    const left = (totals[i]! - inside[i]!) / rest;
    if (left > own) beaten += 1;
    else if (left < own) beaten -= 1;
  }
  return beaten <= 0;
}

/** The blocks that a half leaves. */
function otherBlocks(half: Int32Array, blocks: number): Int32Array {
  const isIn = new Set(half);
  return Int32Array.from(new Array(blocks).keys()).filter((block) => !isIn.has(block));
}

function flippedBy({ values, n, q }: BlockRows, signs: SignTable, row: number): BlockRows {
  const flips = Float64Array.from({ length: q }, (_, b) => signAt(signs, row, b));
  const flipped = new Float64Array(values.length);
  for (let i = 0, at = 0; i < n; i += 1) {
    for (let b = 0; b < q; b += 1, at += 1) flipped[at] = values[at]! * flips[b]!;
  }
  return { values: flipped, n, q };
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

/** The value in the middle, twice, or the two on both sides of it. */
type Middle = { readonly lower: number; readonly upper: number };
type MiddleFinder = (values: Float64Array) => Middle;

/**
 * The middle of n values, which does not move them. Values are counted by equal
 * parts of their range, which keep their order; only those in the middle's parts are put in order.
 */
function middleFinder(n: number): MiddleFinder {
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
    if (!(scale < Infinity)) return { lower: least, upper: most };
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
    return { lower: lowerRank === upperRank ? upper : selectInPlace(middle, some, lowerRank - before), upper };
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
