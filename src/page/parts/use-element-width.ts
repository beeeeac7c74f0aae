import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { PRINT_WIDTH, useIsPrinting } from './printing.ts';

/**
 * The width that an element has to draw in, kept as the window changes; 0 before it is known. On paper it is the paper's,
 * since a browser prints without asking what the element has become.
 */
export function useElementWidth<T extends HTMLElement>() {
  const ref = useRef<T>(null);
  const [width, setWidth] = useState(0);
  const isPrinting = useIsPrinting();
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null) return undefined;
    const measure = () => setWidth(Math.floor(element.getBoundingClientRect().width));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return { ref, width: isPrinting && width > 0 ? PRINT_WIDTH : width };
}
