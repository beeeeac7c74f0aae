import { createHash } from 'node:crypto';
import type { Statistic } from './block-statistics.ts';
import { DRAW_LABEL, DRAWS } from './constants.ts';
import { normalQuantile } from './normal.ts';
import { square } from './round.ts';

const normals = new Map<number, Float64Array>();

/**
 * The chance that all conditions hold, were their truths unrelated and any value equally likely beforehand: neither a lower
 * nor an upper bound. Product over splits of the share of 2,000 draws in which every margin of the split stays above 0:
 *
 *   margin + Σ_b z_b·(u_b − ū)/√(q(q−1)) / √(χ²/(q−1)) > 0
 *
 * with the blocks' normals z shared by the conditions of a split.
 *
 * @param splits the conditions of each split, all of the same number of blocks
 */
export function verdictChance(splits: readonly (readonly Statistic[])[]): number {
  return splits.reduce((chance, margins) => chance * chanceOfSplit(margins), 1);
}

function chanceOfSplit(margins: readonly Statistic[]): number {
  const [first] = margins;
  if (first === undefined) return 1;
  const q = first.pseudo.length;
  const width = 2 * q - 1;
  const draws = normalDraws(width);
  const deviations = margins.map(({ pseudo }) => {
    const mean = pseudo.reduce((sum, u) => sum + u, 0) / q;
    return pseudo.map((u) => u - mean);
  });
  let held = 0;
  for (let draw = 0; draw < DRAWS; draw += 1) {
    const at = draw * width;
    let squares = 0;
    for (let i = q; i < width; i += 1) squares += square(draws[at + i]!);
    const scale = Math.sqrt(squares / (q - 1)) * Math.sqrt(q * (q - 1));
    const holds = margins.every(({ value }, k) => {
      const deviation = deviations[k]!;
      let sum = 0;
      for (let b = 0; b < q; b += 1) sum += draws[at + b]! * deviation[b]!;
      return value + sum / scale > 0;
    });
    if (holds) held += 1;
  }
  return held / DRAWS;
}

/** (2,000 × width) standard normals: Φ⁻¹((word + ½)/2³²) of the little-endian words of SHA-256 of `sweep-gates-1:width:i`. */
export function normalDraws(width: number): Float64Array {
  const known = normals.get(width);
  if (known !== undefined) return known;
  const made = new Float64Array(DRAWS * width);
  for (let at = 0, block = 0; at < made.length; block += 1) {
    const hash = createHash('sha256').update(`${DRAW_LABEL}:${width}:${block}`, 'ascii').digest();
    for (let byte = 0; byte < 32 && at < made.length; byte += 4, at += 1) {
      made[at] = normalQuantile((hash.readUInt32LE(byte) + 0.5) / 2 ** 32);
    }
  }
  normals.set(width, made);
  return made;
}
