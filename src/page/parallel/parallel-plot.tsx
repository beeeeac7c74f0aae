import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { whole } from '../parts/number-text.ts';
import { useIsPrinting } from '../parts/printing.ts';
import { Scroller } from '../parts/scroller.tsx';
import { coloursNow, useTheme } from '../parts/theme.ts';
import { useElementWidth } from '../parts/use-element-width.ts';
import { type Dimension, valueAt } from '../rows/dimensions.ts';
import type { Filter, Selection } from '../rows/selection.ts';
import type { SweepView } from '../rows/sweep-view.ts';
import { AxisBrush } from './axis-brush.tsx';
import { drawRest, drawSelected, LINES_WHILE_DRAGGING, MOST_LINES, rowsToDraw, thinnedRows } from './draw-lines.ts';
import { parallelLayout, TITLE_LINE, VALUE_GAP, yOf } from './layout.ts';

/** From an axis' top to its title's last line. */
const TITLE_RISE = 18;

type ParallelPlotProps = {
  readonly view: SweepView;
  readonly selection: Selection;
  readonly selected: Uint8Array;
  readonly isEverything: boolean;
  readonly isDragging: boolean;
  /** A brush moved, or ended. */
  readonly change: (name: string, filter: Filter | null, isEnd: boolean) => void;
  readonly finding: string;
};

/** A line a configuration across all axes; what is selected in front, the rest grey behind it. */
export function ParallelPlot(props: ParallelPlotProps) {
  const { view, selection, selected, isEverything, isDragging, change, finding } = props;
  const { dimensions, rows } = view;
  const { ref, width } = useElementWidth<HTMLElement>();
  const rest = useRef<HTMLCanvasElement>(null);
  const others = useRef<HTMLCanvasElement>(null);
  const passes = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const [drawnCount, setDrawnCount] = useState(0);
  const isPrinting = useIsPrinting();
  const layout = useMemo(
    // Nobody scrolls paper: there, axes stand as close as they have to.
    () => parallelLayout(dimensions, width, isPrinting ? 0 : undefined),
    [dimensions, width, isPrinting],
  );

  useLayoutEffect(() => {
    if (rest.current === null || width === 0) return undefined;
    // Before anything is selected, and only hidden then: the first frame of a drag has enough to draw.
    const all = thinnedRows(
      Array.from({ length: rows.count }, (_, row) => row),
      MOST_LINES / 2,
    );
    return drawRest(rest.current, layout, dimensions, all, coloursNow());
  }, [layout, dimensions, rows, width, theme]);

  useLayoutEffect(() => {
    if (others.current === null || passes.current === null || width === 0) return undefined;
    const most = isDragging ? LINES_WHILE_DRAGGING : MOST_LINES;
    const drawn = rowsToDraw(selected, (row) => rows.passed(row), most);
    setDrawnCount(drawn.passes.length + drawn.others.length);
    const canvases = { others: others.current, passes: passes.current };
    return drawSelected(canvases, layout, dimensions, drawn, coloursNow(), isDragging);
  }, [layout, dimensions, rows, selected, isDragging, width, theme]);

  const count = useMemo(() => selected.reduce((sum, is) => sum + is, 0), [selected]);
  const size = { width: `${layout.width}px`, height: `${layout.height}px` };
  return (
    <>
      <Scroller scroller={ref} class="parallel" label="axes of all configurations">
        <div class="parallel-inner" style={size}>
          <div role="img" aria-label={finding}>
            <canvas ref={rest} style={{ ...size, visibility: isEverything ? 'hidden' : 'visible' }} />
            <canvas ref={others} style={size} />
            <canvas ref={passes} style={size} />
          </div>
          <svg
            width={layout.width}
            height={layout.height}
            viewBox={`0 0 ${layout.width} ${layout.height}`}
            aria-hidden="true"
          >
            {dimensions.map((dimension, d) => (
              <g key={dimension.name}>
                <line class="axis" x1={layout.x[d]} x2={layout.x[d]} y1={layout.top} y2={layout.bottom} />
                <text class="axis-title" x={layout.x[d]}>
                  {layout.titles[d]!.map((line, l, { length }) => (
                    <tspan key={line} x={layout.x[d]} y={layout.top - TITLE_RISE - (length - 1 - l) * TITLE_LINE}>
                      {line}
                    </tspan>
                  ))}
                </text>
                {ticksOf(dimension).map(({ text, height }) => (
                  <text key={text} class="tick" x={layout.x[d]! - VALUE_GAP} y={yOf(layout, height)} dy="0.32em">
                    {text}
                  </text>
                ))}
              </g>
            ))}
            {width > 0 &&
              dimensions.map((dimension, d) => (
                <AxisBrush
                  key={dimension.name}
                  dimension={dimension}
                  layout={layout}
                  x={layout.x[d]!}
                  filter={selection.filters.get(dimension.name)}
                  change={(filter, isEnd) => change(dimension.name, filter, isEnd)}
                />
              ))}
          </svg>
        </div>
      </Scroller>
      {!isDragging && drawnCount < count && (
        <p class="how">
          {whole(drawnCount)} of {whole(count)} lines are drawn, evenly along the ranking, passes first; the table has
          all of them.
        </p>
      )}
    </>
  );
}

/** All steps where there is room, else every so-many-th; of a measure its ends and quarters. */
function ticksOf(dimension: Dimension): readonly { readonly text: string; readonly height: number }[] {
  if (dimension.kind === 'steps') {
    const every = Math.ceil(dimension.steps.length / 18);
    return dimension.steps.filter((_, place) => place % every === 0 || place === dimension.steps.length - 1);
  }
  const heights = dimension.least === dimension.greatest ? [0.5] : [0, 0.25, 0.5, 0.75, 1];
  return heights.map((height) => ({
    height,
    text: valueAt(dimension, height).toFixed(dimension.digits).replace('-', '−'),
  }));
}
