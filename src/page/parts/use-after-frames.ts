import { useEffect, useState } from 'preact/hooks';

/**
 * A value, once it has stood for so many frames: what is drawn of it elsewhere on the page does not have to be drawn in the
 * frame in which a reader changes it.
 */
export function useAfterFrames<T>(value: T, frames: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    let left = frames;
    let frame = 0;
    const next = () => {
      if (left === 0) setSettled(() => value);
      else frame = requestAnimationFrame(next);
      left -= 1;
    };
    next();
    return () => cancelAnimationFrame(frame);
  }, [value, frames]);
  return settled;
}
