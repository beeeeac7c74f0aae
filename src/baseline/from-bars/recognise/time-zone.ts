const HOUR_MS = 3_600_000;

/**
 * Times of a zone's clock in UTC.
 *
 * When clocks go back an hour comes twice. Rows of it are told apart by their order where the file has both passes: the
 * clock steps back between them. An hour of which one pass alone is there does not tell which, and neither does a time
 * that no clock showed.
 *
 * @param local milliseconds since 1970 as if the clock were UTC's; NaN stays
 * @param zone an IANA name that Intl knows
 */
export function zonedToUtc(
  local: Float64Array,
  zone: string,
): { ms: Float64Array; problem: { row: number; text: string } | null } {
  const candidatesOf = zoneCandidates(zone);
  const ms = new Float64Array(local.length);
  const ascending = isMostlyAscending(local);
  for (let row = 0; row < local.length; row += 1) {
    const time = local[row]!;
    if (Number.isNaN(time)) {
      ms[row] = Number.NaN;
      continue;
    }
    const candidates = candidatesOf(time);
    if (candidates.length === 0)
      return { ms, problem: { row, text: `${wall(time)} was shown by no clock in ${zone}: clocks went forward` } };
    if (candidates.length === 1) {
      ms[row] = candidates[0]!;
      continue;
    }
    const pass = passOf(local, row, ascending, candidatesOf);
    if (pass === null) {
      const text = `${wall(time)} came twice in ${zone}, when clocks went back, and the rows do not tell which it is. Write the times with their offset, or in UTC`;
      return { ms, problem: { row, text } };
    }
    ms[row] = candidates[pass]!;
  }
  return { ms, problem: null };
}

/** The UTC times at which a zone's clock shows a time: one, two when clocks went back, none when they went forward. */
function zoneCandidates(zone: string): (local: number) => number[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const offsets = new Map<number, number>();
  // Offsets change at whole quarters of an hour.
  const offsetAt = (utc: number): number => {
    const quarter = Math.floor(utc / (HOUR_MS / 4));
    let offset = offsets.get(quarter);
    if (offset === undefined) {
      const at = quarter * (HOUR_MS / 4);
      const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
      offset =
        Date.UTC(
          parts['year']!,
          parts['month']! - 1,
          parts['day']!,
          parts['hour']!,
          parts['minute']!,
          parts['second']!,
        ) - at;
      offsets.set(quarter, offset);
    }
    return offset;
  };
  return (local) => {
    // No zone is further than a day from UTC: the offsets in force around the time are those a day before and after.
    const around = new Set([offsetAt(local - 24 * HOUR_MS), offsetAt(local + 24 * HOUR_MS), offsetAt(local)]);
    const utc = [...around].map((offset) => local - offset).filter((time) => time + offsetAt(time) === local);
    return [...new Set(utc)].sort((a, b) => a - b);
  };
}

/** Whether a row of an hour that came twice is of its first pass (0) or its second (1). */
function passOf(
  local: Float64Array,
  row: number,
  ascending: boolean,
  candidatesOf: (local: number) => number[],
): number | null {
  const forward = ascending ? 1 : -1;
  const isWithin = (at: number): boolean => at >= 0 && at < local.length && candidatesOf(local[at]!).length === 2;
  // The step back lies behind the first pass, or before the second.
  for (let at = row; isWithin(at + forward); at += forward) if (local[at + forward]! < local[at]!) return 0;
  for (let at = row; isWithin(at - forward); at -= forward) if (local[at - forward]! > local[at]!) return 1;
  return null;
}

function isMostlyAscending(values: Float64Array): boolean {
  let steps = 0;
  for (let i = 1; i < values.length; i += 1) {
    if (values[i]! > values[i - 1]!) steps += 1;
    else if (values[i]! < values[i - 1]!) steps -= 1;
  }
  return steps >= 0;
}

function wall(local: number): string {
  return new Date(local).toISOString().slice(0, 19).replace('T', ' ');
}
