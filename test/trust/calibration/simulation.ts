import { type BlockRows, rowOf } from '../../../src/trust/block-rows.ts';
import { type Blocks, blocksOfDays, sumByBlock } from '../../../src/trust/blocks.ts';
import type { Random } from '../../support/random.ts';

/** Rows of the quickstart's 27 real days: what a day's size is drawn from. */
const REAL_DAYS = [
  641, 2443, 4169, 3716, 3766, 2781, 3248, 1528, 1433, 1015, 1810, 3803, 3749, 3638, 3669, 1967, 1814, 3903, 3487, 2336,
  600, 3611, 3549, 993, 1704, 3992, 3679,
];

export type Tails = 'normal' | 't4';

export type World = {
  readonly days: number;
  readonly tails: Tails;
  /** lag-1 autocorrelation of days */
  readonly phi: number;
  /** what all configurations share of a day, what tells them apart, and each one's own noise (standard deviations) */
  readonly common?: number;
  readonly spread?: number;
  readonly own?: number;
};

/** A sweep's losses with known truth, folded to blocks. */
export type SimulatedSweep = {
  readonly blocks: Blocks;
  /** (N) by configuration, its losses by block and by day */
  readonly sums: readonly Float64Array[];
  readonly daily: readonly Float64Array[];
  readonly constant: Float64Array;
  readonly dailyConstant: Float64Array;
};

/**
 * Losses by day of N configurations on a smooth surface, beside the constant's: real day sizes, log-volatility AR(1) 0.7
 * that scales all losses, a day effect that all share, four smooth factors that tell them apart, and own noise.
 *
 * @param ratios (N) the true ratios to the constant
 */
export function simulateSweep(random: Random, ratios: ArrayLike<number>, world: World): SimulatedSweep {
  const { days, tails, phi, common = 0.05, spread = 0.02, own = 0.0005 } = world;
  const n = ratios.length;
  const sizes = Array.from({ length: days }, () => random.pick(REAL_DAYS));
  const volatility = autoregression(random, days, 0.7, 'normal');
  const dailyConstant = Float64Array.from(sizes, (size, day) => size * 15 * Math.exp(0.4 * volatility[day]!));
  const shared = autoregression(random, days, phi, tails);
  const factors = Array.from({ length: FACTORS }, () => autoregression(random, days, phi, tails));
  const daily = Array.from({ length: n }, (_, k) => {
    const loadings = loadingsOf(n === 1 ? 0 : k / (n - 1));
    return Float64Array.from({ length: days }, (_, day) => {
      const apart = loadings.reduce((sum, loading, f) => sum + loading * factors[f]![day]!, 0);
      const ratio = ratios[k]! + common * shared[day]! + spread * apart + own * random.normal();
      return ratio * dailyConstant[day]!;
    });
  });
  return { ...fold({ daily, dailyConstant }, sizes), daily, dailyConstant };
}

/** The same days with a multiple of the constant's losses added to each configuration. */
export function shifted(sweep: SimulatedSweep, by: (k: number) => number): SimulatedSweep {
  const { blocks, constant } = sweep;
  const add = (rows: readonly Float64Array[], losses: Float64Array) =>
    rows.map((row, k) => row.map((loss, at) => loss + by(k) * losses[at]!));
  return { ...sweep, blocks, sums: add(sweep.sums, constant), daily: add(sweep.daily, sweep.dailyConstant) };
}

const FACTORS = 4;

/** What a place in [0, 1] on the surface takes of each factor. */
function loadingsOf(place: number): number[] {
  return Array.from({ length: FACTORS }, (_, f) => Math.cos(Math.PI * place * (f + 1)) / Math.sqrt(f + 1));
}

/** Block values of N configurations whose truths are all 0, on a smooth surface: 0.02 of the factors, and own noise. */
export function smoothRows(n: number, q: number, noise: () => number, own: number): BlockRows {
  const factors = Array.from({ length: FACTORS }, () => Float64Array.from({ length: q }, noise));
  const table = { values: new Float64Array(n * q), n, q };
  for (let k = 0; k < n; k += 1) {
    const loadings = loadingsOf(k / (n - 1));
    const row = rowOf(table, k);
    for (let b = 0; b < q; b += 1) {
      row[b] = 0.02 * loadings.reduce((sum, loading, f) => sum + loading * factors[f]![b]!, 0) + own * noise();
    }
  }
  return table;
}

/** A stationary AR(1) of unit variance (t₄ innovations are scaled to it), sixty steps after its start. */
function autoregression(random: Random, days: number, phi: number, tails: Tails): Float64Array {
  const scale = Math.sqrt(1 - phi * phi);
  let value = 0;
  const out = new Float64Array(days);
  for (let step = -60; step < days; step += 1) {
    value = phi * value + scale * (tails === 't4' ? studentT(random, 4) / Math.SQRT2 : random.normal());
    if (step >= 0) out[step] = value;
  }
  return out;
}

/** Student's t from normals. */
export function studentT(random: Random, df: number): number {
  let squares = 0;
  for (let i = 0; i < df; i += 1) squares += random.normal() ** 2;
  return random.normal() / Math.sqrt(squares / df);
}

function fold({ daily, dailyConstant }: Pick<SimulatedSweep, 'daily' | 'dailyConstant'>, sizes: readonly number[]) {
  const blocks = blocksOfDays(sizes);
  const sum = (values: Float64Array) => sumByBlock(values, blocks.ofDay, blocks.q);
  return { blocks, sums: daily.map(sum), constant: sum(dailyConstant) };
}
