import type { PenalizedFactor } from './penalized-factor.ts';
import { dot, symmetricProduct } from './symmetric.ts';

const FIRST_DAMPING = 1e-14;
const REFINEMENTS = 3;

/**
 * A solver for a positive semidefinite matrix whose weights may span many decades: scaled to a unit diagonal, damped as
 * little as a Cholesky factor needs, and refined against the matrix as it is.
 */
export function scaledSolver(
  factor: PenalizedFactor,
  matrix: Float64Array,
  size: number,
  n: number,
): (rhs: Float64Array) => Float64Array {
  const unit = Float64Array.from({ length: n }, (_, i) => {
    const entry = matrix[i * size + i]!;
    return entry > 0 ? 1 / Math.sqrt(entry) : 1;
  });
  const scaled = new Float64Array(size * size);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) scaled[i * size + j] = matrix[i * size + j]! * unit[i]! * unit[j]!;
  }
  let damping = 0;
  while (!factor.factorDamped(scaled, size, n, 0, damping)) damping = damping === 0 ? FIRST_DAMPING : damping * 10;
  return (rhs) => {
    const solution = new Float64Array(n);
    const product = new Float64Array(n);
    for (let round = 0; round < REFINEMENTS; round += 1) {
      symmetricProduct(scaled, size, n, solution, product);
      const residual = rhs.map((value, j) => value * unit[j]! - product[j]!);
      factor.solveInPlace(residual);
      for (let j = 0; j < n; j += 1) solution[j]! += residual[j]!;
    }
    return solution.map((value, j) => value * unit[j]!);
  };
}

/** As `scaledSolver`, for solutions within the span of orthonormal columns. */
export function solverWithin(
  range: readonly Float64Array[],
  factor: PenalizedFactor,
  matrix: Float64Array,
  size: number,
): (rhs: Float64Array) => Float64Array {
  const n = range[0]!.length;
  const k = range.length;
  const reduced = new Float64Array(size * size);
  const product = new Float64Array(n);
  range.forEach((column, j) => {
    symmetricProduct(matrix, size, n, column, product);
    for (let i = j; i < k; i += 1) reduced[i * size + j] = dot(range[i]!, product, n);
  });
  const solve = scaledSolver(factor, reduced, size, k);
  return (rhs) => {
    const within = solve(Float64Array.from(range, (column) => dot(column, rhs, n)));
    const out = new Float64Array(n);
    range.forEach((column, j) => {
      for (let i = 0; i < n; i += 1) out[i]! += within[j]! * column[i]!;
    });
    return out;
  };
}
