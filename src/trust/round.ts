/** The nearest whole number, a half to the even one, as NumPy and Python round. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest < 0.5) return below;
  if (rest > 0.5) return below + 1;
  return below % 2 === 0 ? below : below + 1;
}

/** x·x: `**` may differ in its last bit between engines. */
export function square(x: number): number {
  return x * x;
}

/**
 * Sum of `count` values from `first` on, in eight running sums from eight values on, as NumPy adds: rows that are equal in
 * exact arithmetic are told apart, or not, by their last bits, and those should not depend on who does the sum.
 */
export function evenSum(values: Float64Array, first = 0, count = values.length - first): number {
  let sum = 0;
  let at = 0;
  if (count >= 8) {
    const whole = count - (count % 8);
    let [r0, r1, r2, r3, r4, r5, r6, r7] = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let i = first; i < first + whole; i += 8) {
      r0 += values[i]!;
      r1 += values[i + 1]!;
      r2 += values[i + 2]!;
      r3 += values[i + 3]!;
      r4 += values[i + 4]!;
      r5 += values[i + 5]!;
      r6 += values[i + 6]!;
      r7 += values[i + 7]!;
    }
    sum = r0 + r1 + (r2 + r3) + (r4 + r5 + (r6 + r7));
    at = whole;
  }
  for (; at < count; at += 1) sum += values[first + at]!;
  return sum;
}
