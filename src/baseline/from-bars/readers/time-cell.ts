import { DAY_MS } from '../../../time-units.ts';

/**
 * A time as it is written, taken apart but for what the text alone does not tell: in 05/06/2024 which number is the day.
 */
export type TimeCell = {
  part: 'instant' | 'date' | 'clock';
  /** Since 1970, or since midnight where the part is `clock` or the date is unsettled. */
  ms: number;
  hasOffset: boolean;
  unsettled: { first: number; second: number; year: number } | null;
};

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9})\d*)?)?\s*(?:([AaPp])\.?[Mm]\.?)?`;
const COMPACT_CLOCK = String.raw`(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]?(\d{1,9}))?)?()`;
const OFFSET = String.raw`\s*(?:(?:UTC|GMT|Z)?\s*([+-])(\d{2}):?(\d{2})?(?:\s*(?:UTC|GMT))?|(Z|UTC|GMT))?(?:\[UTC\])?`;
const WEEKDAY = String.raw`(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+)?`;
const between = String.raw`(?:[T_]|,?\s+|-)`;

/** Each: the date's three parts, then hour, minute, second, fraction, half of the day, then the offset's parts. */
const FORMS: readonly { readonly order: 'ymd' | 'unsettled' | 'd-month' | 'month-d'; readonly pattern: RegExp }[] = [
  { order: 'ymd', pattern: whole(String.raw`(\d{4})([-/.])(\d{1,2})\2(\d{1,2})`, CLOCK) },
  { order: 'ymd', pattern: whole(String.raw`(\d{4})()(\d{2})(\d{2})`, COMPACT_CLOCK, true) },
  { order: 'unsettled', pattern: whole(String.raw`(\d{1,2})([-/.])(\d{1,2})\2(\d{4})`, CLOCK) },
  { order: 'd-month', pattern: whole(String.raw`(\d{1,2})([-\s.]\s*)([A-Za-z]{3,9})\.?[-\s,]+(\d{4})`, CLOCK) },
  { order: 'month-d', pattern: whole(String.raw`([A-Za-z]{3,9})(\.?\s+)(\d{1,2}),?\s+(\d{4})`, CLOCK) },
];
const CLOCK_ALONE = new RegExp(`^${CLOCK}${OFFSET}$`, 'i');

function whole(date: string, clock: string, clockNeeded = false): RegExp {
  const time = `(?:${between}${clock}${OFFSET})`;
  return new RegExp(`^${WEEKDAY}${date}${clockNeeded ? time : `${time}?`}$`, 'i');
}

/** Null for text that is no time, or names a day, hour or minute that no calendar or clock has. */
export function parseTimeCell(text: string): TimeCell | null {
  const clock = CLOCK_ALONE.exec(text);
  if (clock !== null) {
    const ms = clockMs(clock, 1);
    const offset = offsetMs(clock, 6);
    return ms === null || offset !== null ? null : { part: 'clock', ms, hasOffset: false, unsettled: null };
  }
  for (const { order, pattern } of FORMS) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const hasClock = match[5] !== undefined;
    const time = hasClock ? clockMs(match, 5) : 0;
    if (time === null) return null;
    const offset = offsetMs(match, 10);
    const part = hasClock ? 'instant' : 'date';
    const hasOffset = offset !== null;
    const ms = time - (offset ?? 0);
    const [a, b, c] = [match[1]!, match[3]!, match[4]!];
    if (order === 'unsettled') {
      const unsettled = { first: Number(a), second: Number(b), year: Number(c) };
      const isDate = dayMs(unsettled.year, unsettled.first, unsettled.second) !== null;
      const isOtherDate = dayMs(unsettled.year, unsettled.second, unsettled.first) !== null;
      return isDate || isOtherDate ? { part, ms, hasOffset, unsettled } : null;
    }
    const month =
      order === 'ymd' ? Number(b) : 1 + MONTHS.indexOf((order === 'd-month' ? b : a).slice(0, 3).toLowerCase());
    const [year, day] = order === 'ymd' ? [a, c] : [c, order === 'd-month' ? a : b];
    const date = dayMs(Number(year), month, Number(day));
    return date === null ? null : { part, ms: date + ms, hasOffset, unsettled: null };
  }
  return null;
}

/** Midnight of a day in ms since 1970; null for a day that no calendar has. Date.UTC rolls a 30th of February over. */
export function dayMs(year: number, month: number, day: number): number | null {
  const date = new Date(Date.UTC(year, month - 1, day));
  const isDay = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isDay ? date.getTime() : null;
}

function clockMs(match: RegExpExecArray, from: number): number | null {
  let hour = Number(match[from]);
  const [minute, second] = [Number(match[from + 1]), Number(match[from + 2] ?? 0)];
  const fraction = match[from + 3] ?? '';
  // Half a millisecond for what is below one: a time that is not quite a whole minute does not look like one.
  const fractionMs = Number(fraction.slice(0, 3).padEnd(3, '0')) + (/[1-9]/.test(fraction.slice(3)) ? 0.5 : 0);
  const half = match[from + 4]?.toLowerCase();
  if (half) {
    if (hour < 1 || hour > 12) return null;
    hour = (hour % 12) + (half === 'p' ? 12 : 0);
  }
  if (hour > 24 || minute > 59 || second > 59) return null;
  const ms = hour * 3_600_000 + minute * 60_000 + second * 1000 + fractionMs;
  return ms <= DAY_MS ? ms : null;
}

/** Null where the text gives no offset. */
function offsetMs(match: RegExpExecArray, from: number): number | null {
  const [sign, hours, minutes, zone] = [match[from], match[from + 1], match[from + 2], match[from + 3]];
  if (sign !== undefined) return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes ?? 0)) * 60_000;
  return zone === undefined ? null : 0;
}
