import { createHash } from 'node:crypto';
import { powerOfTwo } from '../numerics/elementary/power-of-two.ts';
import { ALL_SIGNS_UP_TO, SIGN_LABEL, SIGN_VECTORS } from './constants.ts';

/**
 * Sign vectors for q blocks. Row r's sign of block b is −1 where bit b of its code is set; the code stands in two parts, so
 * that a signed sum is one addition of two table entries (`max-flips.ts`).
 */
export type SignTable = {
  readonly q: number;
  /** sign vectors; the first is all +1 */
  readonly rows: number;
  /** all 2^q of them: row r has the bits of r */
  readonly isFull: boolean;
  /** bits in `low` */
  readonly lowBits: number;
  readonly low: Uint16Array;
  readonly high: Uint16Array;
};

const tables = new Map<number, SignTable>();

/**
 * All 2^q sign vectors for q ≤ 12, row r with the bits of r; beyond, 4,096: the first all +1, row r from SHA-256 of
 * `sweep-signs-1:q:r`. They depend on q alone, so that no seed can be chosen until a result pleases.
 *
 * @throws RangeError beyond 32 blocks
 */
export function signTable(q: number): SignTable {
  const known = tables.get(q);
  if (known !== undefined) return known;
  if (!(q >= 1 && q <= 32)) throw new RangeError(`sign vectors for ${q} blocks: 1 to 32 are expected`);
  const rows = q <= ALL_SIGNS_UP_TO ? powerOfTwo(q) : SIGN_VECTORS;
  const lowBits = Math.ceil(q / 2);
  const low = new Uint16Array(rows);
  const high = new Uint16Array(rows);
  for (let row = 0; row < rows; row += 1) {
    const code = q <= ALL_SIGNS_UP_TO ? row : hashedSigns(q, row);
    low[row] = code & (powerOfTwo(lowBits) - 1);
    high[row] = code >>> lowBits;
  }
  const table = { q, rows, isFull: q <= ALL_SIGNS_UP_TO, lowBits, low, high };
  tables.set(q, table);
  return table;
}

/** The sign of one block in one row: 1 or −1. */
export function signAt({ lowBits, low, high }: SignTable, row: number, block: number): number {
  const bit = block < lowBits ? low[row]! >> block : high[row]! >> (block - lowBits);
  return 1 - 2 * (bit & 1);
}

/** The signs of one row as bits, set for −1: block 0 is the lowest. */
export function codeAt({ lowBits, low, high }: SignTable, row: number): number {
  return low[row]! | (high[row]! << lowBits);
}

function hashedSigns(q: number, row: number): number {
  if (row === 0) return 0;
  const hash = createHash('sha256').update(`${SIGN_LABEL}:${q}:${row}`, 'ascii').digest();
  const word = hash.readUInt32LE(0);
  return q === 32 ? word : word & (powerOfTwo(q) - 1);
}
