import { isOnPaper } from '../parts/printing.ts';

/** Paper has more dots than a screen. */
const PRINT_DENSITY = 3;

/**
 * A canvas of so many CSS pixels, cleared. Null where the browser gives no drawing.
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
  if (isOnPaper()) {
    // Setting a size clears the canvas. A browser prints what was drawn, step by step: a rectangle that is cleared would
    // be cleared on the sheet, with the canvases beneath.
    canvas.width = across;
    canvas.height = down;
    context?.setTransform(density, 0, 0, density, 0, 0);
    return context;
  }
  // Setting a size costs a frame's time: only where it is another.
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  context?.setTransform(density, 0, 0, density, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}
