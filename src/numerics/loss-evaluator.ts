import type { DesignMatrix, ModelColumns } from './design-matrix.ts';
import { dailyAbsErrorSums } from './evaluate.ts';
import { scratchLength } from './kernels/load.ts';
import type { SharedArena } from './memory.ts';
import { predictListed } from './predict.ts';
import type { PredictionSpan } from './prediction-span.ts';
import type { Workspace } from './workspace.ts';

/** A model to be judged: predictions X·w + c, clipped to ±clip. */
export type JudgedModel = {
  /** (nCoef) intercept first */
  readonly coef: Float64Array;
  /** bps; ∞ for none */
  readonly clip: number;
  /** (nCoef) a model so near that few rows are worth reading, one object for all that share it; null where there is none */
  readonly reference: Float64Array | null;
};

/** The rows that models are judged on. */
export type LossRows = {
  readonly matrix: DesignMatrix;
  readonly columns: ModelColumns;
  /** (nSamples) unclipped */
  readonly y: Float32Array<SharedArrayBuffer>;
  /** (nSamples) 0..nDays-1 */
  readonly dayIndex: Int32Array<SharedArrayBuffer>;
  readonly nDays: number;
  /** predictions of the side's rows, of which these begin at `firstRow` */
  readonly span: PredictionSpan;
  readonly firstRow: number;
};

/**
 * Sums of absolute errors by day, Σ_{i on day d} |yᵢ − clip(xᵢ·w, ±clip)|, of many models on the same rows.
 *
 * As long as no prediction crosses its target or the clip, the sum is linear in w: constant_d − signed_d·w. So one pass at
 * a reference serves every model near it, which costs a dot product a day and the few rows that may have crossed. Models
 * without a reference share passes over all rows. Which way it goes depends on the model alone, and so do its numbers.
 */
export class LossEvaluator {
  readonly #workspace: Workspace;
  readonly #rows: LossRows;
  readonly #state: Int8Array<SharedArrayBuffer>;
  /** (nDays × dims) and (nDays) */
  readonly #signed: Float64Array<SharedArrayBuffer>;
  readonly #constant: Float64Array<SharedArrayBuffer>;
  readonly #coef: Float64Array<SharedArrayBuffer>;
  readonly #losses: Float64Array<SharedArrayBuffer>;
  readonly #open: Int32Array<SharedArrayBuffer>;
  /** what the sums were taken at */
  #taken: { readonly coef: Float64Array; readonly clip: number } | undefined;

  /** @param arena where the evaluator keeps its state for as long as it lives */
  constructor(workspace: Workspace, arena: SharedArena, rows: LossRows) {
    this.#workspace = workspace;
    this.#rows = rows;
    const { matrix, columns, nDays } = rows;
    this.#state = arena.int8(matrix.nSamples, 'dirty');
    this.#signed = arena.float64(nDays * columns.dims);
    this.#constant = arena.float64(nDays);
    this.#coef = arena.float64(columns.dims);
    this.#losses = arena.float64(nDays);
    this.#open = arena.int32(1);
  }

  /** Bytes of shared memory that an evaluator takes for so many rows, days and columns. */
  static sizeBytes(nSamples: number, nDays: number, dims: number): number {
    return nSamples + 8 * (nDays + 1) * (dims + 2) + 6 * 64;
  }

  /**
   * @param models up to FITS_PER_PASS
   * @returns one array (nDays) for each
   */
  dailyAbsErrorSums(models: readonly JudgedModel[]): Float64Array[] {
    const far = models.filter(({ reference }) => reference === null);
    const { matrix, columns, y, dayIndex, nDays } = this.#rows;
    const farSums =
      far.length === 0 ? [] : dailyAbsErrorSums(this.#workspace, matrix, columns, y, dayIndex, nDays, far);
    let next = 0;
    return models.map(({ coef, clip, reference }) =>
      reference === null ? farSums[next++]! : this.#sumsNear(coef, clip, reference),
    );
  }

  #sumsNear(coef: Float64Array, clip: number, reference: Float64Array): Float64Array {
    if (this.#taken?.coef !== reference || this.#taken.clip !== clip) this.#take(reference, clip);
    return this.#workspace.temporary((arena) => {
      const { kernels } = this.#workspace;
      const { matrix, columns, y, dayIndex, nDays } = this.#rows;
      const { nCoef, dims } = columns;
      const losses = this.#losses;
      for (let day = 0; day < nDays; day += 1) {
        let sum = this.#constant[day]!;
        for (let j = 0; j < nCoef; j += 1) sum -= this.#signed[day * dims + j]! * coef[j]!;
        losses[day] = sum;
      }
      const list = arena.int32(matrix.nSamples + 4, 'dirty');
      const count = this.#listRows(coef, clip, list);
      const predictions = predictListed(this.#workspace, arena, matrix, columns, coef, list, count);
      kernels.run.correctLosses(
        list.byteOffset,
        count,
        predictions.byteOffset,
        kernels.at(y),
        kernels.at(dayIndex),
        clip,
        this.#state.byteOffset,
        losses.byteOffset,
      );
      return Float64Array.from(losses);
    });
  }

  /** Rows whose loss has to be looked up, ascending, into `list`; returns their number. */
  #listRows(coef: Float64Array, clip: number, list: Int32Array<SharedArrayBuffer>): number {
    const { matrix, y, span, firstRow } = this.#rows;
    const { address, distance } = span.approximate(coef, firstRow, matrix.nSamples);
    const { kernels } = this.#workspace;
    const count = kernels.run.screenLosses(
      address,
      coef[0]!,
      kernels.at(y),
      kernels.at(span.rows.leverage) + 4 * firstRow,
      this.#state.byteOffset,
      matrix.nSamples,
      clip,
      distance,
      list.byteOffset,
      this.#open.byteOffset,
    );
    span.leftOpen(coef, this.#open[0]!);
    return count;
  }

  #take(coef: Float64Array, clip: number): void {
    const { kernels } = this.#workspace;
    const { matrix, columns, y, dayIndex } = this.#rows;
    this.#coef.set(coef);
    this.#signed.fill(0);
    this.#constant.fill(0);
    this.#workspace.temporary((arena) => {
      kernels.run.takeLossReference(
        kernels.at(matrix.x),
        matrix.stride,
        matrix.nSamples,
        columns.dims,
        kernels.at(y),
        kernels.at(dayIndex),
        this.#coef.byteOffset,
        clip,
        this.#state.byteOffset,
        this.#signed.byteOffset,
        this.#constant.byteOffset,
        arena.float64(scratchLength(columns.dims, 0), 'dirty').byteOffset,
      );
    });
    this.#taken = { coef, clip };
  }
}
