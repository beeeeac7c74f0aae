import type { PointSums } from '../certify.ts';
import { scratchLength } from '../kernels/load.ts';
import { penaltyNorm } from '../linear-algebra/symmetric.ts';
import type { SharedArena } from '../memory.ts';
import { ALL_ROWS_ABOVE, predictListed } from '../predict.ts';
import type { RegressionData, TargetSums } from '../regression-data.ts';
import type { Workspace } from '../workspace.ts';

/** Rounding of a target, its shift and their difference in float32, as a share of them, with room. */
const SCREEN_ROUNDING = 1e-6;

/**
 * Which rows lie within ±threshold of their prediction (inliers I) and which above or below it (outliers O, signs s),
 * together with the sums that make the Huber objective a small problem as long as no row changes side:
 *
 *   XᵢᵀXᵢ, Xᵢᵀyᵢ, yᵢᵀyᵢ over I   and   Σ_O s·x, Σ_O s·y, #O.
 *
 * When the coefficients move, only rows that change side touch the sums, and a row whose approximate prediction says where
 * it is (`PredictionSpan`) is not even read. The sums therefore cost what the change costs, not what the data cost.
 */
export class Partition {
  readonly #workspace: Workspace;
  readonly #data: RegressionData;
  /** (nSamples) −1 below, 0 within, +1 above */
  readonly #side: Int8Array<SharedArrayBuffer>;
  /** where the rows stand */
  #at: { readonly coef: Float64Array; readonly threshold: number } | undefined;
  #targets: TargetSums | undefined;
  #outliers = 0;

