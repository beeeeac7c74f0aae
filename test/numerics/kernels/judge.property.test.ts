import { describe, test } from 'node:test';
import { BLOCK_ROWS, scratchLength } from '../../../src/numerics/kernels/load.ts';
import type { Workspace } from '../../../src/numerics/workspace.ts';
import { assertClose, assertSameBits } from '../../support/closeness.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import {
  designMatrix,
  float32In,
  float64In,
  int32In,
  normalRows,
  normalVector,
  plainRows,
  testWorkspace,
} from '../../support/shared-matrix.ts';

/** Float64 sums over at most 150 rows. */
const ROUNDING = 1e-12;

type Fit = { coef: number[]; clip: number; inverseScale: number; bound: number; threshold: number };

type Case = {
  workspace: Workspace;
  x: number;
  stride: number;
  nSamples: number;
  nCoef: number;
  dims: number;
  rows: number[][];
  y: number[];
};

function randomCase(random: Random): Case {
  const workspace = testWorkspace(2);
  const nSamples = random.pick([1, 2, 5, BLOCK_ROWS, BLOCK_ROWS + 1, 4 * BLOCK_ROWS + 11]);
  const nFeatures = random.integer(1, 25);
  const matrix = designMatrix(workspace, normalRows(random, nSamples, nFeatures), 3);
  const nCoef = nFeatures + 1;
  return {
    workspace,
    x: matrix.x.byteOffset,
    stride: matrix.stride,
    nSamples,
    nCoef,
    dims: (nCoef + 3) & ~3,
    rows: plainRows(matrix, nCoef),
    y: Array.from({ length: nSamples }, () => Math.fround(4 * random.normal())),
  };
}

function randomFit(random: Random, nCoef: number): Fit {
  const shared = { coef: normalVector(random, nCoef), clip: random.pick([Infinity, 3, 0.5]) };
  if (random.chance(0.3)) return { ...shared, inverseScale: 1, bound: Infinity, threshold: Infinity };
  const scale = 0.5 + random.uniform();
  const epsilon = 1 + random.uniform();
  return { ...shared, inverseScale: 1 / scale, bound: epsilon, threshold: epsilon * scale };
}

/** Values of each fit side by side, unused places 0. */
function packed(workspace: Workspace, fits: readonly Fit[], k: number, value: (fit: Fit) => number) {
  return float64In(
    workspace,
    Array.from({ length: k }, (_, c) => (c < fits.length ? value(fits[c]!) : 0)),
  );
}

function packedCoefficients(workspace: Workspace, fits: readonly Fit[], dims: number, k: number) {
  const out = workspace.arena.float64(dims * k);
  fits.forEach(({ coef }, c) => {
    coef.forEach((value, j) => {
      out[j * k + c] = value;
    });
  });
  return out;
}

/** Each fit's gradient (nCoef) and sums (4), as `certifyRows` adds them. */
function certifyRows(given: Case, fits: readonly Fit[], k: number): { gradient: number[]; sums: number[] }[] {
  const { workspace, dims, nCoef } = given;
  const { kernels, arena } = workspace;
  const gradient = arena.float64(dims * k);
  const sums = arena.float64(4 * k);
  kernels.run.certifyRows(
    given.x,
    given.stride,
    given.nSamples,
    dims,
    float32In(workspace, given.y).byteOffset,
    packedCoefficients(workspace, fits, dims, k).byteOffset,
    k,
    packed(workspace, fits, k, (fit) => fit.clip).byteOffset,
    packed(workspace, fits, k, (fit) => fit.inverseScale).byteOffset,
    packed(workspace, fits, k, (fit) => fit.bound).byteOffset,
    packed(workspace, fits, k, (fit) => fit.threshold).byteOffset,
    gradient.byteOffset,
    sums.byteOffset,
    arena.float64(scratchLength(dims, k)).byteOffset,
  );
  return fits.map((_, c) => ({
    gradient: Array.from({ length: nCoef }, (_value, j) => gradient[j * k + c]!),
    sums: [0, 1, 2, 3].map((s) => sums[s * k + c]!),
  }));
}

function clip(value: number, bound: number): number {
  return Math.max(-bound, Math.min(bound, value));
}

