import type { Dimension } from './dimensions.ts';

/** `name` null: as ranked. */
export type Order = { readonly name: string | null; readonly isDescending: boolean };

export const AS_RANKED: Order = { name: null, isDescending: false };

/**
 * The selected rows, in order; equal ones as ranked. What has no value stands last, whichever the direction.
 *
 * @param by values of the column sorted by; undefined: as ranked
 */
export function orderedRows(
  selected: Uint8Array,
  by: ArrayLike<number> | undefined,
  isDescending: boolean,
): Uint32Array {
  let count = 0;
  for (const is of selected) count += is;
  const rows = new Uint32Array(count);
  let at = 0;
  for (let row = 0; row < selected.length; row += 1) if (selected[row] === 1) rows[at++] = row;
  if (by === undefined) return isDescending ? rows.reverse() : rows;
  const sign = isDescending ? -1 : 1;
  return rows.sort((a, b) => {
    const x = by[a]!;
    const y = by[b]!;
    if (Number.isNaN(x) || Number.isNaN(y)) return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || a - b;
    return sign * (x - y) || a - b;
  });
}

/** What a click on a column's head makes of the order: ascending first, then descending, then as ranked. */
export function nextOrder(order: Order, name: string): Order {
  if (order.name !== name) return { name, isDescending: false };
  return order.isDescending ? AS_RANKED : { name, isDescending: true };
}

/** Measures and steps both have numbers to sort by. */
export function sortValues(dimension: Dimension): ArrayLike<number> {
  return dimension.kind === 'steps' ? dimension.places : dimension.values;
}
