import type { Kernels } from '../kernels/load.ts';
import type { SharedArena } from '../memory.ts';

/** A pivot below this share of the largest diagonal entry is rounding, not information. */
const RELATIVE_PIVOT_FLOOR = 1e-13;
const FIRST_JITTER = 1e-12;
const LAST_JITTER = 1e-2;

/**
 * Cholesky factor of A + penalty·D (+ jitter·I), D the identity without the intercept's entry.
 *
 * Where A + penalty·D is singular to working precision (constant or duplicated columns without penalty, fewer rows than
 * columns), the smallest jitter of 1e-12, 1e-11, … times the largest diagonal entry that makes it positive definite is
 * added. The factor is then a preconditioner: whoever solves with it refines against the true matrix.
 */
export class PenalizedFactor {
  readonly #kernels: Kernels;
  readonly #l: Float64Array<SharedArrayBuffer>;
  readonly #rhs: Float64Array<SharedArrayBuffer>;
  readonly #ld: number;
  #n = 0;

  /** @param maxCoef the largest n that will be factored */
  constructor(kernels: Kernels, arena: SharedArena, maxCoef: number) {
    this.#kernels = kernels;
    this.#ld = (maxCoef + 3) & ~3;
    this.#l = arena.float64(this.#ld * this.#ld);
    this.#rhs = arena.float64(this.#ld);
  }

  /**
   * @param a (n × ld) lower triangle, row-major; left as it is
   * @returns the jitter added, 0 where none was needed
   * @throws RangeError when a is not finite, or not positive semidefinite by far
   */
  factor(a: Float64Array, ld: number, n: number, penalty: number): number {
    this.#n = n;
    let largest = 0;
    for (let i = 0; i < n; i += 1) largest = Math.max(largest, a[i * ld + i]! + (i === 0 ? 0 : penalty));
    if (!Number.isFinite(largest)) throw new RangeError('normal matrix: a diagonal entry is not finite');
    const unit = largest > 0 ? largest : 1;
    let jitter = 0;
    while (!this.#tryFactor(a, ld, penalty, jitter, RELATIVE_PIVOT_FLOOR * unit)) {
      jitter = jitter === 0 ? FIRST_JITTER * unit : jitter * 10;
      if (jitter > LAST_JITTER * unit) throw new RangeError('normal matrix: not positive semidefinite');
    }
    return jitter;
  }

  /** x ← (L·Lᵀ)⁻¹·x over the first n entries. */
  solveInPlace(x: Float64Array): void {
    const rhs = this.#rhs;
    const n = this.#n;
    for (let i = 0; i < n; i += 1) rhs[i] = x[i]!;
    this.#kernels.run.choleskySolve(this.#l.byteOffset, n, this.#ld, rhs.byteOffset);
    for (let i = 0; i < n; i += 1) x[i] = rhs[i]!;
  }

  /** (L⁻¹)ᵀ into out (≥ n rows of ldOut, zeroed by the caller), upper triangular. */
  inverseTransposed(out: Float64Array, ldOut: number): void {
    this.#kernels.run.invertLower(this.#l.byteOffset, this.#n, this.#ld, this.#kernels.at(out), ldOut);
  }

  #tryFactor(a: Float64Array, ld: number, penalty: number, jitter: number, floor: number): boolean {
    const l = this.#l;
    const n = this.#n;
    for (let i = 0; i < n; i += 1) {
      const from = i * ld;
      const to = i * this.#ld;
      for (let j = 0; j < i; j += 1) l[to + j] = a[from + j]!;
      l[to + i] = a[from + i]! + jitter + (i === 0 ? 0 : penalty);
    }
    return this.#kernels.run.choleskyFactor(l.byteOffset, n, this.#ld, floor) === 0;
  }
}
