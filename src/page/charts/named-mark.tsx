import { NAMED_SYMBOLS } from './day-curves.tsx';

/** Shapes of 12 by 12 about their middle, by the names that the drawing's library has for them. */
const SHAPES: Readonly<Record<(typeof NAMED_SYMBOLS)[number], string>> = {
  circle: 'M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z',
  diamond2: 'M0,-5L5,0L0,5L-5,0Z',
  square2: 'M-4,-4H4V4H-4Z',
  triangle: 'M0,-5L5,4H-5Z',
  plus: 'M-5,0H5M0,-5V5',
  times: 'M-4,-4L4,4M-4,4L4,-4',
  star: 'M0,-5L1.5,-1.5L5,-1.5L2,1L3,5L0,2.5L-3,5L-2,1L-5,-1.5L-1.5,-1.5Z',
  wye: 'M0,0V5M0,0L-4,-3M0,0L4,-3',
};

/** The line and end mark of a named configuration, for a legend. */
export function NamedMark({ place }: { readonly place: number }) {
  return (
    <svg class={`named-mark named-${place}`} width="34" height="14" viewBox="-17 -7 34 14" aria-hidden="true">
      <path class="named" d="M-17,0H17" />
      <path class="named-end" d={SHAPES[NAMED_SYMBOLS[place % NAMED_SYMBOLS.length]!]} />
    </svg>
  );
}
