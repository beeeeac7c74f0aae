let isDown = false;
let waiting: (() => void)[] = [];

/** Watches whether a reader is pressing a pointer on the page. Once a page. */
export function watchPointer(): void {
  const follow = ({ buttons }: PointerEvent) => {
    isDown = buttons !== 0;
    if (isDown) return;
    const released = waiting;
    waiting = [];
    // A mouse's own event comes right after, and ends the drag.
    setTimeout(() => {
      for (const go of released) go();
    });
  };
  // Moves too: what is released outside of the window is only seen when it comes back.
  for (const type of ['pointerdown', 'pointermove', 'pointerup', 'pointercancel'] as const)
    addEventListener(type, follow, { capture: true, passive: true });
}

/** Resolves when no pointer is pressed: what is drawn anew under a drag would take its band away. */
export function pointerIsUp(): Promise<void> {
  return isDown ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve();
}
