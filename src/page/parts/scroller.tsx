import type { ComponentChildren, RefObject } from 'preact';

type ScrollerProps = {
  readonly class: string;
  readonly label: string;
  readonly scroller?: RefObject<HTMLElement | null>;
  readonly children: ComponentChildren;
};

/** What may be larger than its place: scrolled by pointer, and by keyboard, which is why it can be reached by that. */
export function Scroller({ class: className, label, scroller, children }: ScrollerProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
    <section class={className} tabIndex={0} aria-label={label} ref={scroller ?? null}>
      {children}
    </section>
  );
}
