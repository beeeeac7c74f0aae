import type { Dimension } from '../rows/dimensions.ts';

/** Where axes stand, in CSS pixels. Every axis has room for its own text, so a narrow window scrolls them. */
export type ParallelLayout = {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  /** Of each dimension. */
  readonly x: readonly number[];
};

const LEAST_PITCH = 86;
const LEFT = 96;
const RIGHT = 64;
const TOP = 34;
const BOTTOM = 14;
const HEIGHT = 380;

export function parallelLayout(dimensions: readonly Dimension[], available: number): ParallelLayout {
  const gaps = Math.max(1, dimensions.length - 1);
  const width = Math.max(available, LEFT + RIGHT + LEAST_PITCH * gaps);
  const pitch = (width - LEFT - RIGHT) / gaps;
  return {
    width,
    height: HEIGHT,
    top: TOP,
    bottom: HEIGHT - BOTTOM,
    x: dimensions.map((_, i) => LEFT + i * pitch),
  };
}

export function yOf({ top, bottom }: ParallelLayout, height: number): number {
  return bottom - height * (bottom - top);
}

export function heightOf({ top, bottom }: ParallelLayout, y: number): number {
  return (bottom - y) / (bottom - top);
}
