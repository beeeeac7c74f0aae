import { sharpContext } from '../charts/canvas.ts';
import type { Colours } from '../parts/theme.ts';
import type { Dimension } from '../rows/dimensions.ts';
import { type ParallelLayout, yOf } from './layout.ts';

/** Lines that are drawn: of passes all up to so many, of the others what is left of it; while a brush moves, fewer. */
export const MOST_LINES = 3000;
export const LINES_WHILE_DRAGGING = 300;

/** How a group of lines looks. */
export type LineStyle = { readonly colour: string; readonly width: number; readonly alpha: number };

/** Every so-many-th of the rows, at most `most`; the same ones each time. */
export function thinnedRows(rows: readonly number[], most: number): readonly number[] {
  if (rows.length <= most) return rows;
  const step = rows.length / Math.max(1, most);
  return Array.from({ length: most }, (_, i) => rows[Math.floor(i * step)]!);
}

/** The rows to draw of those selected: passes before others. */
export function rowsToDraw(
  selected: Uint8Array,
  passed: (row: number) => boolean,
  most: number,
): { readonly passes: readonly number[]; readonly others: readonly number[]; readonly count: number } {
  const passes: number[] = [];
  const others: number[] = [];
  for (let row = 0; row < selected.length; row += 1) {
    if (selected[row] === 1) (passed(row) ? passes : others).push(row);
  }
  const drawnPasses = thinnedRows(passes, Math.max(most / 2, most - others.length));
  const drawnOthers = thinnedRows(others, most - drawnPasses.length);
  return { passes: drawnPasses, others: drawnOthers, count: passes.length + others.length };
}

/** What is selected, on a canvas of its own above what is not. */
export function drawSelected(
  canvas: HTMLCanvasElement,
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  drawn: { readonly passes: readonly number[]; readonly others: readonly number[] },
  colours: Colours,
  isDragging: boolean,
): void {
  // A frame of a drag has to be quick: of a sharp screen, a quarter of the dots is enough for it.
  const context = isDragging
    ? sharpContext(canvas, layout.width, layout.height, 1)
    : sharpContext(canvas, layout.width, layout.height);
  if (context === null) return;
  const fade = Math.max(0.1, Math.min(0.7, 6 / Math.sqrt(drawn.others.length + 1)));
  drawLines(context, layout, dimensions, drawn.others, { colour: colours.doubt, width: 1, alpha: fade });
  drawLines(context, layout, dimensions, drawn.passes, {
    colour: colours.good,
    width: 1.3,
    alpha: Math.min(0.9, Math.max(0.25, fade * 2)),
  });
}

/** All rows, grey: what a selection is a part of. */
export function drawRest(
  canvas: HTMLCanvasElement,
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  rows: readonly number[],
  colours: Colours,
): void {
  const context = sharpContext(canvas, layout.width, layout.height);
  if (context !== null) drawLines(context, layout, dimensions, rows, { colour: colours.rest, width: 0.8, alpha: 0.3 });
}

function drawLines(
  context: CanvasRenderingContext2D,
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  rows: readonly number[],
  { colour, width, alpha }: LineStyle,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.globalAlpha = alpha;
  // One path a line, so that lines upon one another add up, until there are so many that time counts more.
  const together = rows.length <= 1200 ? 1 : 8;
  rows.forEach((row, i) => {
    if (i % together === 0) context.beginPath();
    addLine(context, layout, dimensions, row);
    if (i % together === together - 1 || i === rows.length - 1) context.stroke();
  });
  context.globalAlpha = 1;
}

/** Level where it meets an axis, so that the eye can follow it through; broken where there is no value. */
function addLine(
  context: CanvasRenderingContext2D,
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  row: number,
): void {
  let lastX = Number.NaN;
  let lastY = Number.NaN;
  for (let d = 0; d < dimensions.length; d += 1) {
    const x = layout.x[d]!;
    const y = yOf(layout, dimensions[d]!.heights[row]!);
    if (Number.isNaN(y)) {
      lastY = Number.NaN;
      continue;
    }
    if (Number.isNaN(lastY)) context.moveTo(x, y);
    else {
      const middle = (lastX + x) / 2;
      context.bezierCurveTo(middle, lastY, middle, y, x, y);
    }
    lastX = x;
    lastY = y;
  }
}
