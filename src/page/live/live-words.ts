import { countOf, wordFor } from '../../counts.ts';
import type { LiveProgress } from '../../page-data/live.ts';
import { whole } from '../parts/number-text.ts';

/** Nothing for so long, while a run should be going: it may have been killed. */
const LONG_QUIET_MS = 60_000;

/** `3 s`, `2 min`, `1 h 5 min`: a duration as it is said. */
export function durationWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}

/** Whether everything is judged, or how much of it so far. */
export function titleWords({ sweep, state, counts, isFinal }: LiveProgress): string {
  if (sweep === null) return 'Waiting for a run to begin';
  const done = counts.configurations - counts.pending;
  if (isFinal)
    return `${sweep}: all ${countOf(counts.configurations, 'configuration')} ${wordFor(counts.configurations, 'is', 'are')} judged`;
  const so = `${whole(done)} of ${whole(counts.configurations)} judged so far`;
  if (state === 'running') return `${sweep}: ${so}`;
  return `${sweep}: ${state}, ${so}`;
}

/** Share of the sweep that is done, 0 to 1. */
export function shareDone({ counts }: LiveProgress): number {
  return counts.configurations === 0 ? 0 : 1 - counts.pending / counts.configurations;
}

/** How fast it goes and when it may be over, and what stands in the way. @param quietMs since the last verdict, now */
export function paceWords({ state, counts, perMinute, secondsLeft, problem }: LiveProgress, quietMs: number): string[] {
  if (problem !== null) return [`the store cannot be read just now (${problem}); trying again`];
  if (state === 'interrupted') return ['interrupted; the same command goes on where it was'];
  if (state !== 'running') return [];
  if (counts.pending === counts.configurations) return ['data are read, the first dataset is prepared'];
  // A rate of then says nothing of a run that may not be there any more.
  if (quietMs > LONG_QUIET_MS) {
    return [`no verdict for ${durationWords(quietMs)}: the run may be preparing a dataset, or have been killed`];
  }
  return [
    ...(perMinute === null ? [] : [`${whole(perMinute)} a minute`]),
    ...(secondsLeft === null ? [] : [`about ${durationWords(1000 * secondsLeft)} left`]),
  ];
}

/** Counts of verdicts, those that are not nought. */
export function countWords({ counts, known }: LiveProgress): string[] {
  const all: readonly (readonly [number, string])[] = [
    [counts.notReady, 'not ready'],
    [counts.unconverged, 'not converged'],
    [counts.sealed, 'sealed'],
    [counts.error, 'could not be judged'],
    [known, 'known before'],
  ];
  return [
    `${whole(counts.pass)} pass`,
    ...all.flatMap(([count, text]) => (count === 0 ? [] : [`${whole(count)} ${text}`])),
  ];
}