  /** (size × size) Gram matrix of the inliers' [X, y], lower triangle; y is column nCoef */
  readonly gram: Float64Array<SharedArrayBuffer>;
  /** (size) Σ_O s·[x, y] */
  readonly signed: Float64Array<SharedArrayBuffer>;
  readonly #vector: Float64Array<SharedArrayBuffer>;
  readonly #product: Float64Array<SharedArrayBuffer>;
  readonly #open: Int32Array<SharedArrayBuffer>;
  /** row length of `gram`: nCoef + 1 rounded up to a multiple of 4 */
  readonly size: number;

  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#workspace = workspace;
    this.#data = data;
    const { nSamples } = data.matrix;
    this.size = (data.columns.nCoef + 4) & ~3;
    this.#side = arena.int8(nSamples + 4);
    this.gram = arena.float64(this.size * this.size);
    this.signed = arena.float64(this.size);
    this.#vector = arena.float64(this.size);
    this.#product = arena.float64(this.size);
    this.#open = arena.int32(1);
  }

  /** Bytes of shared memory that a partition takes. */
  static sizeBytes(nSamples: number, dims: number): number {
    const size = dims + 4;
    return nSamples + 8 * size * (size + 3) + 6 * 64;
  }

  get outliers(): number {
    return this.#outliers;
  }

  get targets(): TargetSums {
    if (this.#targets === undefined) throw new Error('partition: no targets yet');
    return this.#targets;
  }

  /** All rows inliers, for targets clipped as `targets` says. */
  reset(targets: TargetSums): void {
    const { gram, columns } = this.#data;
    const { nCoef } = columns;
    this.#targets = targets;
    this.#side.fill(0);
    this.#outliers = 0;
    this.#at = undefined;
    this.gram.fill(0);
    this.signed.fill(0);
    for (let i = 0; i < nCoef; i += 1) {
      for (let j = 0; j <= i; j += 1) this.gram[i * this.size + j] = gram.xx[i * gram.dims + j]!;
      this.gram[nCoef * this.size + i] = targets.xy[i]!;
    }
    this.gram[nCoef * this.size + nCoef] = targets.yy;
  }

  /** A copy of another partition of the same data. */
  copyFrom(other: Partition): void {
    this.#at = other.#at;
    this.#side.set(other.#side);
    this.#targets = other.#targets;
    this.#outliers = other.#outliers;
    this.gram.set(other.gram);
    this.signed.set(other.signed);
  }

  /**
   * Puts every row on the side where it is at `coef` and `threshold`, and the sums with it.
   *
   * Screening changes which rows are read and nothing else: a row's side comes from its float64 residual, changed rows
   * enter the sums in ascending order, so the outcome is the same bit for bit with and without it.
   *
   * @returns the number of rows that changed side
   */
  move(coef: Float64Array, threshold: number): number {
    this.#workspace.throwIfCancelled();
    if (this.#at?.threshold === threshold && this.#at.coef.every((value, j) => value === coef[j])) return 0;
    this.#at = { coef: Float64Array.from(coef), threshold };
    return this.#workspace.temporary((arena) => {
      const { kernels } = this.#workspace;
      const { matrix, columns, y } = this.#data;
      const { clip, shift } = this.targets;
      const { list, count, predictions } = this.#openRows(arena, coef, threshold);
      const weights = arena.float64(count, 'dirty');
      const signs = arena.float64(count, 'dirty');
      const changed = kernels.run.changeSides(
        list.byteOffset,
        count,
        predictions.byteOffset,
        kernels.at(y),
        clip,
        shift,
        threshold,
        this.#side.byteOffset,
        weights.byteOffset,
        signs.byteOffset,
      );
      for (let i = 0; i < changed; i += 1) this.#outliers -= weights[i]!;
      if (changed > 0) {
        kernels.run.gramRows(
          kernels.at(matrix.x),
          matrix.stride,
          this.size,
          columns.nCoef,
          kernels.at(y),
          clip,
          shift,
          list.byteOffset,
          changed,
          weights.byteOffset,
          signs.byteOffset,
          this.gram.byteOffset,
          this.signed.byteOffset,
          arena.float64(scratchLength(this.size, 0), 'dirty').byteOffset,
        );
      }
      return changed;
    });
  }

  /**
   * A certificate's sums at any point, from this partition's sums and the rows that stand elsewhere there; nothing is
   * moved, so that nothing adds up from one certificate to the next.
   */
  sumsAt(coef: Float64Array, scale: number, epsilon: number): PointSums {
    return this.#workspace.temporary((arena) => {
      const { kernels } = this.#workspace;
      const { matrix, columns, y } = this.#data;
      const { clip, shift } = this.targets;
      const { nCoef } = columns;
      const threshold = epsilon * scale;
      const { list, count, predictions } = this.#openRows(arena, coef, threshold);
      const products = arena.float64(columns.dims);
      const xx = this.gramTimes(coef, nCoef);
      for (let j = 0; j < nCoef; j += 1) {
        products[j] = (this.gram[nCoef * this.size + j]! - xx[j]!) / scale + epsilon * this.signed[j]!;
      }
      const sums = arena.float64(3);
      sums.set([this.inlierSquares(coef), this.#outlierAbsolutes(coef), this.#outliers]);
      kernels.run.correctCertificate(
        kernels.at(matrix.x),
        matrix.stride,
        columns.dims,
        list.byteOffset,
        count,
        predictions.byteOffset,
        kernels.at(y),
        clip,
        shift,
        threshold,
        1 / scale,
        epsilon,
        this.#side.byteOffset,
        products.byteOffset,
        sums.byteOffset,
      );
      const [squares, beyond, outliers] = sums;
      return {
        products: Float64Array.from(products.subarray(0, nCoef)),
        squares: Math.max(squares!, 0),
        absolutes: beyond!,
        outliers: outliers!,
      };
    });
  }

  /**
   * The objective at a point for which the rows stand where `move` has put them:
   * n·σ + Σ_I r²/σ + Σ_O (2·ε·|r| − σ·ε²) + alpha·‖w‖², from the sums alone.
   */
  objective(coef: Float64Array, scale: number, alpha: number, epsilon: number): number {
    const { nCoef } = this.#data.columns;
    return (
      this.#data.matrix.nSamples * scale +
      this.inlierSquares(coef) / scale +
      2 * epsilon * this.#outlierAbsolutes(coef) -
      this.#outliers * scale * epsilon * epsilon +
      alpha * penaltyNorm(coef, nCoef)
    );
  }

  /** Σ_O |r|. */
  #outlierAbsolutes(coef: Float64Array): number {
    const { nCoef } = this.#data.columns;
    let sum = this.signed[nCoef]!;
    for (let j = 0; j < nCoef; j += 1) sum -= this.signed[j]! * coef[j]!;
    return sum;
  }

  /** Σ_I r², never below 0. */
  inlierSquares(coef: Float64Array): number {
    const { nCoef } = this.#data.columns;
    const v = this.#vector;
    v.set(coef.subarray(0, nCoef));
    v[nCoef] = -1;
    const product = this.gramTimes(v, nCoef + 1);
    let sum = 0;
    for (let j = 0; j <= nCoef; j += 1) sum += v[j]! * product[j]!;
    return Math.max(sum, 0);
  }

  /** `gram`·v over its first n rows and columns; the answer stands until the next one is asked for. */
  gramTimes(v: Float64Array, n: number): Float64Array {
    if (v !== this.#vector) this.#vector.set(n < v.length ? v.subarray(0, n) : v);
    const { run } = this.#workspace.kernels;
    run.symmetricProduct(this.gram.byteOffset, this.size, n, this.#vector.byteOffset, this.#product.byteOffset);
    return this.#product;
  }

  /** Rows whose side has to be looked at, ascending, with their predictions. */
  #openRows(arena: SharedArena, coef: Float64Array, threshold: number) {
    const { matrix, columns } = this.#data;
    const list = arena.int32(matrix.nSamples + 4, 'dirty');
    const count = this.#listRows(coef, threshold, list);
    const predictions = predictListed(this.#workspace, arena, matrix, columns, coef, list, count);
    return { list, count, predictions };
  }

  #listRows(coef: Float64Array, threshold: number, list: Int32Array<SharedArrayBuffer>): number {
    const { matrix, span, y } = this.#data;
    const { clip, shift } = this.targets;
    const { address, distance } = span.approximate(coef, 0, matrix.nSamples);
    const { kernels } = this.#workspace;
    const offset = shift + coef[0]!;
    const count = kernels.run.screenRows(
      address,
      kernels.at(y),
      clip,
      offset,
      kernels.at(span.rows.leverage),
      this.#side.byteOffset,
      matrix.nSamples,
      threshold,
      distance,
      // A row near the threshold has a target of the threshold's size and its prediction's, whose rounding `distance` has.
      SCREEN_ROUNDING * (threshold + Math.abs(shift) + Math.abs(coef[0]!)) + Number.MIN_VALUE,
      list.byteOffset,
      this.#open.byteOffset,
    );
    span.leftOpen(coef, Math.min(this.#open[0]!, matrix.nSamples * ALL_ROWS_ABOVE));
    return count;
  }
}
