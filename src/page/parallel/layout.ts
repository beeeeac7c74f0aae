import type { Dimension } from '../rows/dimensions.ts';

/** Where axes stand, in CSS pixels. Every axis has room for its own text, so a narrow window scrolls them; paper cannot. */
export type ParallelLayout = {
  readonly width: number;
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  /** Of each dimension. */
  readonly x: readonly number[];
  /** Titles of each dimension, line by line: wrapped where they would meet their neighbours. */
  readonly titles: readonly (readonly string[])[];
};

const LEAST_PITCH = 86;
/** Of the first axis, for the longest of its values: so much at least and at most, and a character of it. */
const LEAST_LEFT = 96;
const MOST_LEFT = 220;
const VALUE_CHARACTER = 7;
export const VALUE_GAP = 7;
const RIGHT = 64;
/** To the axes, below titles of one line; and each further line. */
const TOP = 34;
export const TITLE_LINE = 15;
const BOTTOM = 14;
/** Of the axes. */
const TALL = 332;
/** A title's character, and what parts it from the next title, at most. */
const TITLE_CHARACTER = 8;
const TITLE_GAP = 6;

export function parallelLayout(
  dimensions: readonly Dimension[],
  available: number,
  leastPitch: number = LEAST_PITCH,
): ParallelLayout {
  const gaps = Math.max(1, dimensions.length - 1);
  const left = roomBefore(dimensions[0]);
  const width = Math.max(available, left + RIGHT + leastPitch * gaps);
  const pitch = (width - left - RIGHT) / gaps;
  const titles = dimensions.map(({ label }) => titleLines(label, pitch - TITLE_GAP));
  const top = TOP + TITLE_LINE * (Math.max(1, ...titles.map(({ length }) => length)) - 1);
  return {
    width,
    height: top + TALL + BOTTOM,
    top,
    bottom: top + TALL,
    x: dimensions.map((_, i) => left + i * pitch),
    titles,
  };
}

function roomBefore(first: Dimension | undefined): number {
  const longest = first?.kind === 'steps' ? Math.max(0, ...first.steps.map(({ text }) => text.length)) : 0;
  return Math.min(MOST_LEFT, Math.max(LEAST_LEFT, longest * VALUE_CHARACTER + VALUE_GAP));
}

/** As many words a line as there is room for. */
function titleLines(label: string, room: number): readonly string[] {
  const lines: string[] = [];
  for (const word of label.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length * TITLE_CHARACTER > room) lines.push(word);
    else lines.splice(-1, 1, longer);
  }
  return lines;
}

export function yOf({ top, bottom }: ParallelLayout, height: number): number {
  return bottom - height * (bottom - top);
}

export function heightOf({ top, bottom }: ParallelLayout, y: number): number {
  return (bottom - y) / (bottom - top);
}
