import { sharpContext } from '../charts/canvas.ts';
import { isOnPaper } from '../parts/printing.ts';
import type { Colours } from '../parts/theme.ts';
import type { Dimension } from '../rows/dimensions.ts';
import { type ParallelLayout, yOf } from './layout.ts';

/** Lines that are drawn: of passes all up to so many, of the others what is left of it; while a brush moves, fewer. */
export const MOST_LINES = 3000;
export const LINES_WHILE_DRAGGING = 300;
/** Of thousands of lines, a frame draws so many: more of them, and the page stands still when a brush is let go. */
const LINES_A_FRAME = 200;

/** How a group of lines looks. */
export type LineStyle = { readonly colour: string; readonly width: number; readonly alpha: number };

/** Rows whose lines lie on a canvas of their own, and how they look. */
type Layer = { readonly canvas: HTMLCanvasElement; readonly rows: readonly number[]; readonly style: LineStyle };

/** Passes lie above the others: each has a canvas of its own. */
export type FrontCanvases = { readonly others: HTMLCanvasElement; readonly passes: HTMLCanvasElement };

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

/**
 * What is selected, above what is not: while a brush moves at once, else some lines a frame.
 *
 * @returns what stops the drawing
 */
export function drawSelected(
  { others, passes }: FrontCanvases,
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  drawn: { readonly passes: readonly number[]; readonly others: readonly number[] },
  colours: Colours,
  isDragging: boolean,
): () => void {
  const fade = Math.max(0.1, Math.min(0.7, 6 / Math.sqrt(drawn.others.length + 1)));
  const layers: Layer[] = [
    { canvas: others, rows: drawn.others, style: { colour: colours.doubt, width: 1, alpha: fade } },
    {
      canvas: passes,
      rows: drawn.passes,
      style: { colour: colours.good, width: 1.3, alpha: Math.min(0.9, Math.max(0.25, fade * 2)) },
    },
  ];
  return drawLayers(layers, layout, dimensions, isDragging);
}

/** All rows, grey: what a selection is a part of. @returns what stops the drawing */
export function drawRest(
  canvas: HTMLCanvasElement,
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  rows: readonly number[],
  colours: Colours,
): () => void {
  const style = { colour: colours.rest, width: 0.8, alpha: 0.3 };
  return drawLayers([{ canvas, rows, style }], layout, dimensions, false);
}

/**
 * Draws all layers together, a part of each a frame: every part is spread evenly over its rows, so that what is seen first
 * looks like the whole. On paper, and while a brush moves, there is one part.
 */
function drawLayers(
  layers: readonly Layer[],
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  isDragging: boolean,
): () => void {
  const count = layers.reduce((sum, { rows }) => sum + rows.length, 0);
  // A frame of a drag has to be quick: of a sharp screen, a quarter of the dots is enough for it.
  const density = isDragging ? 1 : undefined;
  const parts = isDragging || isOnPaper() ? 1 : Math.max(1, Math.ceil(count / LINES_A_FRAME));
  let contexts: readonly (CanvasRenderingContext2D | null)[] = [];
  let frame = 0;
  const drawPart = (part: number): void => {
    if (part === 0) contexts = layers.map(({ canvas }) => sharpContext(canvas, layout.width, layout.height, density));
    layers.forEach(({ rows, style }, i) => {
      const context = contexts[i];
      const own = parts === 1 ? rows : rows.filter((_, at) => at % parts === part);
      if (context !== null && context !== undefined) drawLines(context, layout, dimensions, own, rows.length, style);
    });
    if (part + 1 < parts) frame = requestAnimationFrame(() => drawPart(part + 1));
  };
  // The frame in which a brush is let go has the table to draw; what the drag drew stays for it.
  if (parts === 1) drawPart(0);
  else frame = requestAnimationFrame(() => drawPart(0));
  return () => cancelAnimationFrame(frame);
}

/** @param together as many as these are a part of */
function drawLines(
  context: CanvasRenderingContext2D,
  layout: ParallelLayout,
  dimensions: readonly Dimension[],
  rows: readonly number[],
  together: number,
  { colour, width, alpha }: LineStyle,
): void {
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.globalAlpha = alpha;
  // One path a line, so that lines upon one another add up, until there are so many that time counts more.
  const inPath = together <= 1200 ? 1 : 8;
  rows.forEach((row, i) => {
    if (i % inPath === 0) context.beginPath();
    addLine(context, layout, dimensions, row);
    if (i % inPath === inPath - 1 || i === rows.length - 1) context.stroke();
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
