import { readFileSync } from 'node:fs';
import { UserError } from '../../user-error.ts';

/** What the WebAssembly module exports: `assembly/index.ts`, where each kernel's formula and shapes stand. */
type Exports = {
  choleskyFactor(a: number, n: number, ld: number, floor: number): number;
  choleskySolve(l: number, n: number, ld: number, b: number): void;
  invertLower(l: number, n: number, ld: number, out: number, ldOut: number): void;
  symmetricProduct(a: number, ld: number, n: number, v: number, out: number): void;
  gramAll(x: number, stride: number, nRows: number, dims: number, weights: number, g: number, scratch: number): void;
  gramRows(
    x: number,
    stride: number,
    dims: number,
    yColumn: number,
    y: number,
    clip: number,
    shift: number,
    index: number,
    count: number,
    weights: number,
    signs: number,
    g: number,
    u: number,
    scratch: number,
  ): void;
  transposedProduct(
    x: number,
    stride: number,
    nRows: number,
    dims: number,
    v: number,
    k: number,
    out: number,
    scratch: number,
  ): void;
  transposedVector(x: number, stride: number, nRows: number, dims: number, v: number, out: number): void;
  certifyRows(
    x: number,
    stride: number,
    nRows: number,
    dims: number,
    y: number,
    coef: number,
    k: number,
    clip: number,
    inverseScale: number,
    bound: number,
    threshold: number,
    gradient: number,
    sums: number,
    scratch: number,
  ): void;
  evaluateRows(
    x: number,
    stride: number,
    nRows: number,
    dims: number,
    y: number,
    day: number,
    coef: number,
    k: number,
    clip: number,
    losses: number,
    scratch: number,
  ): void;
  takeLossReference(
    x: number,
    stride: number,
    nRows: number,
    dims: number,
    y: number,
    day: number,
    coef: number,
    clip: number,
    state: number,
    signed: number,
    constant: number,
    scratch: number,
  ): void;
  screenLosses(
    prediction: number,
    intercept: number,
    y: number,
    leverage: number,
    state: number,
    nRows: number,
    clip: number,
    distance: number,
    list: number,
    open: number,
  ): number;
  correctLosses(
    list: number,
    count: number,
    prediction: number,
    y: number,
    day: number,
    clip: number,
    state: number,
    losses: number,
  ): void;
  layOutRows(
    x: number,
    stride: number,
    first: number,
    end: number,
    rows: number,
    featureRow: number,
    market: number,
    nMarket: number,
    marketColumns: number,
    marketCount: number,
    state: number,
    nState: number,
    stateColumns: number,
    stateCount: number,
  ): void;
  keepConstant(
    rows: number,
    count: number,
    featureRow: number,
    market: number,
    nMarket: number,
    state: number,
    nState: number,
    list: number,
    length: number,
  ): number;
  leverages(x: number, stride: number, nRows: number, dims: number, linvT: number, out: number, scratch: number): void;
  rowDots(x: number, stride: number, nRows: number, dims: number, coef: number, out: number): void;
  rowDotsAt(x: number, stride: number, index: number, count: number, dims: number, coef: number, out: number): void;
  columnSums(x: number, stride: number, nRows: number, dims: number, sums: number): void;
  columnCentredSquares(
    x: number,
    stride: number,
    nRows: number,
    dims: number,
    mean: number,
    squares: number,
    rest: number,
  ): void;
  standardizeRows(x: number, stride: number, nRows: number, dims: number, mean: number, scale: number): void;
  storePredictions(
    x: number,
    stride: number,
    nRows: number,
    dims: number,
    coef: number,
    out: number,
    scratch: number,
  ): void;
  combinePredictions(
    p: number,
    length: number,
    first: number,
    end: number,
    count: number,
    c: number,
    numbers: number,
    anchor: number,
    out: number,
  ): void;
  screenRows(
    prediction: number,
    y: number,
    clip: number,
    offset: number,
    leverage: number,
    side: number,
    nRows: number,
    threshold: number,
    distance: number,
    slack: number,
    list: number,
    open: number,
  ): number;
  correctCertificate(
    x: number,
    stride: number,
    dims: number,
    list: number,
    count: number,
    prediction: number,
    y: number,
    clip: number,
    shift: number,
    threshold: number,
    inverseScale: number,
    epsilon: number,
    side: number,
    products: number,
    sums: number,
  ): number;
  changeSides(
    list: number,
    count: number,
    prediction: number,
    y: number,
    clip: number,
    shift: number,
    threshold: number,
    side: number,
    weights: number,
    signs: number,
  ): number;
};

type View = ArrayBufferView<ArrayBufferLike>;

/** Rows of a block in `assembly/block.ts`. */
export const BLOCK_ROWS = 32;

/** Rows that `assembly/span.ts` takes at a time. */
export const SPAN_ROWS = 16;

/**
 * The kernels, bound to one shared memory. Arrays are given as views on that memory; a view on anything else throws,
 * since its offset would name bytes of something else.
 */
export class Kernels {
  readonly memory: WebAssembly.Memory;
  /** The module's functions, for callers that have their arrays' addresses from `at`. */
  readonly run: Exports;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    const instance = new WebAssembly.Instance(compiledModule(), { env: { memory } });
    this.run = instance.exports as unknown as Exports;
  }

  /** The address of a view's first element. */
  at(view: View): number {
    if (view.buffer !== this.memory.buffer) throw new TypeError('kernel argument is not a view on the shared memory');
    return view.byteOffset;
  }
}

/** Float64 values that every kernel's scratch argument needs at the most, for `dims` columns and `k` fits at a time. */
export function scratchLength(dims: number, k: number): number {
  return BLOCK_ROWS * (2 * dims + k);
}

let compiled: WebAssembly.Module | undefined;

function compiledModule(): WebAssembly.Module {
  compiled ??= compile();
  return compiled;
}

function compile(): WebAssembly.Module {
  // From the sources the built file lies in dist/ beside src/; from dist/src/numerics/kernels it lies three folders up.
  const relative = import.meta.url.endsWith('.ts') ? '../../../dist/kernels.wasm' : '../../../kernels.wasm';
  const bytes = readFileSync(new URL(relative, import.meta.url));
  if (!WebAssembly.validate(bytes)) {
    throw new UserError(
      'numeric kernels: this engine refuses WebAssembly SIMD or shared memory. Run on a 64-bit CPU, without --jitless.',
    );
  }
  return new WebAssembly.Module(bytes);
}
