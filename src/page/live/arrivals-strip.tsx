import { useEffect, useRef } from 'preact/hooks';
import { sharpContext } from '../charts/canvas.ts';
import { fixed, whole } from '../parts/number-text.ts';
import { coloursNow, useTheme } from '../parts/theme.ts';
import { useElementWidth } from '../parts/use-element-width.ts';
import type { Arrivals } from './live-state.ts';

const HEIGHT = 72;
const EDGE = 4;

/**
 * Verdicts in the order in which they came, from left to right; the higher, the lower the tune MAE. One that passes is a
 * blue triangle, any other a grey dot.
 */
export function ArrivalsStrip({ arrivals }: { readonly arrivals: Arrivals }) {
  return arrivals.count === 0 ? null : <Strip arrivals={arrivals} />;
}

function Strip({ arrivals }: { readonly arrivals: Arrivals }) {
  const { ref, width } = useElementWidth<HTMLDivElement>();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  // Anew with the theme, too: colours are read from the style sheet.
  useEffect(() => {
    if (canvas.current !== null && width > 0) draw(canvas.current, width, arrivals);
  }, [arrivals, width, theme]);
  const [low, high] = rangeOf(arrivals);
  const passes = arrivals.passed.reduce((sum, passed) => sum + Number(passed), 0);
  const label =
    `Verdicts in the order in which they came: ${whole(arrivals.count)}, ${whole(passes)} of them pass. ` +
    `Tune MAE from ${fixed(low, 4)} (top, best) to ${fixed(high, 4)}.`;
  return (
    <figure class="arrivals">
      <figcaption class="how">
        as they come: higher is better on tune, from {fixed(high, 3)} to {fixed(low, 3)}; ▲ passes
      </figcaption>
      <div ref={ref}>
        <canvas ref={canvas} role="img" aria-label={label} style={{ width: '100%', height: `${HEIGHT}px` }} />
      </div>
    </figure>
  );
}

function draw(canvas: HTMLCanvasElement, width: number, arrivals: Arrivals): void {
  const context = sharpContext(canvas, width, HEIGHT);
  if (context === null) return;
  const colours = coloursNow();
  const { count, tune, passed } = arrivals;
  const [low, high] = rangeOf(arrivals);
  const x = (i: number) => EDGE + ((i + 0.5) / count) * (width - 2 * EDGE);
  const y = (value: number) => EDGE + ((value - low) / (high - low || 1)) * (HEIGHT - 2 * EDGE);
  context.fillStyle = colours.rest;
  for (let i = 0; i < count; i += 1) {
    if (!passed[i] && !Number.isNaN(tune[i]!)) context.fillRect(x(i) - 1, y(tune[i]!) - 1, 2, 2);
  }
  context.fillStyle = colours.good;
  for (let i = 0; i < count; i += 1) {
    if (!passed[i] || Number.isNaN(tune[i]!)) continue;
    context.beginPath();
    context.moveTo(x(i), y(tune[i]!) - 4);
    context.lineTo(x(i) + 3.5, y(tune[i]!) + 3);
    context.lineTo(x(i) - 3.5, y(tune[i]!) + 3);
    context.fill();
  }
}

function rangeOf({ count, tune }: Arrivals): readonly [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < count; i += 1) {
    const value = tune[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
