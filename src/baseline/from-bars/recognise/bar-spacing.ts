import { countOf } from '../../../counts.ts';
import { DAY_MS, MINUTE_MS } from '../../../time-units.ts';

/** How bars follow each other. */
export type Spacing = {
  /** The commonest step between neighbours; a minute where there is one bar alone. */
  readonly stepMs: number;
  readonly steps: number;
  /** How many of them are of that length. */
  readonly commonest: number;
};

/** @param groups rows of each symbol in time order */
export function spacingOf(times: Float64Array, groups: readonly Int32Array[]): Spacing {
  const counts = new Map<number, number>();
  let steps = 0;
  for (const rows of groups) {
    for (let i = 1; i < rows.length; i += 1) {
      const step = times[rows[i]!]! - times[rows[i - 1]!]!;
      if (step === 0) continue;
      steps += 1;
      // Trades come at any distance; what comes once in ten thousand steps is not the commonest.
      if (counts.size < MOST_STEPS || counts.has(step)) counts.set(step, (counts.get(step) ?? 0) + 1);
    }
  }
  let [stepMs, commonest] = [MINUTE_MS, 0];
  for (const [step, count] of counts) {
    if (count > commonest || (count === commonest && step < stepMs)) [stepMs, commonest] = [step, count];
  }
  return { stepMs, steps, commonest };
}

const MOST_STEPS = 10_000;

/** `5 minutes`, `1 second`. */
export function spanText(ms: number): string {
  const units = [
    ['day', DAY_MS],
    ['hour', 3_600_000],
    ['minute', MINUTE_MS],
    ['second', 1000],
    ['millisecond', 1],
  ] as const;
  const [name, size] = units.find(([, unit]) => ms % unit === 0) ?? ['millisecond', 1];
  return countOf(ms / size, name);
}

/** Where in its bar a time stands: at its beginning, in its last sixtieth (…:59.999, …:59), or elsewhere. */
export function phaseOf(
  times: Float64Array,
  groups: readonly Int32Array[],
  stepMs: number,
): 'whole' | 'end' | 'elsewhere' {
  let [whole, end, all] = [0, 0, 0];
  for (const rows of groups) {
    for (const row of rows) {
      const phase = times[row]! % stepMs;
      all += 1;
      if (phase === 0) whole += 1;
      else if (phase >= stepMs - stepMs / 60) end += 1;
    }
  }
  if (2 * whole > all) return 'whole';
  return 2 * end > all ? 'end' : 'elsewhere';
}
