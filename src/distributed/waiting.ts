import { setTimeout as sleep } from 'node:timers/promises';

/** How long a server that does not answer is waited for: longer than most take to be mended. */
export const PATIENCE_MS = 24 * 3600 * 1000;

/** Returns after so long, or at once when the signal is aborted. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
