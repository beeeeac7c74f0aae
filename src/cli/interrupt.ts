import { EXIT } from './exit-codes.ts';
import { onStopSignal } from './stop-signals.ts';

/**
 * Runs `work` with a signal that the first Ctrl-C (or any other signal that asks to stop) aborts: what is in hand is
 * finished. A second one ends the process at once; what was stored stays stored.
 *
 * @param onFirst says so to the user
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>, onFirst: () => void): Promise<T> {
  const controller = new AbortController();
  let hasEnded = false;
  // Left in place: a Ctrl-C that comes when the work has ended must not end the process before it has said so.
  onStopSignal(() => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    controller.abort();
    if (!hasEnded) onFirst();
  });
  try {
    return await work(controller.signal);
  } finally {
    hasEnded = true;
  }
}
