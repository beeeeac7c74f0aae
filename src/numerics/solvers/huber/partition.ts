import { penaltyNorm } from '../../linear-algebra/symmetric.ts';
import type { SharedArena } from '../../memory.ts';
import type { Stock } from '../../processes.ts';
import type { Gram } from '../../rows/gram.ts';
import type { ModelRows } from '../../rows/model-rows.ts';
import { featureCounts, rowArguments } from '../../rows/products.ts';
import { type Targets, targetProducts } from '../../rows/targets.ts';
import { wholeFours } from '../../whole-fours.ts';
import type { Workspace } from '../../workspace.ts';

/** What every Huber fit of one side and feature set reads. */
export type HuberData = { readonly model: ModelRows; readonly gram: Gram };

/** Where entries stand: coefficients (intercept first, for shifted targets), and how far from the prediction is beyond. */
export type Standpoint = { readonly coef: Float64Array; readonly threshold: number };

/**
 * Which entries lie within ±threshold of their prediction (inliers I) and which below or above it (outliers O, signs s),
 * with the sums that make the Huber objective a small problem as long as no entry changes its sign:
 *
 *   XᵢᵀXᵢ, Xᵢᵀtᵢ, tᵢ² over I   and   Σ_O s·x, Σ_O s·t, #O,   t the clipped, shifted targets.
 *
 * When the coefficients move, only entries that change their sign touch the sums (`lockstep.ts`), so that these cost what
 * the change costs, not what the data cost.
 */
export class Partition {
  /** number in its stock, by which the kernels know it */
  readonly number: number;
  readonly #stock: PartitionStock;
  /** (nEntries and room) −1 below, 0 within, +1 above */
  readonly #signs: Int8Array<SharedArrayBuffer>;
  readonly #sums: Float64Array<SharedArrayBuffer>;
  /** (size × size) Gram matrix of the inliers' [X, t], lower triangle; t is column nCoef */
  readonly gram: Float64Array<SharedArrayBuffer>;
  /** (size) Σ_O s·[x, t] */
  readonly signed: Float64Array<SharedArrayBuffer>;
  #targets: Targets | undefined;
  /** where the entries stand */
  at: Standpoint | undefined;

  constructor(
    stock: PartitionStock,
    number: number,
    signs: Int8Array<SharedArrayBuffer>,
    sums: Float64Array<SharedArrayBuffer>,
  ) {
    const { size } = stock;
    this.#stock = stock;
    this.number = number;
    this.#signs = signs;
    this.#sums = sums;
    this.gram = sums.subarray(0, size * size);
    this.signed = sums.subarray(size * size, size * size + size);
  }

  /** row length of `gram`: nCoef + 1 rounded up to a multiple of 4 */
  get size(): number {
    return this.#stock.size;
  }

  get outliers(): number {
    return this.#sums[this.size * (this.size + 1)]!;
  }

