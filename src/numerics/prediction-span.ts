import type { DesignMatrix, ModelColumns } from './design-matrix.ts';
import { type Gram, metricLength } from './gram.ts';
import { SPAN_ROWS, scratchLength } from './kernels/load.ts';
import type { SharedArena } from './memory.ts';
import type { Workspace } from './workspace.ts';

/** Rows on which models are fitted and judged, and how far a row's prediction can move. */
export type SpannedRows = {
  readonly matrix: DesignMatrix;
  readonly columns: ModelColumns;
  /** of the fit rows, in whose metric the leverages are */
  readonly gram: Gram;
  /** (nSamples) see `measureLeverages` */
  readonly leverage: Float32Array<SharedArrayBuffer>;
  /** the jitter on the diagonal of the leverages' metric */
  readonly leverageJitter: number;
};

/** What is known of a model's predictions without reading a row: xᵢ·w = values[i] ± leverageᵢ·distance, intercept apart. */
export type ApproximatePredictions = {
  /** the address of the first asked row's float32 value */
  readonly address: number;
  readonly distance: number;
};

/** Directions that a span keeps. Fits that differ from their anchor in alpha lie within 2 % of sigma of ten. */
const CAPACITY = 16;
/** float32's unit roundoff. */
const ROUNDING = 2 ** -24;
/** Leverages are float32 and computed with rounding; a thousandth more makes the bound safe. */
const SAFETY = 1.001;
/** A pass over all rows pays when so many of them, as a share, have been read one by one: three times as slow as in their order. */
const ROWS_FOR_A_PASS = 0.35;
/** Directions are left out as long as they add less than this share to what is open anyway. */
const NEGLIGIBLE = 0.5;
/** Or as long as a typical row's prediction is off by less than this share of the residuals' scale. */
const FINE_ENOUGH = 0.003;

/**
 * Predictions of every model of one side and feature set, nearly, from those of a few.
 *
 * With directions b₁, b₂, … whose predictions X·bₖ are kept, and an anchor a whose predictions are at hand, a model
 * w = a + Σ cₖ·bₖ + rest has predictions X·a + Σ cₖ·X·bₖ up to leverageᵢ·‖rest‖ (Cauchy–Schwarz in the metric A of the
 * leverages), which is little where w lies near the span: fits of a sweep do. A few multiply-adds in float32 a row then
 * stand for a dot product over all features in float64, and what they leave open is looked up in the rows. Directions and
 * anchor change what is read, never an outcome: they may come from any fits, in any order.
 */
export class PredictionSpan {
  readonly rows: SpannedRows;
  readonly #workspace: Workspace;
  /** orthonormal in A, (nCoef) each, intercept 0 */
  readonly #directions: Float64Array[] = [];
  /** CAPACITY directions × `#length` rows */
  readonly #predictions: Float32Array<SharedArrayBuffer>;
  /** rows, padded to what a kernel takes at a time */
  readonly #length: number;
  /** the anchor's predictions and the current model's */
  readonly #anchorValues: Float32Array<SharedArrayBuffer>;
  readonly #values: Float32Array<SharedArrayBuffer>;
  /** the directions between anchor and model: their weights and numbers */
  readonly #weights: Float32Array<SharedArrayBuffer>;
  readonly #numbers: Int32Array<SharedArrayBuffer>;
  #used = 0;
  readonly #vector: Float64Array<SharedArrayBuffer>;
  readonly #product: Float64Array<SharedArrayBuffer>;
  readonly #rest: Float64Array;
  #anchor: Float64Array | null = null;
  #anchorLength = 0;
  /** a model that others will be near: the next anchor */
  #centre: Float64Array | undefined;
  /** distance that leaves few rows open */
  #fine = 0;
  /** the model that `#values` belong to, and the rows for which they are there */
  readonly #model: Float64Array;
  #distance = Number.NaN;
  #rounding = Number.NaN;
  #first = 0;
  #end = 0;
  /** the direction that a full span gives up next */
  #oldest = 0;
  /** rows that were read one by one since the last direction was taken */
  #rowsRead = 0;

  /** @param arena where the span keeps its predictions for as long as it lives */
  constructor(workspace: Workspace, arena: SharedArena, rows: SpannedRows) {
    this.#workspace = workspace;
    this.rows = rows;
    const { matrix, columns } = rows;
    const padded = Math.ceil(matrix.nSamples / SPAN_ROWS) * SPAN_ROWS;
    this.#length = padded;
    this.#predictions = arena.float32(padded * CAPACITY, 'dirty');
    this.#anchorValues = arena.float32(padded, 'dirty');
    this.#values = arena.float32(padded, 'dirty');
    this.#weights = arena.float32(CAPACITY);
    this.#numbers = arena.int32(CAPACITY);
    this.#vector = arena.float64(columns.dims);
    this.#product = arena.float64(columns.dims);
    this.#rest = new Float64Array(columns.nCoef);
    this.#model = new Float64Array(columns.nCoef).fill(Number.NaN);
  }

