import { PenalizedFactor, rangeBasis } from '../../linear-algebra/penalized-factor.ts';
import { scaledSolver, solverWithin } from '../../linear-algebra/scaled-solver.ts';
import { maxAbs } from '../../linear-algebra/symmetric.ts';
import type { SharedArena } from '../../memory.ts';
import { unpackCoefficients, weightOf } from '../../rows/model-rows.ts';
import { addGram, dots, transposedVector } from '../../rows/products.ts';
import { clipTo, eachEntry, type Targets } from '../../rows/targets.ts';
import { wholeFours } from '../../whole-fours.ts';
import type { Workspace } from '../../workspace.ts';
import type { HuberPoint, HuberSettings } from './active-set.ts';
import type { HuberData } from './partition.ts';

type Solve = (rhs: Float64Array) => Float64Array;

/** What is left of the optimum's conditions at a point. */
export type Conditions = {
  /** (nCoef) Xᵀz − alpha·D·w */
  readonly dual: Float64Array;
  /** Σ z² */
  readonly zz: number;
  /** what the complementary products add up to: the duality gap, nearly */
  readonly gap: number;
  /** the largest condition that is left, each relative to what it adds up */
  readonly relative: number;
};

/** A change of everything. */
export type Direction = { readonly coef: Float64Array; readonly scale: number; readonly slack: number };

/**
 * One interior point of a Huber fit and the steps that can be taken from it; `interior-point.ts` says what they solve. All
 * sums are over rows: an entry that stands for several of them counts as often.
 */
export class InteriorState {
  readonly #workspace: Workspace;
  readonly #data: HuberData;
  readonly #alpha: number;
  readonly #epsilon: number;
  readonly #floor: number;
  readonly #n: number;
  /** (nEntries) rows of each entry, shifted targets, residuals */
  readonly #count: Float64Array;
  readonly #target: Float64Array;
  readonly #r: Float64Array<SharedArrayBuffer>;
  /** Σ |t|: what residuals are rounded against */
  readonly #targetSum: number;

  coef: Float64Array;
  /** σ − floor, kept by itself: as a difference it would come out as 0 */
  #room: number;
  /** multiplier of σ ≥ floor */
  slack: number;
  /** (nEntries) multipliers of the residuals, and outliers' shares above and below */
  readonly z: Float64Array;
  readonly #above: Float64Array;
  readonly #below: Float64Array;
  readonly #dz: Float64Array;
  readonly #dAbove: Float64Array;
  readonly #dBelow: Float64Array;

  readonly #weight: Float64Array<SharedArrayBuffer>;
  readonly #vector: Float64Array<SharedArrayBuffer>;
  readonly #moved: Float64Array<SharedArrayBuffer>;
  readonly #packed: Float64Array<SharedArrayBuffer>;
  readonly #gram: Float64Array<SharedArrayBuffer>;
  readonly #factor: PenalizedFactor;
  /** without a penalty: what the data determine. Directions beside it differ from nothing by rounding only. */
  readonly #range: readonly Float64Array[] | null;
  #solve: Solve | undefined;
  /** what `direction` works from, as `conditions` has found it */
  #found: Conditions | undefined;

