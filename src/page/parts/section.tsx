import type { ComponentChildren } from 'preact';

type SectionProps = {
  readonly id: string;
  readonly question: string;
  readonly finding?: string | undefined;
  /** What can be done with it on a screen alone has the class `on-screen`. */
  readonly howToRead?: ComponentChildren;
  /** Across the whole page, with its words above in place of beside. */
  readonly isWide?: boolean;
  /** Beside the drawing, below its words. */
  readonly aside?: ComponentChildren;
  readonly children: ComponentChildren;
};

/** A question of the reader's, its answer, how to read the drawing, the drawing. */
export function Section({ id, question, finding, howToRead, isWide = false, aside, children }: SectionProps) {
  return (
    <section id={id} class={isWide ? 'part wide' : 'part'} aria-labelledby={`${id}-question`}>
      <header>
        <h2 id={`${id}-question`} tabIndex={-1}>
          {question}
        </h2>
        {finding !== undefined && <p class="finding">{finding}</p>}
        {howToRead !== undefined && <p class="how">{howToRead}</p>}
        {aside}
      </header>
      <div class="body">{children}</div>
    </section>
  );
}
