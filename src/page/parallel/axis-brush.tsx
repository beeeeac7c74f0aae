import { type BrushBehavior, brushY, type D3BrushEvent } from 'd3-brush';
import { select } from 'd3-selection';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Dimension } from '../rows/dimensions.ts';
import type { Filter } from '../rows/selection.ts';
import { bandOfFilter, filterOfBand } from './brushed-filter.ts';
import type { ParallelLayout } from './layout.ts';

/** As wide as a finger's tip may miss, and beyond both ends, so that the first and last values can be taken in. */
const HALF_BAND = 11;
const BEYOND = 10;

type AxisBrushProps = {
  readonly dimension: Dimension;
  readonly layout: ParallelLayout;
  readonly x: number;
  readonly filter: Filter | undefined;
  /** While it moves, and at its end. */
  readonly change: (filter: Filter | null, isEnd: boolean) => void;
};

/** The brush of one axis. What it does by pointer, the filters below do by keyboard. */
export function AxisBrush({ dimension, layout, x, filter, change }: AxisBrushProps) {
  const place = useRef<SVGGElement>(null);
  const brush = useRef<BrushBehavior<unknown>>(null);
  const changeNow = useRef(change);
  changeNow.current = change;
  useLayoutEffect(() => {
    if (place.current === null) return;
    let dragged: Filter | null = null;
    const made = brushY<unknown>()
      .extent([
        [-HALF_BAND, layout.top - BEYOND],
        [HALF_BAND, layout.bottom + BEYOND],
      ])
      .on('brush end', ({ type, selection, sourceEvent }: D3BrushEvent<unknown>) => {
        // What the page itself moved is no wish of the reader's.
        if (sourceEvent === undefined || sourceEvent === null) return;
        const band = isBand(selection) ? selection : null;
        // The band has been drawn about what it selects by now: read again it would select by a pixel more.
        const moved = type === 'end' ? dragged : null;
        const wanted = band === null ? null : (moved ?? filterOfBand(dimension, layout, band));
        dragged = type === 'end' ? null : wanted;
        changeNow.current(wanted, type === 'end');
        // A band between two steps selects by nothing, so it does not stay as if it did.
        if (type === 'end' && band !== null && wanted === null && place.current !== null) {
          select<SVGGElement, unknown>(place.current).call(made.move, null);
        }
      });
    brush.current = made;
    select<SVGGElement, unknown>(place.current).call(made);
  }, [dimension, layout]);
  useLayoutEffect(() => {
    if (place.current === null || brush.current === null) return;
    const band = filter === undefined ? null : bandOfFilter(dimension, layout, filter);
    select<SVGGElement, unknown>(place.current).call(brush.current.move, band);
  }, [dimension, layout, filter]);
  return <g ref={place} class="brush" transform={`translate(${x},0)`} />;
}

function isBand(selection: unknown): selection is [number, number] {
  return Array.isArray(selection) && typeof selection[0] === 'number';
}
