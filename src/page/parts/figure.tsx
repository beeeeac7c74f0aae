import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { useNearView } from './near-view.ts';
import { type Twin, TwinTable } from './twin-table.tsx';

type FigureProps = {
  /** What the drawing shows: its label for whoever does not see it, and its table's caption. */
  readonly finding: string;
  /** The same as a table. Asked for when the reader wants it. */
  readonly twin: () => Twin;
  /** Reserved until it is drawn, so that nothing jumps. */
  readonly minHeight: number;
  readonly legend?: ComponentChildren;
  readonly children: ComponentChildren;
  /** A drawing that is made of text in a table reads itself, and is no picture. */
  readonly isTable?: boolean;
};

/** A drawing with its finding as its label and its table twin; drawn when it comes near the window. */
export function Figure({ finding, twin, minHeight, legend, children, isTable = false }: FigureProps) {
  const [asTable, setAsTable] = useState(false);
  const { ref, isNear } = useNearView<HTMLElement>();
  const id = useId();
  return (
    <figure ref={ref}>
      <div class="figure-head">
        <div class="legend">{legend}</div>
        <button
          type="button"
          class="quiet"
          aria-expanded={asTable}
          aria-controls={id}
          onClick={() => setAsTable(!asTable)}
        >
          {asTable ? 'show as picture' : 'show as table'}
        </button>
      </div>
      <div id={id} style={{ minHeight: asTable ? undefined : `${minHeight}px` }}>
        {isNear &&
          (asTable ? (
            <TwinTable caption={finding} twin={twin()} />
          ) : isTable ? (
            children
          ) : (
            <div role="img" aria-label={finding}>
              {children}
            </div>
          ))}
      </div>
    </figure>
  );
}

/** A mark and what it means. */
export function Key({ mark, children }: { readonly mark: ComponentChildren; readonly children: ComponentChildren }) {
  return (
    <span class="key">
      <span class="key-mark" aria-hidden="true">
        {mark}
      </span>
      {children}
    </span>
  );
}
