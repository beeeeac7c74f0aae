import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useIsPrinting } from './printing.ts';

/** The width that an element has to draw in, on the screen as its window changes and on paper; 0 before it is known. */
export function useElementWidth<T extends HTMLElement>() {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(0);
  // A browser prints without asking what elements have become: they are measured when it says that it will.
  const isPrinting = useIsPrinting();
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = () => setWidth(Math.floor(element.getBoundingClientRect().width));
    measure();
    if (isPrinting) return undefined;
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [isPrinting]);
  return { ref, width };
}
