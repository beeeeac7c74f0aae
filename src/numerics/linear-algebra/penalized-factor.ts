import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Kernels } from '../kernels/load.ts';
import type { SharedArena } from '../memory.ts';
import { wholeFours } from '../whole-fours.ts';

/**
 * A pivot below this share of its own diagonal entry, or an eigenvalue below this share of the largest, is rounding: standardized float32 columns that
 * are affine copies of one another leave eigenvalues near 1e-15, real ones of market features lie above 1e-9.
 */
const RELATIVE_RANK_TOLERANCE = 1e-13;

/** Pseudo-inverse by eigenvectors: V·diag(1/λ)·Vᵀ over the eigenvalues that count. */
type Spectrum = { readonly vectors: Matrix; readonly inverse: readonly number[] };

/**
 * A + penalty·D, ready to solve with; D is the identity without the intercept's entry.
 *
 * Positive definite matrices are factored by Cholesky. A singular one (constant or duplicated columns without penalty,
 * fewer rows than columns) is inverted on its range by an eigendecomposition, so that what is solved for never moves in
 * directions that the data do not determine: solutions that begin at the minimum norm stay there.
 */
export class PenalizedFactor {
  readonly #kernels: Kernels;
  readonly #l: Float64Array<SharedArrayBuffer>;
  readonly #rhs: Float64Array<SharedArrayBuffer>;
  readonly #ld: number;
  #n = 0;
  #spectrum: Spectrum | undefined;

  /** @param maxCoef the largest n that will be factored */
  constructor(kernels: Kernels, arena: SharedArena, maxCoef: number) {
    this.#kernels = kernels;
    this.#ld = wholeFours(maxCoef);
    this.#l = arena.float64(this.#ld * this.#ld);
    this.#rhs = arena.float64(this.#ld);
  }

  /**
   * @param a (n × ld) lower triangle, row-major; left as it is
   * @throws RangeError when a diagonal entry is not finite
   */
  factor(a: Float64Array, ld: number, n: number, penalty: number): void {
    this.#n = n;
    if (!Number.isFinite(penalty)) throw new RangeError(`normal matrix: the penalty is ${penalty}`);
    requireFinite(a, ld, n);
    const isDefinite = this.#tryFactor(a, ld, penalty, 0);
    this.#spectrum = isDefinite ? undefined : spectrumOf(a, ld, n, penalty);
  }

  /**
   * Factors A + penalty·D + damping·I where that is positive definite to working precision.
   *
   * @returns whether it is
   */
  factorDamped(a: Float64Array, ld: number, n: number, penalty: number, damping: number): boolean {
    this.#n = n;
    this.#spectrum = undefined;
    requireFinite(a, ld, n);
    return this.#tryFactor(a, ld, penalty, damping);
  }

  /** x ← (A + penalty·D)⁺·x over the first n entries. */
  solveInPlace(x: Float64Array): void {
    const n = this.#n;
    if (this.#spectrum !== undefined) {
      solveBySpectrum(this.#spectrum, x, n);
      return;
    }
    const rhs = this.#rhs;
    for (let i = 0; i < n; i += 1) rhs[i] = x[i]!;
    this.#kernels.run.choleskySolve(this.#l.byteOffset, n, this.#ld, rhs.byteOffset);
    for (let i = 0; i < n; i += 1) x[i] = rhs[i]!;
  }

  /** Directions that the matrix factored last does not determine, and in which nothing is solved for. */
  get undetermined(): number {
    return this.#spectrum === undefined ? 0 : this.#spectrum.inverse.filter((weight) => weight === 0).length;
  }

  #tryFactor(a: Float64Array, ld: number, penalty: number, damping: number): boolean {
    const l = this.#l;
    const n = this.#n;
    for (let i = 0; i < n; i += 1) {
      const from = i * ld;
      const to = i * this.#ld;
      for (let j = 0; j < i; j += 1) l[to + j] = a[from + j]!;
      l[to + i] = a[from + i]! + damping + (i === 0 ? 0 : penalty);
    }
    return this.#kernels.run.choleskyFactor(l.byteOffset, n, this.#ld, RELATIVE_RANK_TOLERANCE) === 0;
  }
}

function requireFinite(a: Float64Array, ld: number, n: number): void {
  for (let i = 0; i < n; i += 1) {
    const entry = a[i * ld + i]!;
    if (!Number.isFinite(entry)) throw new RangeError(`normal matrix: diagonal entry ${i} is ${entry}`);
  }
}

/** Orthonormal eigenvectors of A (n × ld, lower triangle) whose eigenvalues are more than rounding: what spans its range. */
export function rangeBasis(a: Float64Array, ld: number, n: number): Float64Array[] {
  const { vectors, inverse } = spectrumOf(a, ld, n, 0);
  return inverse.flatMap((weight, k) =>
    weight === 0 ? [] : [Float64Array.from({ length: n }, (_, i) => vectors.get(i, k))],
  );
}

function spectrumOf(a: Float64Array, ld: number, n: number, penalty: number): Spectrum {
  const full = Matrix.zeros(n, n);
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j <= i; j += 1) {
      const value = a[i * ld + j]! + (i === j && i > 0 ? penalty : 0);
      full.set(i, j, value);
      full.set(j, i, value);
    }
  }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(full, { assumeSymmetric: true });
  const cutoff = RELATIVE_RANK_TOLERANCE * Math.max(...realEigenvalues.map(Math.abs));
  return { vectors: eigenvectorMatrix, inverse: realEigenvalues.map((value) => (value > cutoff ? 1 / value : 0)) };
}

function solveBySpectrum({ vectors, inverse }: Spectrum, x: Float64Array, n: number): void {
  const solution = new Float64Array(n);
  inverse.forEach((weight, k) => {
    if (weight === 0) return;
    let projection = 0;
    for (let j = 0; j < n; j += 1) projection += vectors.get(j, k) * x[j]!;
    for (let j = 0; j < n; j += 1) solution[j]! += weight * projection * vectors.get(j, k);
  });
  x.set(solution);
}
