import { type Dimension, heightAt, valueAt } from '../rows/dimensions.ts';
import type { Filter } from '../rows/selection.ts';
import { heightOf, type ParallelLayout, yOf } from './layout.ts';

/** Half the height of a band about a step that is selected, in CSS pixels. */
const STEP_ROOM = 8;

/** What a band from y0 (above) to y1 along an axis selects; null where it holds nothing that could be. */
export function filterOfBand(
  dimension: Dimension,
  layout: ParallelLayout,
  [y0, y1]: readonly [number, number],
): Filter | null {
  const [high, low] = [heightOf(layout, y0), heightOf(layout, y1)];
  if (dimension.kind === 'steps') {
    const places = dimension.steps.flatMap(({ height }, place) => (height >= low && height <= high ? place : []));
    return places.length === 0 ? null : { kind: 'steps', places: new Set(places) };
  }
  const ends = [valueAt(dimension, Math.max(0, Math.min(1, low))), valueAt(dimension, Math.max(0, Math.min(1, high)))];
  return { kind: 'range', least: Math.min(...ends), greatest: Math.max(...ends) };
}

/** The band that shows a filter; null where no single one does. */
export function bandOfFilter(dimension: Dimension, layout: ParallelLayout, filter: Filter): [number, number] | null {
  if (dimension.kind === 'measure') {
    if (filter.kind !== 'range') return null;
    const clamp = (value: number) => Math.min(dimension.greatest, Math.max(dimension.least, value));
    const ys = [filter.least, filter.greatest].map((value) => yOf(layout, heightAt(dimension, clamp(value))));
    return [Math.min(...ys) - 1, Math.max(...ys) + 1];
  }
  if (filter.kind !== 'steps' || filter.places.size === 0) return null;
  const chosen = dimension.steps.filter((_, place) => filter.places.has(place)).map(({ height }) => height);
  const [low, high] = [Math.min(...chosen), Math.max(...chosen)];
  const within = dimension.steps.filter(({ height }) => height >= low && height <= high);
  if (within.length !== chosen.length) return null;
  return [yOf(layout, high) - STEP_ROOM, yOf(layout, low) + STEP_ROOM];
}
