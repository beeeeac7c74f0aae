/**
 * Sums, extremes and the like over the `size` values that end at each place: out[i] is of values[i − size + 1 … i], NaN
 * where there are not as many. Each window is summed anew, in the order of its values, since a running sum drifts; several
 * windows are summed side by side, which changes no bit and takes a quarter of the time.
 */

/** Windows summed side by side: an addition waits for the one before it, and eight chains fill the wait. */
const ABREAST = 8;

export function windowSums(values: Float64Array, size: number): Float64Array {
  const out = new Float64Array(values.length).fill(Number.NaN);
  let end = size - 1;
  for (; end + ABREAST <= values.length; end += ABREAST) {
    const from = end - size + 1;
    let [a, b, c, d, e, f, g, h] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = from; i <= end; i += 1) {
      a += values[i]!;
      b += values[i + 1]!;
      c += values[i + 2]!;
      d += values[i + 3]!;
      e += values[i + 4]!;
      f += values[i + 5]!;
      g += values[i + 6]!;
      h += values[i + 7]!;
    }
    out[end] = a;
    out[end + 1] = b;
    out[end + 2] = c;
    out[end + 3] = d;
    out[end + 4] = e;
    out[end + 5] = f;
    out[end + 6] = g;
    out[end + 7] = h;
  }
  for (; end < values.length; end += 1) {
    let sum = 0;
    for (let i = end - size + 1; i <= end; i += 1) sum += values[i]!;
    out[end] = sum;
  }
  return out;
}

/** Σ decayʲ · values[i − j] over j < size, by Horner's rule from the oldest value on. */
export function windowDecayedSums(values: Float64Array, size: number, decay: number): Float64Array {
  const out = new Float64Array(values.length).fill(Number.NaN);
  let end = size - 1;
  for (; end + 4 <= values.length; end += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = end - size + 1; i <= end; i += 1) {
      a = a * decay + values[i]!;
      b = b * decay + values[i + 1]!;
      c = c * decay + values[i + 2]!;
      d = d * decay + values[i + 3]!;
    }
    out[end] = a;
    out[end + 1] = b;
    out[end + 2] = c;
    out[end + 3] = d;
  }
  for (; end < values.length; end += 1) {
    let sum = 0;
    for (let i = end - size + 1; i <= end; i += 1) sum = sum * decay + values[i]!;
    out[end] = sum;
  }
  return out;
}

export function windowMaxima(values: Float64Array, size: number): Float64Array {
  return windowExtremes(values, size, (a, b) => a > b);
}

export function windowMinima(values: Float64Array, size: number): Float64Array {
  return windowExtremes(values, size, (a, b) => a < b);
}

/**
 * How far the last value stands from its window's mean, in population standard deviations: (x − mean) / std. 0 where
 * the window does not vary: a standard deviation below 1e-9 of the values' size is rounding, not variation.
 */
export function windowZScores(values: Float64Array, size: number): Float64Array {
  const out = windowSums(values, size);
  let end = size - 1;
  for (; end + 4 <= values.length; end += 4) {
    const ma = out[end]! / size;
    const mb = out[end + 1]! / size;
    const mc = out[end + 2]! / size;
    const md = out[end + 3]! / size;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = end - size + 1; i <= end; i += 1) {
      const da = values[i]! - ma;
      const db = values[i + 1]! - mb;
      const dc = values[i + 2]! - mc;
      const dd = values[i + 3]! - md;
      a += da * da;
      b += db * db;
      c += dc * dc;
      d += dd * dd;
    }
    out[end] = zScore(values[end]!, ma, a, size);
    out[end + 1] = zScore(values[end + 1]!, mb, b, size);
    out[end + 2] = zScore(values[end + 2]!, mc, c, size);
    out[end + 3] = zScore(values[end + 3]!, md, d, size);
  }
  for (; end < values.length; end += 1) {
    const mean = out[end]! / size;
    let squares = 0;
    for (let i = end - size + 1; i <= end; i += 1) {
      const distance = values[i]! - mean;
      squares += distance * distance;
    }
    out[end] = zScore(values[end]!, mean, squares, size);
  }
  return out;
}

function zScore(value: number, mean: number, squares: number, size: number): number {
  const std = Math.sqrt(squares / size);
  return std > 1e-9 * Math.abs(mean) ? (value - mean) / std : 0;
}

/**
 * Each value is compared twice whatever the size: a queue keeps those that may yet be a window's extreme.
 * Source: Lemire, Streaming maximum-minimum filter using no more than three comparisons per element, 2006.
 */
function windowExtremes(values: Float64Array, size: number, isBeyond: (a: number, b: number) => boolean): Float64Array {
  const out = new Float64Array(values.length).fill(Number.NaN);
  const queue = new Int32Array(values.length);
  let [first, last] = [0, -1];
  for (let i = 0; i < values.length; i += 1) {
    while (last >= first && !isBeyond(values[queue[last]!]!, values[i]!)) last -= 1;
    last += 1;
    queue[last] = i;
    if (queue[first]! <= i - size) first += 1;
    if (i >= size - 1) out[i] = values[queue[first]!]!;
  }
  return out;
}

/** a / b, or `otherwise` where b is 0. */
export function ratio(a: number, b: number, otherwise: number): number {
  return b === 0 ? otherwise : a / b;
}
