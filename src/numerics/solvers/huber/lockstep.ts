import type { SharedArena } from '../../memory.ts';
import type { Desk, Process } from '../../processes.ts';
import { type ModelRows, packCoefficients } from '../../rows/model-rows.ts';
import { blockCount, blockNorms, featureCounts, gramScratchLength, rowArguments } from '../../rows/products.ts';
import { wholeFours } from '../../whole-fours.ts';
import type { Workspace } from '../../workspace.ts';
import type { Partition, PartitionStock } from './partition.ts';

/** Fits that move in one pass: lanes of the kernel `moveGroups`. */
const LANES = 16;
/** Changed entries that a lane collects at a time. */
const LISTED = 1024;
/** Half a unit in the last place of a float32 value of size 1. */
const UNIT = 1 / 16_777_216;
/** The least normal float32 value. */
const LEAST = 1.1754943508222875e-38;
/** Beyond this a float32 product of a row with coefficients could overflow. */
const FLOAT32_SAFE = 1e37;
/** No float32 residual reaches it. */
const BEYOND_FLOAT32 = 3.5e38;

type Move = {
  readonly desk: MoveDesk;
  readonly partition: Partition;
  readonly coef: Float64Array;
  readonly threshold: number;
  changed: number;
};

/**
 * Moves partitions to the points that their fits want, up to sixteen in one pass over the rows: float32 says which entries
 * stand where beyond doubt, float64 decides the others, so that every sign is that of the float64 residual. Entries enter
 * the sums of their own fit in ascending order, whatever else is in the pass: the outcome of a move is its own, bit for bit.
 */
export class MoveDesk implements Desk {
  readonly perPass = LANES;
  readonly #workspace: Workspace;
  readonly #stock: PartitionStock;
  readonly #model: ModelRows;
  readonly #norms: Float32Array<SharedArrayBuffer>;
  readonly #longest: number;

  readonly #reach: typeof float32Reach;

  /**
   * @param arena where it keeps the lengths of the rows
   * @param reach how far float32 may be wrong; another one is for tests, which show that a smaller one would not do
   */
  constructor(workspace: Workspace, arena: SharedArena, stock: PartitionStock, reach = float32Reach) {
    this.#workspace = workspace;
    this.#reach = reach;
    this.#stock = stock;
    this.#model = stock.data.model;
    this.#norms = blockNorms(workspace, arena, this.#model);
    this.#longest = this.#norms.reduce((longest, norm) => Math.max(longest, norm), 0);
  }

  /** Bytes of shared memory that a desk keeps. */
  static sizeBytes(nGroups: number): number {
    return 4 * blockCount(nGroups) + 64;
  }

  /**
   * Puts every entry where it stands at `coef` and `threshold`, and the sums with it.
   *
   * @returns the number of entries that changed their sign
   */
  *move(partition: Partition, coef: Float64Array, threshold: number): Process<number> {
    const { at } = partition;
    if (at?.threshold === threshold && at.coef.every((value, j) => value === coef[j])) return 0;
    const move: Move = { desk: this, partition, coef: Float64Array.from(coef), threshold, changed: 0 };
    partition.at = move;
    yield move;
    return move.changed;
  }

  serve(moves: readonly Move[]): void {
    this.#workspace.throwIfCancelled();
    this.#workspace.temporary((arena) => {
      const { kernels } = this.#workspace;
      const model = this.#model;
      const { packedLength, rows } = model;
      const stock = this.#stock;
      const numbers = arena.int32(LANES);
      const coef32 = arena.float32(packedLength * LANES);
      const coef64 = arena.float64(packedLength * LANES);
      const bounds = arena.float32(5 * LANES);
      const exact = arena.float64(3 * LANES);
      const changed = arena.int32(LANES);
      moves.forEach((move, lane) => {
        const { partition, coef, threshold } = move;
        const packed = coef64.subarray(lane * packedLength, (lane + 1) * packedLength);
        packCoefficients(model, coef, packed);
        for (let j = 0; j < packedLength; j += 1) coef32[j * LANES + lane] = packed[j]!;
        numbers[lane] = partition.number;
        const { clip, shift } = partition.targets;
        const settings = [clip, shift, threshold];
        settings.forEach((value, row) => {
          exact[row * LANES + lane] = value;
        });
        const { perLength, beside } = this.#reach(packed, this.#longest, shift, threshold);
        [...settings, perLength, beside].forEach((value, row) => {
          bounds[row * LANES + lane] = value;
        });
      });
      const wide = wholeFours(rows.nMarket + 2);
      kernels.run.moveGroups(
        ...rowArguments(this.#workspace, model),
        ...featureCounts(model),
        kernels.at(rows.target),
        kernels.at(this.#norms),
        moves.length,
        numbers.byteOffset,
        kernels.at(stock.signs),
        stock.signsLength,
        kernels.at(stock.sums),
        stock.sumsLength,
        stock.size,
        coef32.byteOffset,
        coef64.byteOffset,
        bounds.byteOffset,
        exact.byteOffset,
        changed.byteOffset,
        arena.int32(LANES * LISTED * 2, 'dirty').byteOffset,
        arena.int8(LANES * LISTED, 'dirty').byteOffset,
        arena.float64(movesScratchLength(wide, model.stateStride), 'dirty').byteOffset,
      );
      moves.forEach((move, lane) => {
        move.changed = changed[lane]!;
      });
    });
  }
}

function movesScratchLength(wide: number, stateStride: number): number {
  return 8 * LANES * 6 + gramScratchLength(wide, stateStride);
}

/**
 * How far a float32 residual may be from the float64 one before float32 cannot say any more whether it is beyond the
 * threshold: perLength·‖x‖ + beside. The terms are explained at the kernel `moveGroups`; here they are rounded up.
 *
 * @param packed coefficients, with the zeros between
 * @param longest ‖x‖ of the longest row
 */
export function float32Reach(
  packed: Float64Array,
  longest: number,
  shift: number,
  threshold: number,
): { readonly perLength: number; readonly beside: number } {
  let squares = 0;
  for (const value of packed) squares += value * value;
  const length = Math.sqrt(squares);
  const isBetween = threshold >= FLOAT32_SAFE && threshold < BEYOND_FLOAT32;
  if (!(length * longest < FLOAT32_SAFE) || !(Math.abs(shift) < FLOAT32_SAFE) || isBetween) {
    return { perLength: Infinity, beside: Infinity };
  }
  const reached = threshold < FLOAT32_SAFE ? threshold : 0;
  return {
    // Coefficients that float32 rounds to nothing cost less than the least normal value each.
    perLength: 1.03 * (packed.length + 12) * UNIT * length + packed.length * LEAST,
    beside: 1.03 * UNIT * (8 * reached + 9 * Math.abs(shift)) + LEAST,
  };
}
