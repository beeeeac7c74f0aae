import { UserError } from '../user-error.ts';

/**
 * The largest magnitude of a feature, price, frozen weight or number of the price plan.
 *
 * Features, standardized or not, are float32, which ends at 3.4e38; beyond it a difference from the mean is infinite and
 * no fit is possible. Within this bound the largest numbers that can come about are the product of a weight and a
 * feature, summed over the features, and the ratio of two prices in bps: 1e16·1e16·1e4 = 1e36, a hundredth of the end.
 * No market comes near: 1e16 is more than all dollars there are.
 */
export const LARGEST_NUMBER = 1e16;

/** The smallest magnitude of a price but 0: a ratio of two prices is bounded by both. */
const SMALLEST_PRICE = 1 / LARGEST_NUMBER;

/** Throws for a finite number beyond `LARGEST_NUMBER`. @param where is asked only then */
export function requireInRange(value: number, where: () => string): void {
  if (Math.abs(value) <= LARGEST_NUMBER || !Number.isFinite(value)) return;
  throw new UserError(`${where()}: expected a number from -1e16 to 1e16, got ${value}. ${REMEDY}`);
}

/** As `requireInRange`, with the bound below, too; a price that is missing, infinite or 0 is left to those who drop its rows. */
export function requirePriceInRange(value: number, where: () => string): void {
  const magnitude = Math.abs(value);
  if (magnitude >= SMALLEST_PRICE && magnitude <= LARGEST_NUMBER) return;
  if (value === 0 || !Number.isFinite(value)) return;
  throw new UserError(`${where()}: expected a price from 1e-16 to 1e16, got ${value}. ${REMEDY}`);
}

const REMEDY = 'Check its unit, or write the file again';
