import { EigenvalueDecomposition, Matrix, pseudoInverse } from 'ml-matrix';
import { maxAbs } from '../../linear-algebra/symmetric.ts';
import { RESIDUAL_ROUNDING } from '../../objectives/regression-objectives.ts';
import { unpackCoefficients, weightOf } from '../../rows/model-rows.ts';
import { addGram, dots, transposedVector } from '../../rows/products.ts';
import { clipTo, eachEntry, type Targets } from '../../rows/targets.ts';
import type { Workspace } from '../../workspace.ts';
import type { HuberData } from './partition.ts';

/** An answer with sigma at its lower bound, for shifted targets. */
export type BoundPoint = {
  /** (nCoef) intercept first */
  readonly coef: Float64Array;
  /** (nEntries) z, what each row pulls with: what makes it an optimum */
  readonly pulls: Float64Array;
  /** directions of the coefficients that neither the data nor a penalty determine */
  readonly undetermined: number;
};

/** Rounds of putting rows where they belong; after so many a guess was too far off. */
const MAX_ROUNDS = 40;
/** Rounds in which all rows that stand wrong move, before they go one at a time. */
const BOLD_ROUNDS = 20;
/** Eigenvalues below this share of the largest are rounding. */
const RELATIVE_RANK_TOLERANCE = 1e-13;
const REFINEMENTS = 3;
/** Projections, in turn, on pulls within epsilon and on pulls that balance, before a balance is given up. */
const PROJECTIONS = 30;
/** What may be left of a balance, as a share of what it adds up. */
const BALANCED = 1e-12;
/** Σz² above n by this share is rounding. */
const SQUARES_ROUNDING = 1e-9;
/**
 * The optimum of a Huber fit whose sigma goes to its bound: so many rows can be met exactly that a smaller scale is always
 * worth it. With sigma next to nothing the objective is that of least absolute deviations,
 *
 *   2·ε·Σ |t − X·x| + alpha·‖w‖²,   x = [c, w],
 *
 * and at its optimum rows are met (I) or lie below or above (O, signs s). For given I and O it is a problem of linear
 * algebra: x meets I, what I leaves open makes alpha·‖w‖² − 2·ε·s_Oᵀ·X_O·x least, and the pulls z of the rows in I balance,
 * X_Iᵀz = alpha·D·x − ε·X_Oᵀs_O, with |z| ≤ ε: the pulls of least norm, z = X_I·v, brought within ε by projections in turn.
 * Rows in I that would have to pull with more go to O, rows in O whose residual has the other sign go to I, until none does.
 *
 * @param signs (nEntries) a guess: 0 met, −1 below, +1 above; overwritten
 * @returns null where no such point was found, or where Σz² says that sigma is not at its bound
 */
export function solveAtBound(
  workspace: Workspace,
  { model, gram }: HuberData,
  targets: Targets,
  { alpha, epsilon }: { readonly alpha: number; readonly epsilon: number },
  signs: Int8Array,
): BoundPoint | null {
  const { nCoef, nEntries, nSamples } = model;
  return workspace.temporary((arena) => {
    const counts = Float64Array.from({ length: nEntries }, (_, entry) => weightOf(model, entry));
    const target = new Float64Array(nEntries);
    let largest = 0;
    eachEntry(model, (entry, group) => {
      target[entry] = clipTo(model.rows.target[group]!, targets.clip) - targets.shift;
      largest = Math.max(largest, Math.abs(target[entry]!));
    });
    const band = RESIDUAL_ROUNDING * largest;
    const vector = arena.float64(nEntries, 'dirty');
    const packed = arena.float64(model.packedLength);
    const met = arena.float64(gram.dims * gram.dims);
    const transposed = (value: (entry: number) => number): Float64Array => {
      for (let e = 0; e < nEntries; e += 1) vector[e] = value(e);
      packed.fill(0);
      transposedVector(workspace, model, vector, packed);
      return unpackCoefficients(model, packed);
    };
    const times = (x: Float64Array): Float64Array => {
      dots(workspace, model, x, vector);
      return Float64Array.from(vector);
    };
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      workspace.throwIfCancelled();
      for (let e = 0; e < nEntries; e += 1) vector[e] = signs[e] === 0 ? 1 : 0;
      met.fill(0);
      addGram(workspace, model, vector, met, gram.dims);
      const range = new Range(met, gram.dims, nCoef);
      const pulled = transposed((e) => epsilon * signs[e]!);
      let x = new Float64Array(nCoef);
      for (let k = 0; k < REFINEMENTS; k += 1) {
        const predicted = times(x);
        const rest = transposed((e) => (signs[e] === 0 ? target[e]! - predicted[e]! : 0));
        x = sum(x, range.solve(rest));
      }
      x = sum(x, range.open(x, pulled, alpha));
      const balance = x.map((value, j) => (j === 0 ? 0 : alpha * value) - pulled[j]!);
      const predictions = times(x);
      const residual = (e: number): number => target[e]! - predictions[e]!;
      const isBold = round < BOLD_ROUNDS;
      if (settleRows(signs, null, epsilon, band, isBold, residual) > 0) continue;
      const pulls = times(range.solve(balance));
      // Those of least norm may ask too much of some rows where others could give more.
      let isBalanced = false;
      for (let k = 0; k < PROJECTIONS; k += 1) {
        for (let e = 0; e < nEntries; e += 1) pulls[e] = signs[e] === 0 ? clipTo(pulls[e]!, epsilon) : 0;
        const rest = sum(
          balance,
          transposed((e) => -pulls[e]!),
        );
        isBalanced = maxAbs(rest, nCoef) <= BALANCED * nSamples * epsilon;
        if (isBalanced) break;
        const more = times(range.solve(rest));
        for (let e = 0; e < nEntries; e += 1) pulls[e]! += more[e]!;
      }
      if (!isBalanced) {
        if (settleRows(signs, pulls, epsilon, band, isBold, residual) === 0) return null;
        continue;
      }
      let squares = 0;
      for (let e = 0; e < nEntries; e += 1) {
        if (signs[e] !== 0) pulls[e] = epsilon * signs[e]!;
        squares += counts[e]! * pulls[e]! * pulls[e]!;
      }
      const undetermined = alpha > 0 ? 0 : nCoef - range.rank;
      return squares <= nSamples * (1 + SQUARES_ROUNDING) ? { coef: x, pulls, undetermined } : null;
    }
    return null;
  });
}

