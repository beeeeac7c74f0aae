import { type PlotOptions, plot } from '@observablehq/plot';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useElementWidth } from '../parts/use-element-width.ts';

/** Room of a plot's own text; the rest comes from the style sheet. */
const STYLE = { fontSize: '12px', fontFamily: 'inherit', background: 'none', color: 'inherit' } as const;

type PlottedProps = {
  /** For a width; null where there is nothing to draw yet. */
  readonly draw: (width: number) => PlotOptions;
};

/** A drawing by Observable Plot, made anew when its width changes. Colours are the style sheet's, so a theme is no change. */
export function Plotted({ draw }: PlottedProps) {
  const { ref, width } = useElementWidth<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (width === 0) return;
    const drawing = plot({ width, style: STYLE, ...draw(width) });
    // Its own style element is one that the page's policy refuses, and its labels are no labels of groups by the rules of
    // ARIA: what they say, the figure's own label says.
    for (const element of drawing.querySelectorAll('style')) element.remove();
    for (const element of drawing.querySelectorAll('[aria-label]')) element.removeAttribute('aria-label');
    drawing.setAttribute('aria-hidden', 'true');
    place.current?.replaceChildren(drawing);
  }, [draw, width]);
  return (
    <div ref={ref} class="plotted">
      <div ref={place} />
    </div>
  );
}
