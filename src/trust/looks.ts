import { SAME_LOOK } from './constants.ts';
import { square } from './round.ts';

/**
 * The look that each vector of daily sums is, numbered from 0: the first counted look that agrees with it in every sum to
 * 1e-6 relative (|a − b| ≤ 1e-6·|b|, b counted), else a new one. A digest of digits would split on last bits.
 *
 * @param tables one vector of sums of absolute errors (each ≥ 0) a verdict, in stored order
 */
export function lookNumbers(tables: readonly ArrayLike<number>[]): number[] {
  return lookNumbersOf(tables.map((sums) => ({ values: sums, ranges: [{ first: 0, count: sums.length }] })));
}

/** Some ranges of a list of sums, which in this order are one vector. */
export type Ranged = {
  readonly values: ArrayLike<number>;
  readonly ranges: readonly { readonly first: number; readonly count: number }[];
};

/** The same of vectors that nobody has put together. */
export function lookNumbersOf(tables: readonly Ranged[]): number[] {
  const counted: Ranged[] = [];
  // Most that share a bin differ in their first sum already, which is nearer at hand.
  const firsts = new Float64Array(tables.length);
  const bins = new Bins(tables.length);
  return tables.map((sums) => {
    const bin = binOf(sums);
    const first = firstOf(sums);
    let number = -1;
    for (let neighbour = bin - 1; neighbour <= bin + 1; neighbour += 1) {
      for (let other = bins.latest(neighbour); other !== -1; other = bins.before(other)) {
        if (!isSame(first, firsts[other]!) || (number !== -1 && other > number)) continue;
        if (agree(sums, counted[other]!)) number = other;
      }
    }
    if (number !== -1) return number;
    bins.add(bin, counted.length);
    firsts[counted.length] = first;
    return counted.push(sums) - 1;
  });
}

/** Counted looks by bin: an open hash table, at most half full, of the latest of each, and the one before it of each. */
class Bins {
  readonly #bins: Int32Array;
  readonly #latest: Int32Array;
  readonly #before: Int32Array;

  constructor(most: number) {
    const size = 1 << (32 - Math.clz32(2 * most));
    this.#bins = new Int32Array(size);
    this.#latest = new Int32Array(size).fill(-1);
    this.#before = new Int32Array(most);
  }

  /** −1: none. */
  latest(bin: number): number {
    return this.#latest[this.#placeOf(bin)]!;
  }

  before(number: number): number {
    return this.#before[number]!;
  }

  add(bin: number, number: number): void {
    const place = this.#placeOf(bin);
    this.#before[number] = this.#latest[place]!;
    this.#bins[place] = bin;
    this.#latest[place] = number;
  }

  #placeOf(bin: number): number {
    const mask = this.#bins.length - 1;
    // Neighbouring bins far apart: totals of one sweep are close to each other.
    let place = (Math.imul(bin, 0x9e3779b1) >>> 7) & mask;
    while (this.#latest[place] !== -1 && this.#bins[place] !== (bin | 0)) place = (place + 1) & mask;
    return place;
  }
}

/**
 * What is told of successive looks at a locked split, Ladder-style: a new best is told only when it is better by more than
 * one paired standard error, mean d > se(d), d = told − new; else the old number is repeated.
 *
 * @param losses by block, one row a look
 * Source: Blum and Hardt 2015, The Ladder: a reliable leaderboard for machine learning competitions.
 */
export function ladder(losses: readonly ArrayLike<number>[]): number[] {
  return toldLooks(losses).map((told) => meanOf(losses[told]!));
}

/** The look whose number is told after each look. */
export function toldLooks(losses: readonly ArrayLike<number>[]): number[] {
  let told = 0;
  return losses.map((look, i) => {
    if (i > 0 && isBetter(look, losses[told]!)) told = i;
    return told;
  });
}

function meanOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let b = 0; b < values.length; b += 1) sum += values[b]!;
  return sum / values.length;
}

function isBetter(look: ArrayLike<number>, told: ArrayLike<number>): boolean {
  const q = look.length;
  const gains = Array.from({ length: q }, (_, b) => told[b]! - look[b]!);
  const mean = gains.reduce((sum, gain) => sum + gain, 0) / q;
  const squares = gains.reduce((sum, gain) => sum + square(gain - mean), 0);
  return mean > Math.sqrt(squares / (q * (q - 1)));
}

function agree(sums: Ranged, counted: Ranged): boolean {
  if (sums.ranges.length !== counted.ranges.length) return false;
  for (let r = 0; r < sums.ranges.length; r += 1) {
    const [{ first, count }, other] = [sums.ranges[r]!, counted.ranges[r]!];
    if (count !== other.count) return false;
    for (let i = 0; i < count; i += 1) {
      if (!isSame(sums.values[first + i]!, counted.values[other.first + i]!)) return false;
    }
  }
  return true;
}

function isSame(sum: number, counted: number): boolean {
  return Math.abs(sum - counted) <= SAME_LOOK * Math.abs(counted);
}

/** 0 of none. */
function firstOf({ values, ranges }: Ranged): number {
  for (const { first, count } of ranges) if (count > 0) return values[first]!;
  return 0;
}

const double = new DataView(new ArrayBuffer(8));

/**
 * A bin of the vector's total, at least 1.9e-6 of it wide: where all sums agree to 1e-6, so do their totals, and the bins
 * are the same or neighbours. Sign, exponent and 18 bits of the total's float64.
 */
function binOf({ values, ranges }: Ranged): number {
  let total = 0;
  for (const { first, count } of ranges) for (let i = 0; i < count; i += 1) total += values[first + i]!;
  double.setFloat64(0, total);
  return double.getUint32(0) >>> 2;
}