/** One fit's numbers, row after row. */
function plainCertificate({ rows, y, nCoef }: Case, fit: Fit): { gradient: number[]; sums: number[] } {
  const gradient = new Array<number>(nCoef).fill(0);
  const sums = [0, 0, 0, 0];
  rows.forEach((row, i) => {
    const prediction = row.reduce((sum, value, j) => sum + value * fit.coef[j]!, 0);
    const residual = clip(y[i]!, fit.clip) - prediction;
    const pulled = clip(residual * fit.inverseScale, fit.bound);
    row.forEach((value, j) => {
      gradient[j]! += value * pulled;
    });
    if (Math.abs(residual) <= fit.threshold) sums[0]! += residual * residual;
    else {
      sums[1]! += Math.abs(residual);
      sums[2]! += 1;
    }
    sums[3]! += Math.abs(y[i]! - clip(prediction, fit.clip));
  });
  return { gradient, sums };
}

describe('judging kernels', () => {
  test('certifyRows adds gradients, squares, absolutes, counts and losses of every fit', () => {
    let outliers = 0;
    forEachSeed(40, (random) => {
      const given = randomCase(random);
      const fits = Array.from({ length: random.integer(1, 16) }, () => randomFit(random, given.nCoef));
      const got = certifyRows(given, fits, (fits.length + 3) & ~3);
      fits.forEach((fit, c) => {
        const expected = plainCertificate(given, fit);
        outliers += expected.sums[2]!;
        const size = given.nSamples * given.nCoef;
        expected.gradient.forEach((value, j) => {
          assertClose(got[c]!.gradient[j]!, value, ROUNDING, `fit ${c} gradient[${j}]`, size);
        });
        expected.sums.forEach((value, s) => {
          assertClose(got[c]!.sums[s]!, value, ROUNDING, `fit ${c} sum ${s}`, size);
        });
      });
    });
    if (outliers < 1000) throw new Error(`the random fits have ${outliers} outliers: too few to test them`);
  });

  test('a fit has the same bits alone, among four, eight and sixteen', () => {
    forEachSeed(20, (random) => {
      const given = randomCase(random);
      const fits = Array.from({ length: 16 }, () => randomFit(random, given.nCoef));
      const together = certifyRows(given, fits, 16);
      for (const [k, chosen] of [
        [4, [9]],
        [4, [2, 9, 5, 0]],
        [8, [1, 3, 5, 7, 9, 11]],
      ] as const) {
        const some = certifyRows(
          given,
          chosen.map((c) => fits[c]!),
          k,
        );
        chosen.forEach((c, i) => {
          assertSameBits(some[i]!.gradient, together[c]!.gradient, `gradient of fit ${c} at k = ${k}`);
          assertSameBits(some[i]!.sums, together[c]!.sums, `sums of fit ${c} at k = ${k}`);
        });
      }
    });
  });

  test('evaluateRows adds each fit’s absolute errors to their day, the same alone and in company', () => {
    forEachSeed(30, (random) => {
      const given = randomCase(random);
      const { workspace, dims, nSamples } = given;
      const nDays = random.integer(1, 5);
      const day = Array.from({ length: nSamples }, () => random.integer(0, nDays - 1));
      const fits = Array.from({ length: 16 }, () => randomFit(random, given.nCoef));
      const evaluate = (chosen: readonly Fit[], k: number): number[][] => {
        const losses = workspace.arena.float64(nDays * k);
        workspace.kernels.run.evaluateRows(
          given.x,
          given.stride,
          nSamples,
          dims,
          float32In(workspace, given.y).byteOffset,
          int32In(workspace, day).byteOffset,
          packedCoefficients(workspace, chosen, dims, k).byteOffset,
          k,
          packed(workspace, chosen, k, (fit) => fit.clip).byteOffset,
          losses.byteOffset,
          workspace.arena.float64(scratchLength(dims, k)).byteOffset,
        );
        return chosen.map((_, c) => Array.from({ length: nDays }, (_value, d) => losses[d * k + c]!));
      };
      const together = evaluate(fits, 16);
      fits.forEach((fit, c) => {
        const expected = new Array<number>(nDays).fill(0);
        given.rows.forEach((row, i) => {
          const prediction = row.reduce((sum, value, j) => sum + value * fit.coef[j]!, 0);
          expected[day[i]!]! += Math.abs(given.y[i]! - clip(prediction, fit.clip));
        });
        expected.forEach((value, d) => {
          assertClose(together[c]![d]!, value, ROUNDING, `fit ${c} day ${d}`, nSamples * given.nCoef);
        });
      });
      assertSameBits(evaluate([fits[6]!], 4)[0]!, together[6]!, 'alone and among sixteen');
    });
  });
});
