import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useIsPrinting } from './printing.ts';

/**
 * Whether an element has been near the window's part of the page: what is further away is drawn when a reader comes near, so
 * that the first screen does not wait for it. Once near, always near.
 */
export function useNearView<T extends HTMLElement>() {
  const ref = useRef<T>(null);
  const [isNear, setNear] = useState(false);
  const isPrinting = useIsPrinting();
  useLayoutEffect(() => {
    const element = ref.current;
    if (element === null || isNear) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setNear(true);
      },
      { rootMargin: '700px 0px' },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [isNear]);
  return { ref, isNear: isNear || isPrinting };
}
