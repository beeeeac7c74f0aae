import { useEffect, useState } from 'preact/hooks';

let isPrinting = false;
const listeners = new Set<(isPrinting: boolean) => void>();

/** Whether the page is on its way to paper: everything is drawn then, in light colours, and lists have an end. */
export function useIsPrinting(): boolean {
  const [value, setValue] = useState(isPrinting);
  useEffect(() => {
    listeners.add(setValue);
    setValue(isPrinting);
    return () => {
      listeners.delete(setValue);
    };
  }, []);
  return value;
}

/** The same, for what is no component. */
export function isOnPaper(): boolean {
  return isPrinting;
}

/** Called once: keeps `useIsPrinting` and the document's theme with the browser's own word, and the reader's place. */
export function followPrinting(): void {
  let themeBefore: string | undefined;
  let placeBefore = 0;
  const set = (value: boolean) => {
    if (value === isPrinting) return;
    isPrinting = value;
    if (value) placeBefore = scrollY;
    const { dataset } = document.documentElement;
    // The style sheet lays the page out as wide as the paper is, so that what is drawn for it can be measured.
    if (value) {
      dataset['printing'] = '';
      themeBefore = dataset['theme'];
      dataset['theme'] = 'light';
    } else {
      delete dataset['printing'];
      if (themeBefore === undefined) delete dataset['theme'];
      else dataset['theme'] = themeBefore;
    }
    for (const listener of listeners) listener(value);
    // In the next frame the page is as long again as it was.
    if (!value) requestAnimationFrame(() => scrollTo({ top: placeBefore, behavior: 'instant' }));
  };
  addEventListener('beforeprint', () => set(true));
  addEventListener('afterprint', () => set(false));
}