/**
 * Puts rows that stand wrong where they belong: all of them, or the one that is the most wrong.
 *
 * @param pulls of rows that are met, where these cannot balance within epsilon
 *
 * @returns how many it moved
 */
function settleRows(
  signs: Int8Array,
  pulls: Float64Array | null,
  epsilon: number,
  band: number,
  all: boolean,
  residual: (entry: number) => number,
): number {
  let moved = 0;
  let worst = 0;
  let worstEntry = -1;
  let worstSign = 0;
  signs.forEach((sign, e) => {
    const r = residual(e);
    // How wrong: of a row that is not met its residual, in bands, of one that pulls too hard the excess.
    let wrong = 0;
    let now = sign;
    if (sign === 0 && Math.abs(r) > band) {
      wrong = Math.abs(r) / band;
      now = Math.sign(r);
    } else if (sign === 0 && pulls !== null && Math.abs(pulls[e]!) > epsilon) {
      wrong = Math.abs(pulls[e]!) / epsilon;
      now = Math.sign(pulls[e]!);
    } else if (sign * r < -band) {
      wrong = Math.abs(r) / band;
      now = 0;
    }
    if (now === sign) return;
    moved += 1;
    if (all) signs[e] = now;
    else if (wrong > worst) [worst, worstEntry, worstSign] = [wrong, e, now];
  });
  if (!all && worstEntry >= 0) signs[worstEntry] = worstSign;
  return moved;
}

/** What rows that are met determine, by the eigenvectors of their Gram matrix, and what they leave open. */
class Range {
  readonly #vectors: Matrix;
  readonly #inverse: readonly number[];
  readonly #n: number;

  constructor(gram: Float64Array, ld: number, n: number) {
    this.#n = n;
    const full = Matrix.zeros(n, n);
    for (let i = 0; i < n; i += 1) {
      for (let j = 0; j <= i; j += 1) {
        full.set(i, j, gram[i * ld + j]!);
        full.set(j, i, gram[i * ld + j]!);
      }
    }
    const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(full, { assumeSymmetric: true });
    const cutoff = RELATIVE_RANK_TOLERANCE * Math.max(...realEigenvalues);
    this.#vectors = eigenvectorMatrix;
    this.#inverse = realEigenvalues.map((value) => (value > cutoff && value > 0 ? 1 / value : 0));
  }

  get rank(): number {
    return this.#inverse.filter((weight) => weight > 0).length;
  }

  /** The solution of least norm of G·x = b. */
  solve(b: Float64Array): Float64Array<ArrayBuffer> {
    const x = new Float64Array(this.#n);
    this.#inverse.forEach((weight, k) => {
      if (weight === 0) return;
      let projection = 0;
      for (let j = 0; j < this.#n; j += 1) projection += this.#vectors.get(j, k) * b[j]!;
      for (let j = 0; j < this.#n; j += 1) x[j]! += weight * projection * this.#vectors.get(j, k);
    });
    return x;
  }

  /** The change of x, in what is left open, that makes alpha·‖w‖² − 2·pulledᵀx least; none without a penalty. */
  open(x: Float64Array, pulled: Float64Array, alpha: number): Float64Array {
    const open = this.#inverse.flatMap((weight, k) => (weight === 0 ? [k] : []));
    if (alpha === 0 || open.length === 0) return new Float64Array(this.#n);
    // The intercept is not penalised.
    const basis = Matrix.zeros(this.#n, open.length);
    for (const [column, k] of open.entries()) {
      for (let j = 0; j < this.#n; j += 1) basis.set(j, column, this.#vectors.get(j, k));
    }
    const penalized = basis.clone();
    for (let column = 0; column < open.length; column += 1) penalized.set(0, column, 0);
    const right = Matrix.columnVector(
      open.map((_, column) => {
        let projection = 0;
        for (let j = 0; j < this.#n; j += 1) {
          projection += basis.get(j, column) * (pulled[j]! - (j === 0 ? 0 : alpha * x[j]!));
        }
        return projection / alpha;
      }),
    );
    const change = basis.mmul(pseudoInverse(penalized.transpose().mmul(penalized)).mmul(right));
    return Float64Array.from({ length: this.#n }, (_, j) => change.get(j, 0));
  }
}

function sum(a: Float64Array, b: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from(a, (value, j) => value + b[j]!);
}