  /** Bytes of shared memory that a span takes. */
  static sizeBytes(nSamples: number, dims: number): number {
    return 4 * (nSamples + SPAN_ROWS) * (CAPACITY + 2) + 16 * dims + 8 * CAPACITY + 8 * 64;
  }

  /**
   * @param coef (nCoef) intercept first; it is left out of the values
   * @param firstRow, nRows the rows asked for
   */
  approximate(coef: Float64Array, firstRow: number, nRows: number): ApproximatePredictions {
    if (!this.#isAt(coef)) this.#moveTo(coef);
    const isAnchor = this.#used === 0 && this.#anchor !== null;
    if (!isAnchor) this.#combine(firstRow & -SPAN_ROWS, Math.ceil((firstRow + nRows) / SPAN_ROWS) * SPAN_ROWS);
    const { byteOffset } = isAnchor ? this.#anchorValues : this.#values;
    return { address: byteOffset + 4 * firstRow, distance: this.#distance * SAFETY };
  }

  /**
   * Announces a model that the next ones will be near. It costs nothing until that pays.
   *
   * @param scale of the residuals
   */
  expectNear(coef: Float64Array, scale: number): void {
    const { nSamples } = this.rows.matrix;
    this.#centre = coef;
    // A leverage's root mean square is √(nCoef/nSamples).
    this.#fine = FINE_ENOUGH * scale * Math.sqrt(nSamples / this.rows.columns.nCoef);
  }

  /**
   * Tells the span how many rows a model has left open, to be read one by one. Once that has cost as much as a pass over
   * all rows, such a pass is made: the announced model becomes the anchor or, where it is already, the model at hand a
   * direction. It and its neighbours then leave fewer open.
   */
  leftOpen(coef: Float64Array, nRows: number): void {
    this.#rowsRead += nRows;
    if (this.#rowsRead < ROWS_FOR_A_PASS * this.rows.matrix.nSamples) return;
    this.#rowsRead = 0;
    const centre = this.#centre ?? coef;
    if (this.#anchor === null || !haveSameSlopes(this.#anchor, centre)) this.#anchorAt(centre);
    else this.#extend(coef);
    // What is known of the current model is no longer true.
    this.#model.fill(Number.NaN);
  }

  #anchorAt(coef: Float64Array): void {
    this.#anchor = withoutIntercept(coef);
    this.#anchorLength = metricLength(this.rows.gram, this.rows.leverageJitter, this.#anchor);
    this.#predict(this.#anchor, this.#anchorValues.byteOffset);
  }

  /** A direction to where a model leads away from anchor and directions, if it does by more than rounding. */
  #extend(coef: Float64Array): void {
    const { gram, leverageJitter } = this.rows;
    const isFull = this.#directions.length === CAPACITY;
    const at = isFull ? this.#oldest : this.#directions.length;
    const others = this.#directions.filter((_, k) => k !== at);
    const direction = withoutIntercept(coef);
    if (this.#anchor !== null) takeOut(direction, this.#anchor, 1);
    // Twice, since what the first round leaves is small and carries its rounding.
    for (let round = 0; round < 2; round += 1) {
      this.#productWith(direction);
      for (const other of others) takeOut(direction, other, this.#along(other));
    }
    const length = metricLength(gram, leverageJitter, direction);
    if (!(length > CAPACITY * ROUNDING * this.#anchorLength) || !Number.isFinite(length)) return;
    for (let j = 0; j < direction.length; j += 1) direction[j]! /= length;
    this.#directions[at] = direction;
    if (isFull) this.#oldest = (at + 1) % CAPACITY;
    this.#predict(direction, this.#predictions.byteOffset + 4 * at * this.#length);
  }

  /** X·coef as float32 for every row. */
  #predict(coef: Float64Array, out: number): void {
    const { matrix, columns } = this.rows;
    this.#workspace.temporary((arena) => {
      const { kernels } = this.#workspace;
      const packed = arena.float64(columns.dims);
      packed.set(coef);
      const x = kernels.at(matrix.x);
      const scratch = arena.float64(scratchLength(columns.dims, 0), 'dirty').byteOffset;
      kernels.run.storePredictions(x, matrix.stride, matrix.nSamples, columns.dims, packed.byteOffset, out, scratch);
    });
  }

  #isAt(coef: Float64Array): boolean {
    return haveSameSlopes(this.#model, coef);
  }

  #moveTo(coef: Float64Array): void {
    this.#model.set(coef);
    [this.#first, this.#end] = [0, 0];
    this.#decompose(coef);
  }

  /** coef = anchor + Σ weight·direction + rest, over the directions that matter. */
  #decompose(coef: Float64Array): void {
    const { gram, leverageJitter } = this.rows;
    const anchor = this.#anchor;
    const rest = this.#rest;
    rest[0] = 0;
    for (let j = 1; j < rest.length; j += 1) rest[j] = coef[j]! - (anchor === null ? 0 : anchor[j]!);
    this.#productWith(rest);
    let open = 0;
    for (let j = 0; j < rest.length; j += 1) open += rest[j]! * this.#product[j]!;
    const weights = this.#directions.map((direction) => Math.fround(this.#along(direction)));
    for (const weight of weights) open -= weight * weight;
    // The largest first, until what is left adds little to what no direction spans.
    const bySize = weights.map((_, k) => k).sort((a, b) => Math.abs(weights[b]!) - Math.abs(weights[a]!));
    let negligible = Math.max(NEGLIGIBLE ** 2 * open, this.#fine ** 2, 0);
    let used = bySize.length;
    while (used > 0 && weights[bySize[used - 1]!]! ** 2 <= negligible) {
      used -= 1;
      negligible -= weights[bySize[used]!]! ** 2;
    }
    let size = 0;
    for (let i = 0; i < used; i += 1) {
      const k = bySize[i]!;
      const weight = weights[k]!;
      takeOut(rest, this.#directions[k]!, weight);
      this.#weights[i] = weight;
      this.#numbers[i] = k;
      size += Math.abs(weight);
    }
    this.#used = used;
    // Anchor and directions are at most leverage·length on each row, and so is their rounding; a sum of n terms adds n
    // roundings more, each of the sums' size at the most.
    this.#rounding = (used + 3) * ROUNDING * (this.#anchorLength + 2 * size);
    this.#distance = metricLength(gram, leverageJitter, rest) + this.#rounding;
  }

  /** Fills in the current model's values for rows first..end-1, where they are not there yet. */
  #combine(first: number, end: number): void {
    const { run } = this.#workspace.kernels;
    const combine = (from: number, to: number): void => {
      run.combinePredictions(
        this.#predictions.byteOffset,
        this.#length,
        from,
        to,
        this.#used,
        this.#weights.byteOffset,
        this.#numbers.byteOffset,
        this.#anchor === null ? 0 : this.#anchorValues.byteOffset,
        this.#values.byteOffset,
      );
    };
    if (end < this.#first || first > this.#end || this.#first === this.#end) {
      combine(first, end);
      [this.#first, this.#end] = [first, end];
      return;
    }
    if (first < this.#first) combine(first, this.#first);
    if (end > this.#end) combine(this.#end, end);
    [this.#first, this.#end] = [Math.min(first, this.#first), Math.max(end, this.#end)];
  }

  /** #product ← A·vector */
  #productWith(vector: Float64Array): void {
    const { gram, leverageJitter, columns } = this.rows;
    const { nCoef } = columns;
    this.#vector.set(vector);
    const { run } = this.#workspace.kernels;
    run.symmetricProduct(gram.xx.byteOffset, gram.dims, nCoef, this.#vector.byteOffset, this.#product.byteOffset);
    for (let j = 0; j < nCoef; j += 1) this.#product[j]! += leverageJitter * vector[j]!;
  }

  /** The component along a direction of the vector that `#productWith` was given. */
  #along(direction: Float64Array): number {
    let sum = 0;
    for (let j = 0; j < direction.length; j += 1) sum += direction[j]! * this.#product[j]!;
    return sum;
  }
}

function haveSameSlopes(a: Float64Array, b: Float64Array): boolean {
  for (let j = 1; j < a.length; j += 1) if (a[j] !== b[j]) return false;
  return true;
}

function takeOut(vector: Float64Array, direction: Float64Array, weight: number): void {
  for (let j = 0; j < vector.length; j += 1) vector[j]! -= weight * direction[j]!;
}

function withoutIntercept(coef: Float64Array): Float64Array {
  const slopes = Float64Array.from(coef);
  slopes[0] = 0;
  return slopes;
}
