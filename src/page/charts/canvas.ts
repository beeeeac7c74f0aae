/** A canvas of so many CSS pixels, sharp on its screen and on paper, cleared. Null where the browser gives no drawing. */
export function sharpContext(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const density = Math.max(2, Math.min(3, devicePixelRatio));
  const [across, down] = [Math.round(width * density), Math.round(height * density)];
  // Setting a size clears the canvas and costs a frame's time: only where it is another.
  if (canvas.width !== across) canvas.width = across;
  if (canvas.height !== down) canvas.height = down;
  const context = canvas.getContext('2d');
  context?.setTransform(density, 0, 0, density, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}
