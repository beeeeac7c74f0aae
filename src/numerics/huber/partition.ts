import { metricLength } from '../gram.ts';
import { scratchLength } from '../kernels/load.ts';
import type { SharedArena } from '../memory.ts';
import type { RegressionData, TargetSums } from '../regression-data.ts';
import type { Workspace } from '../workspace.ts';

/** Beyond this share of rows to look at, one pass over all of them is cheaper than fetching them one by one. */
const FULL_PASS_ABOVE = 1 / 12;

/**
 * Which rows lie within ±threshold of their prediction (inliers I) and which above or below it (outliers O, signs s),
 * together with the sums that make the Huber objective a small problem as long as no row changes side:
 *
 *   XᵢᵀXᵢ, Xᵢᵀyᵢ, yᵢᵀyᵢ over I   and   Σ_O s·x, Σ_O s·y, #O.
 *
 * When the coefficients move, only rows that change side touch the sums; a row whose leverage says that it cannot have
 * changed is not even read. The sums therefore cost what the change costs, not what the data cost.
 */
export class Partition {
  readonly #workspace: Workspace;
  readonly #data: RegressionData;
  /** (nSamples) −1 below, 0 within, +1 above */
  readonly #side: Int8Array<SharedArrayBuffer>;
  /** (nSamples) residuals at `#reference` */
  readonly #residual: Float32Array<SharedArrayBuffer>;
  readonly #reference: Float64Array<SharedArrayBuffer>;
  #hasReference = false;
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
  /** row length of `gram`: nCoef + 1 rounded up to a multiple of 4 */
  readonly size: number;

  constructor(workspace: Workspace, arena: SharedArena, data: RegressionData) {
    this.#workspace = workspace;
    this.#data = data;
    const { nSamples } = data.matrix;
    this.size = (data.columns.nCoef + 4) & ~3;
    this.#side = arena.int8(nSamples + 4);
    this.#residual = arena.float32(nSamples + 4);
    this.#reference = arena.float64(data.columns.dims);
    this.gram = arena.float64(this.size * this.size);
    this.signed = arena.float64(this.size);
    this.#vector = arena.float64(this.size);
    this.#product = arena.float64(this.size);
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
    this.#hasReference = false;
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
    this.#residual.set(other.#residual);
    this.#reference.set(other.#reference);
    this.#hasReference = other.#hasReference;
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
      const coefficients = arena.float64(columns.dims);
      coefficients.set(coef.subarray(0, columns.nCoef));
      const list = arena.int32(matrix.nSamples + 4, 'dirty');
      const count = this.#listRows(coefficients, threshold, list);
      const predictions = arena.float64(count, 'dirty');
      kernels.run.rowDotsAt(
        kernels.at(matrix.x),
        matrix.stride,
        list.byteOffset,
        count,
        columns.dims,
        coefficients.byteOffset,
        predictions.byteOffset,
      );
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

  /** Takes residuals at `coef` as the reference that later moves are screened against. One pass over the rows. */
  takeReference(coef: Float64Array): void {
    this.#workspace.temporary((arena) => {
      const { kernels } = this.#workspace;
      const { matrix, columns, y } = this.#data;
      this.#reference.fill(0);
      this.#reference.set(coef.subarray(0, columns.nCoef));
      this.#hasReference = true;
      kernels.run.referenceResiduals(
        kernels.at(matrix.x),
        matrix.stride,
        matrix.nSamples,
        columns.dims,
        this.#reference.byteOffset,
        kernels.at(y),
        this.targets.clip,
        this.targets.shift,
        this.#residual.byteOffset,
        arena.float64(matrix.nSamples, 'dirty').byteOffset,
      );
    });
  }

  /** (nSamples) residuals at the reference. */
  get referenceResiduals(): Float32Array {
    return this.#residual.subarray(0, this.#data.matrix.nSamples);
  }

  /**
   * The objective at a point for which the rows stand where `move` has put them:
   * n·σ + Σ_I r²/σ + Σ_O (2·ε·|r| − σ·ε²) + alpha·‖w‖², from the sums alone.
   */
  objective(coef: Float64Array, scale: number, alpha: number, epsilon: number): number {
    const { nCoef } = this.#data.columns;
    let absolutes = this.signed[nCoef]!;
    let penalty = 0;
    for (let j = 0; j < nCoef; j += 1) {
      absolutes -= this.signed[j]! * coef[j]!;
      if (j > 0) penalty += coef[j]! * coef[j]!;
    }
    return (
      this.#data.matrix.nSamples * scale +
      this.inlierSquares(coef) / scale +
      2 * epsilon * absolutes -
      this.#outliers * scale * epsilon * epsilon +
      alpha * penalty
    );
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

  /** Rows whose side has to be looked at, ascending, into `list`; returns their number. */
  #listRows(coef: Float64Array<SharedArrayBuffer>, threshold: number, list: Int32Array<SharedArrayBuffer>): number {
    const limit = Math.ceil(this.#data.matrix.nSamples * FULL_PASS_ABOVE) + 8;
    if (this.#hasReference) {
      const { gram, leverageJitter, columns } = this.#data;
      const delta = new Float64Array(columns.nCoef);
      for (let j = 0; j < delta.length; j += 1) delta[j] = coef[j]! - this.#reference[j]!;
      const found = this.#screen(threshold, metricLength(gram, leverageJitter, delta), list, limit);
      if (found >= 0) return found;
    }
    this.takeReference(coef);
    return this.#screen(threshold, 0, list, this.#data.matrix.nSamples + 4);
  }

  #screen(threshold: number, distance: number, list: Int32Array<SharedArrayBuffer>, limit: number): number {
    const { matrix, leverage } = this.#data;
    return this.#workspace.kernels.run.screenRows(
      this.#residual.byteOffset,
      this.#workspace.kernels.at(leverage),
      this.#side.byteOffset,
      matrix.nSamples,
      threshold,
      // Leverages are float32 and computed with rounding; a thousandth more makes the bound safe.
      distance * 1.001,
      // float32 residuals near the threshold are off by half an ulp of it, about 6e-8 of its size.
      threshold * 1e-6 + Number.MIN_VALUE,
      list.byteOffset,
      limit,
    );
  }
}
