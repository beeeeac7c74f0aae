/** Bits that one pass sorts by, and passes: 6·11 ≥ 64. */
const DIGIT_BITS: i32 = 11;
const BUCKETS: i32 = 1 << DIGIT_BITS;
const PASSES: i32 = 6;
const MASK: u64 = BUCKETS - 1;

/**
 * order (int32, n) ← the order that sorts the float64 numbers at `keys` ascending, equal ones as they stand, −0 and 0 being
 * equal: by radix on their bits, from the last digit to the first. A number's bits, read as a whole number, order as the
 * numbers do once negative ones are inverted and others get the sign's bit. No NaN. keys is overwritten.
 * scratch: 8·n + 4·n + 4·PASSES·BUCKETS bytes.
 * Source: Knuth, The Art of Computer Programming 3, 2nd ed., §5.2.5.
 */
export function sortedOrder(keys: usize, n: i32, order: usize, scratch: usize): void {
  let fromKeys = keys, toKeys = scratch;
  let from = order, to = scratch + (<usize>n << 3);
  const counts = to + (<usize>n << 2);
  memory.fill(counts, 0, <usize>(PASSES * BUCKETS) << 2);
  for (let i: i32 = 0; i < n; i++) {
    const at = keys + (<usize>i << 3);
    // −0 + 0 is 0.
    const bits = reinterpret<u64>(load<f64>(at) + 0);
    const key = bits ^ (<u64>(<i64>bits >> 63) | 0x8000000000000000);
    store<u64>(at, key);
    store<i32>(order + (<usize>i << 2), i);
    for (let pass: i32 = 0; pass < PASSES; pass++) {
      const bucket = counts + (<usize>(pass * BUCKETS) << 2) + (<usize>((key >> (pass * DIGIT_BITS)) & MASK) << 2);
      store<i32>(bucket, load<i32>(bucket) + 1);
    }
  }
  for (let pass: i32 = 0; pass < PASSES; pass++) {
    const next = counts + (<usize>(pass * BUCKETS) << 2);
    const shift = pass * DIGIT_BITS;
    // All in one bucket: nothing to move, as with the exponents of numbers of one size.
    if (n == 0 || load<i32>(next + (<usize>((load<u64>(fromKeys) >> shift) & MASK) << 2)) == n) continue;
    let start: i32 = 0;
    for (let bucket: i32 = 0; bucket < BUCKETS; bucket++) {
      const at = next + (<usize>bucket << 2);
      const count = load<i32>(at);
      store<i32>(at, start);
      start += count;
    }
    for (let i: i32 = 0; i < n; i++) {
      const key = load<u64>(fromKeys + (<usize>i << 3));
      const bucket = next + (<usize>((key >> shift) & MASK) << 2);
      const at = <usize>load<i32>(bucket);
      store<i32>(bucket, <i32>at + 1);
      store<u64>(toKeys + (at << 3), key);
      store<i32>(to + (at << 2), load<i32>(from + (<usize>i << 2)));
    }
    let swapped = fromKeys; fromKeys = toKeys; toKeys = swapped;
    swapped = from; from = to; to = swapped;
  }
  if (from != order) memory.copy(order, from, <usize>n << 2);
}
