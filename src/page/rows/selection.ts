import type { Dimension } from './dimensions.ts';
import type { Rows } from './rows.ts';

/**
 * What a reader has narrowed the rows to. All of it holds at once. The drawings, the table and the CSV show the same rows.
 */
export type Selection = {
  readonly verdict: 'all' | 'pass' | 'not pass';
  /** Found in an id, an axis' value or a tag. */
  readonly text: string;
  /** By dimension. */
  readonly filters: ReadonlyMap<string, Filter>;
};

/** Places of steps, or values of a measure, both ends in. */
export type Filter =
  | { readonly kind: 'steps'; readonly places: ReadonlySet<number> }
  | { readonly kind: 'range'; readonly least: number; readonly greatest: number };

export const EVERYTHING: Selection = { verdict: 'all', text: '', filters: new Map() };

export function isEverything({ verdict, text, filters }: Selection): boolean {
  return verdict === 'all' && text.trim() === '' && filters.size === 0;
}

export function withFilter(selection: Selection, name: string, filter: Filter | null): Selection {
  const filters = new Map(selection.filters);
  if (filter === null) filters.delete(name);
  else filters.set(name, filter);
  return { ...selection, filters };
}

/** 1 for each row that is selected. */
export function selectedRows(
  selection: Selection,
  rows: Rows,
  dimensions: readonly Dimension[],
  tags: Readonly<Record<string, readonly string[]>>,
): Uint8Array {
  const selected = new Uint8Array(rows.count).fill(1);
  if (selection.verdict !== 'all') {
    const wanted = selection.verdict === 'pass';
    for (let row = 0; row < rows.count; row += 1) if (rows.passed(row) !== wanted) selected[row] = 0;
  }
  for (const dimension of dimensions) {
    const filter = selection.filters.get(dimension.name);
    if (filter !== undefined) narrow(selected, dimension, filter);
  }
  const text = selection.text.trim().toLowerCase();
  if (text !== '') narrowToText(selected, text, rows, dimensions, tags);
  return selected;
}

function narrow(selected: Uint8Array, dimension: Dimension, filter: Filter): void {
  if (dimension.kind === 'steps' && filter.kind === 'steps') {
    for (let row = 0; row < selected.length; row += 1)
      if (!filter.places.has(dimension.places[row]!)) selected[row] = 0;
  } else if (dimension.kind === 'measure' && filter.kind === 'range') {
    for (let row = 0; row < selected.length; row += 1) {
      const value = dimension.values[row]!;
      // So that NaN, which is in no range, is left out.
      if (!(value >= filter.least && value <= filter.greatest)) selected[row] = 0;
    }
  }
}

function narrowToText(
  selected: Uint8Array,
  text: string,
  rows: Rows,
  dimensions: readonly Dimension[],
  tags: Readonly<Record<string, readonly string[]>>,
): void {
  const steps = dimensions.filter((dimension) => dimension.kind === 'steps');
  // Whether a value has the text is asked once a value, not once a row.
  const found = steps.map((dimension) => dimension.steps.map((step) => step.text.toLowerCase().includes(text)));
  for (let row = 0; row < selected.length; row += 1) {
    if (selected[row] === 0) continue;
    const isFound =
      rows.ids[row]!.startsWith(text) ||
      steps.some((dimension, i) => found[i]![dimension.places[row]!] === true) ||
      (tags[String(row)]?.some((tag) => tag.toLowerCase().includes(text)) ?? false);
    if (!isFound) selected[row] = 0;
  }
}
