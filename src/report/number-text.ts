/** What stands for a value that is not there. */
export const MISSING = '–';

/** A ratio to the constant's loss, near 1: five decimals, so that neighbours in a grid differ. */
export function ratioText(value: number | null): string {
  return fixed(value, 5);
}

export function aucText(value: number | null): string {
  return fixed(value, 4);
}

/** With its sign. A margin too small for four decimals keeps one digit, so that it never looks like none. */
export function marginText(value: number | null): string {
  if (value === null) return MISSING;
  const text = Math.abs(value) < 0.00005 && value !== 0 ? value.toExponential(0) : value.toFixed(4);
  return value < 0 ? text : `+${text}`;
}

/** At most `digits` digits, as many as a person wants to see of a measurement. */
export function measureText(value: number | null, digits = 5): string {
  return value === null ? MISSING : String(Number(value.toPrecision(digits)));
}

/** Milliseconds as a person says them: `37 ms`, `4.2 s`, `3 min 20 s`. */
export function durationText(durationMs: number): string {
  if (durationMs < 999.5) return `${Math.round(durationMs)} ms`;
  const seconds = durationMs / 1000;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/**
 * Parameters with as few digits as tell the different ones apart, at least four: of 0.00316227766017 and 0.001 the first
 * is 0.003162.
 */
export function shortNumbers(values: Iterable<number>): (value: number) => string {
  const different = new Set(values);
  const shortest = (digits: number) => (value: number) => String(Number(value.toPrecision(digits)));
  for (let digits = 4; digits < 17; digits += 1) {
    const toText = shortest(digits);
    if (new Set([...different].map(toText)).size === different.size) return toText;
  }
  return String;
}

function fixed(value: number | null, decimals: number): string {
  return value === null ? MISSING : value.toFixed(decimals);
}

/** With a sign in any case, so that a gain reads as one. */
export function signedText(value: number, digits = 3): string {
  return `${value < 0 ? '' : '+'}${value.toFixed(digits)}`;
}