  get targets(): Targets {
    if (this.#targets === undefined) throw new Error('partition: no targets yet');
    return this.#targets;
  }

  /** All entries inliers, for these targets. */
  reset(targets: Targets): void {
    const { workspace, data } = this.#stock;
    const { gram, model } = data;
    const { nCoef } = model;
    const { size } = this;
    this.#targets = targets;
    this.at = undefined;
    this.#signs.fill(0);
    this.#sums.fill(0);
    const products = targetProducts(workspace, model, targets);
    for (let i = 0; i < nCoef; i += 1) {
      for (let j = 0; j <= i; j += 1) this.gram[i * size + j] = gram.xx[i * gram.dims + j]!;
      this.gram[nCoef * size + i] = products[i]!;
    }
    this.gram[nCoef * size + nCoef] = targets.squares;
  }

  /** A copy of another partition of the same data. */
  copyFrom(other: Partition): void {
    this.at = other.at;
    this.#targets = other.#targets;
    this.#signs.set(other.#signs);
    this.#sums.set(other.#sums);
  }

  /** The sums for targets under another clip, every entry staying where it is. */
  changeClip(targets: Targets): void {
    const { workspace, data } = this.#stock;
    const { model } = data;
    const { rows } = model;
    const from = this.targets;
    if (from.shift !== targets.shift) throw new Error('partition: targets with another shift');
    this.#targets = targets;
    // Standing where they did, entries may no longer stand where the new targets put them.
    this.at = undefined;
    workspace.temporary((arena) => {
      const { kernels } = workspace;
      kernels.run.changeClip(
        ...rowArguments(workspace, model),
        ...featureCounts(model),
        kernels.at(rows.target),
        from.clip,
        targets.clip,
        targets.shift,
        kernels.at(this.#signs),
        kernels.at(this.#sums),
        this.size,
        arena.float64(model.packedLength, 'dirty').byteOffset,
      );
    });
  }

  /**
   * The objective at a point for which the entries stand where they have been put:
   * n·σ + Σ_I r²/σ + Σ_O (2·ε·|r| − σ·ε²) + alpha·‖w‖², from the sums alone.
   */
  objective(coef: Float64Array, scale: number, alpha: number, epsilon: number): number {
    const { nCoef, nSamples } = this.#stock.data.model;
    let absolutes = this.signed[nCoef]!;
    for (let j = 0; j < nCoef; j += 1) absolutes -= this.signed[j]! * coef[j]!;
    return (
      nSamples * scale +
      this.inlierSquares(coef) / scale +
      2 * epsilon * absolutes -
      this.outliers * scale * epsilon * epsilon +
      alpha * penaltyNorm(coef, nCoef)
    );
  }

  /** Σ_I r², never below 0. */
  inlierSquares(coef: Float64Array): number {
    const { nCoef } = this.#stock.data.model;
    const v = this.#stock.vector;
    v.set(coef.subarray(0, nCoef));
    v[nCoef] = -1;
    const product = this.#product(nCoef + 1);
    let sum = 0;
    for (let j = 0; j <= nCoef; j += 1) sum += v[j]! * product[j]!;
    return Math.max(sum, 0);
  }

  /** `gram`·v over its first n rows and columns; the answer stands until the next one is asked for. */
  gramTimes(v: Float64Array, n: number): Float64Array {
    this.#stock.vector.set(v.subarray(0, n));
    return this.#product(n);
  }

  #product(n: number): Float64Array {
    const { workspace, vector, product } = this.#stock;
    const { kernels } = workspace;
    kernels.run.symmetricProduct(kernels.at(this.gram), this.size, n, kernels.at(vector), kernels.at(product));
    return product;
  }
}

/** The partitions of one side and feature set, made once and taken in turn. */
export class PartitionStock implements Stock {
  readonly workspace: Workspace;
  readonly data: HuberData;
  readonly size: number;
  /** int8 values from one partition's signs to the next, float64 values from one's sums to the next */
  readonly signsLength: number;
  readonly sumsLength: number;
  /** all partitions' signs and sums, one behind the other, as the kernels find them by number */
  readonly signs: Int8Array<SharedArrayBuffer>;
  readonly sums: Float64Array<SharedArrayBuffer>;
  readonly vector: Float64Array<SharedArrayBuffer>;
  readonly product: Float64Array<SharedArrayBuffer>;
  readonly #free: Partition[];
  readonly #all: readonly Partition[];
  readonly #giveUp: () => boolean;

  /**
   * @param arena where they stay
   * @param giveUp frees a partition that can be made anew; false where there is none
   */
  constructor(workspace: Workspace, arena: SharedArena, data: HuberData, count: number, giveUp: () => boolean) {
    this.workspace = workspace;
    this.data = data;
    this.#giveUp = giveUp;
    const { nCoef, nEntries } = data.model;
    this.size = wholeFours(nCoef + 1);
    this.signsLength = signsLength(nEntries);
    this.sumsLength = sumsLength(nCoef);
    this.signs = arena.int8(count * this.signsLength, 'dirty');
    this.sums = arena.float64(count * this.sumsLength, 'dirty');
    this.vector = arena.float64(this.size);
    this.product = arena.float64(this.size);
    this.#all = Array.from({ length: count }, (_, p) => {
      const signs = this.signs.subarray(p * this.signsLength, (p + 1) * this.signsLength);
      const sums = this.sums.subarray(p * this.sumsLength, (p + 1) * this.sumsLength);
      return new Partition(this, p, signs, sums);
    });
    this.#free = [...this.#all];
  }

  /** Bytes of shared memory that so many partitions take. */
  static sizeBytes(count: number, nEntries: number, nCoef: number): number {
    return count * (signsLength(nEntries) + 8 * sumsLength(nCoef)) + 16 * (nCoef + 4) + 4 * 64;
  }

  get hasFree(): boolean {
    return this.#free.length > 0;
  }

  relieve(): boolean {
    return this.#giveUp();
  }

  take(): Partition {
    const partition = this.#free.pop();
    if (partition === undefined) throw new Error('no partition is free');
    return partition;
  }

  giveBack(partition: Partition): void {
    this.#free.push(partition);
  }

  /** Everything is given back, whoever had it. */
  reset(): void {
    this.#free.splice(0, Infinity, ...this.#all);
  }
}

/** Signs are read sixteen at a time. */
function signsLength(nEntries: number): number {
  return (nEntries + 31) & ~15;
}

function sumsLength(nCoef: number): number {
  const size = wholeFours(nCoef + 1);
  return size * (size + 1) + 4;
}