  /** @param arena where its arrays stay for as long as it is used */
  constructor(
    workspace: Workspace,
    arena: SharedArena,
    data: HuberData,
    targets: Targets,
    start: HuberPoint,
    { alpha, epsilon, scaleFloor }: Pick<HuberSettings, 'alpha' | 'epsilon' | 'scaleFloor'>,
  ) {
    const { model, gram } = data;
    const { nCoef, nEntries, nSamples } = model;
    this.#workspace = workspace;
    this.#data = data;
    this.#alpha = alpha;
    this.#epsilon = epsilon;
    this.#floor = scaleFloor;
    this.#n = nSamples;
    this.#count = Float64Array.from({ length: nEntries }, (_, entry) => weightOf(model, entry));
    this.#target = new Float64Array(nEntries);
    eachEntry(model, (entry, group) => {
      this.#target[entry] = clipTo(model.rows.target[group]!, targets.clip) - targets.shift;
    });
    this.#targetSum = this.#target.reduce((sum, t, entry) => sum + this.#count[entry]! * Math.abs(t), 0);
    this.#r = arena.float64(nEntries, 'dirty');
    this.#weight = arena.float64(nEntries, 'dirty');
    this.#vector = arena.float64(nEntries, 'dirty');
    this.#moved = arena.float64(nEntries, 'dirty');
    this.#packed = arena.float64(model.packedLength);
    this.#gram = arena.float64(gram.dims * gram.dims);
    this.#factor = new PenalizedFactor(workspace.kernels, arena, nCoef + 1);
    this.#range = alpha > 0 || this.#factor.factorDamped(gram.xx, gram.dims, nCoef, 0, 0) ? null : rangeOf(data, nCoef);

    this.coef = Float64Array.from(start.coef);
    // Strictly inside every bound, and no nearer to one than the data's own size.
    this.#room = Math.max(start.scale, 2 * scaleFloor, 1e-3 * targets.size) - scaleFloor;
    this.slack = 0.1 * nSamples;
    this.z = new Float64Array(nEntries);
    this.#above = new Float64Array(nEntries);
    this.#below = new Float64Array(nEntries);
    this.#dz = new Float64Array(nEntries);
    this.#dAbove = new Float64Array(nEntries);
    this.#dBelow = new Float64Array(nEntries);
    this.#takeResiduals();
    for (let e = 0; e < nEntries; e += 1) {
      this.z[e] = clipTo(this.#r[e]! / this.scale, 0.9 * epsilon);
      const out = this.#r[e]! - this.scale * this.z[e]!;
      this.#above[e] = Math.max(out, 0) + 0.1 * this.scale;
      this.#below[e] = Math.max(-out, 0) + 0.1 * this.scale;
    }
  }

  /** Directions of the coefficients that the data do not determine. */
  get undetermined(): number {
    return this.#range === null ? 0 : this.#data.model.nCoef + 1 - this.#range.length;
  }

  get scale(): number {
    return this.#floor + this.#room;
  }

  /** How far this point is from the optimum. */
  conditions(): Conditions {
    this.#takeResiduals();
    const n = this.#n;
    const { nCoef } = this.#data.model;
    let gap = this.slack * this.#room;
    let zz = 0;
    let left = 0;
    let size = 0;
    for (let e = 0; e < this.z.length; e += 1) {
      const count = this.#count[e]!;
      const z = this.z[e]!;
      gap += count * (this.#above[e]! * (this.#epsilon - z) + this.#below[e]! * (this.#epsilon + z));
      zz += count * z * z;
      left += count * Math.abs(this.#r[e]! - this.scale * z - this.#above[e]! + this.#below[e]!);
      size += count * Math.abs(this.#r[e]!);
      this.#vector[e] = z;
    }
    const dual = this.#transposed(this.#vector);
    for (let j = 1; j < nCoef; j += 1) dual[j]! -= this.#alpha * this.coef[j]!;
    // Residuals are differences of targets, whose rounding they carry however small they are themselves.
    const roundedAgainst = Math.max(size + n * this.scale, 1e-3 * this.#targetSum);
    const relative = Math.max(
      maxAbs(dual, nCoef) / n,
      left / roundedAgainst,
      gap / (size + n * this.scale),
      Math.abs(n - zz - this.slack) / n,
    );
    this.#found = { dual, zz, gap, relative };
    return this.#found;
  }

  /** The mean complementary product: what the next step has to make smaller. */
  get mean(): number {
    return this.#known.gap / (2 * this.#n + 1);
  }

  /**
   * Prepares the weighted least-squares problem of the steps from this point, sigma behind the coefficients.
   *
   * @returns false where a bound has come so near that the problem is no number any more
   */
  prepare(): boolean {
    const { model, gram } = this.#data;
    const { nCoef } = model;
    const size = wholeFours(nCoef + 1);
    let corner = this.slack / (2 * this.#room);
    for (let e = 0; e < this.z.length; e += 1) {
      const z = this.z[e]!;
      const d = this.scale + this.#above[e]! / (this.#epsilon - z) + this.#below[e]! / (this.#epsilon + z);
      this.#weight[e] = 1 / d;
      this.#vector[e] = z / d;
      corner += (this.#count[e]! * z * z) / d;
    }
    if (!Number.isFinite(corner)) return false;
    this.#gram.fill(0);
    addGram(this.#workspace, model, this.#weight, this.#gram, gram.dims);
    const border = this.#transposed(this.#vector);
    const system = new Float64Array(size * size);
    for (let i = 0; i < nCoef; i += 1) {
      for (let j = 0; j <= i; j += 1) system[i * size + j] = this.#gram[i * gram.dims + j]!;
      if (i > 0) system[i * size + i]! += this.#alpha;
      system[nCoef * size + i] = border[i]!;
    }
    system[nCoef * size + nCoef] = corner;
    this.#solve =
      this.#range === null
        ? scaledSolver(this.#factor, system, size, nCoef + 1)
        : solverWithin(this.#range, this.#factor, system, size);
    return true;
  }

  /** Newton's step on all conditions, with the zeros replaced by mu; kept as the step that `longest` and `take` speak of. */
  direction(mu: number): Direction {
    const { nCoef } = this.#data.model;
    const { dual, zz } = this.#known;
    if (this.#solve === undefined) throw new Error('interior point: no step was prepared');
    let last = -(this.#n - zz - mu / this.#room) / 2;
    for (let e = 0; e < this.z.length; e += 1) {
      const z = this.z[e]!;
      const c = this.#r[e]! - this.scale * z - mu / (this.#epsilon - z) + mu / (this.#epsilon + z);
      this.#vector[e] = c * this.#weight[e]!;
      last += this.#count[e]! * z * this.#vector[e]!;
    }
    const right = this.#transposed(this.#vector);
    const rhs = new Float64Array(nCoef + 1);
    for (let j = 0; j < nCoef; j += 1) rhs[j] = dual[j]! + right[j]!;
    rhs[nCoef] = last;
    const solution = this.#solve(rhs);
    const coef = solution.slice(0, nCoef);
    const scale = solution[nCoef]!;
    dots(this.#workspace, this.#data.model, coef, this.#moved);
    for (let e = 0; e < this.z.length; e += 1) {
      const z = this.z[e]!;
      const change = this.#vector[e]! - (this.#moved[e]! + z * scale) * this.#weight[e]!;
      this.#dz[e] = change;
      this.#dAbove[e] = (mu + this.#above[e]! * change) / (this.#epsilon - z) - this.#above[e]!;
      this.#dBelow[e] = (mu - this.#below[e]! * change) / (this.#epsilon + z) - this.#below[e]!;
    }
    const slack = (mu - this.slack * scale) / this.#room - this.slack;
    return { coef, scale, slack };
  }

  /** The longest step, up to 1, that keeps everything inside its bounds. */
  longest({ scale, slack }: Direction): number {
    let t = 1;
    const keep = (value: number, change: number): void => {
      if (t * change < -value) t = -value / change;
    };
    keep(this.#room, scale);
    keep(this.slack, slack);
    for (let e = 0; e < this.z.length; e += 1) {
      keep(this.#above[e]!, this.#dAbove[e]!);
      keep(this.#below[e]!, this.#dBelow[e]!);
      keep(this.#epsilon - this.z[e]!, -this.#dz[e]!);
      keep(this.#epsilon + this.z[e]!, this.#dz[e]!);
    }
    return t;
  }

  take(direction: Direction, t: number): void {
    this.coef = this.coef.map((value, j) => value + t * direction.coef[j]!);
    this.#room += t * direction.scale;
    this.slack += t * direction.slack;
    for (let e = 0; e < this.z.length; e += 1) {
      this.z[e]! += t * this.#dz[e]!;
      this.#above[e]! += t * this.#dAbove[e]!;
      this.#below[e]! += t * this.#dBelow[e]!;
    }
  }

  /** Of σ − floor and its multiplier one is zero at the optimum: the smaller one, each by its own measure. */
  get isAtFloor(): boolean {
    return this.#room / this.#floor < this.slack / this.#n;
  }

  get #known(): Conditions {
    if (this.#found === undefined) throw new Error('interior point: its conditions were not asked for');
    return this.#found;
  }

  #takeResiduals(): void {
    dots(this.#workspace, this.#data.model, this.coef, this.#r);
    for (let e = 0; e < this.#r.length; e += 1) this.#r[e] = this.#target[e]! - this.#r[e]!;
  }

  #transposed(v: Float64Array<SharedArrayBuffer>): Float64Array {
    this.#packed.fill(0);
    transposedVector(this.#workspace, this.#data.model, v, this.#packed);
    return unpackCoefficients(this.#data.model, this.#packed);
  }
}

/** Columns (each nCoef + 1) that span what the data determine, and sigma. */
function rangeOf({ gram }: HuberData, nCoef: number): Float64Array[] {
  const withSigma = (direction: Float64Array): Float64Array => Float64Array.from([...direction, 0]);
  const sigma = new Float64Array(nCoef + 1);
  sigma[nCoef] = 1;
  return [...rangeBasis(gram.xx, gram.dims, nCoef).map(withSigma), sigma];
}
