import type { RunId } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { messageOf } from '../user-error.ts';

/** Four times within the lease of a run, which is 60 s. */
const KEEP_RUN_MS = 15_000;

/** Says of runs that they are alive, until it is disposed of: `runs` are asked for each time. */
export function keepRuns(store: VerdictStore, runs: () => Iterable<RunId>, notice: (text: string) => void): Disposable {
  const keeping = setInterval(() => {
    for (const run of runs()) store.keepRun(run).catch((error: unknown) => notice(messageOf(error)));
  }, KEEP_RUN_MS);
  keeping.unref();
  return { [Symbol.dispose]: () => clearInterval(keeping) };
}
