/**
 * A 32-bit checksum of one row's values (FNV-1a over their bits), to tell a damaged row from a sound one: SQLite itself
 * does not notice a flipped bit inside a number. Any change of a single value changes the sum. Not a defence against
 * someone who means to deceive.
 *
 *   let sum = CHECKSUM_START;
 *   sum = addText(sum, id);
 *   sum = addNumber(sum, alpha);
 *
 * Each step is a function of the sum so far, and not a list of values: 100,000 rows are checked whenever a leaderboard is
 * read, and lists would be half of the cost.
 */
export const CHECKSUM_START = 0x811c9dc5;

export function addText(sum: number, text: string): number {
  let next = sum;
  for (let i = 0; i < text.length; i += 1) next = Math.imul(next ^ text.charCodeAt(i), FNV_PRIME);
  return endValue(next, TEXT);
}

/** -0 counts as 0, since SQLite keeps whole numbers as integers. */
export function addNumber(sum: number, value: number | null): number {
  if (value === null) return endValue(sum, NOTHING);
  NUMBER[0] = value + 0;
  return endValue(Math.imul(Math.imul(sum ^ WORDS[0]!, FNV_PRIME) ^ WORDS[1]!, FNV_PRIME), A_NUMBER);
}

/** The sum as a column keeps it: a whole number from 0 to 2^32 − 1. */
export function checksumOf(sum: number): number {
  return sum >>> 0;
}

// A multiplication moves bits up only; the shift brings the high ones down again. Both can be undone, so nothing is lost.
function endValue(sum: number, kind: number): number {
  return Math.imul(sum ^ (sum >>> 15) ^ kind, FNV_PRIME);
}

const FNV_PRIME = 0x01000193;
const TEXT = 1;
const NOTHING = 2;
const A_NUMBER = 3;

// The order of the two words is the machine's: a store's checksums hold on little-endian machines, which all that Node
// is built for are but one (s390x).
const NUMBER = new Float64Array(1);
const WORDS = new Uint32Array(NUMBER.buffer);
