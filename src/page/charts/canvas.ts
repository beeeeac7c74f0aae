import { isOnPaper } from '../parts/printing.ts';

/**
 * Paper has more dots than a screen. A power of two: Chromium prints a drawing at the share that a CSS pixel is of the canvas'
 * own, rounded down to 64ths. A third is 21 of them, and drawings would end 1.6 % short of what an SVG has over them.
 */
const PRINT_DENSITY = 4;

/**
 * A canvas for so many CSS pixels, cleared; on the page, it has to be as large. Null where the browser gives no drawing.
 *
 * @param density canvas pixels to a CSS pixel: by default as sharp as the screen is, or paper
 */
export function sharpContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  density: number = isOnPaper() ? PRINT_DENSITY : Math.min(3, devicePixelRatio),
): CanvasRenderingContext2D | null {
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  const context = canvas.getContext('2d');
  // Setting a size clears the canvas, and costs a frame's time. On paper nothing else may clear it: a browser prints what was
  // drawn step by step, and a rectangle that is cleared would be cleared on the sheet, with the canvases beneath.
  if (isOnPaper() || canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  } else {
    context?.resetTransform();
    context?.clearRect(0, 0, across, down);
  }
  context?.setTransform(density, 0, 0, density, 0, 0);
  return context;
}
