/**
 * Rolling maximum over the last `window` values, `out[i] = max(values[i-window+1 .. i])` within [start, end).
 * NaN where the window is not whole or holds a value that is not finite: a bar without a price has no extreme
 * (pandas' `rolling`, which counts infinities as missing too).
 *
 * A monotonic queue of candidates: each value enters and leaves once, so the cost does not depend on the window.
 *
 * @param out (values.length); entries in [start, end) are overwritten
 */
export function rollingMax(values: Float64Array, window: number, start: number, end: number, out: Float64Array): void {
  rolling(values, window, start, end, out, 1);
}

/** The same for the minimum. */
export function rollingMin(values: Float64Array, window: number, start: number, end: number, out: Float64Array): void {
  rolling(values, window, start, end, out, -1);
}

function rolling(
  values: Float64Array,
  window: number,
  start: number,
  end: number,
  out: Float64Array,
  sign: 1 | -1,
): void {
  const queue = new Int32Array(end - start);
  let head = 0;
  let tail = 0;
  let lastMissing = start - 1;
  for (let i = start; i < end; i += 1) {
    const value = sign * values[i]!;
    if (Number.isFinite(value)) {
      while (tail > head && sign * values[queue[tail - 1]!]! <= value) tail -= 1;
      queue[tail] = i;
      tail += 1;
    } else {
      lastMissing = i;
      head = 0;
      tail = 0;
    }
    const first = i - window + 1;
    while (tail > head && queue[head]! < first) head += 1;
    out[i] = first >= start && lastMissing < first ? values[queue[head]!]! : Number.NaN;
  }
}
