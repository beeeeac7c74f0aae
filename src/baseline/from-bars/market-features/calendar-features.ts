import { cos, sin } from '../../../numerics/elementary/sine.ts';
import { MINUTE_MS } from '../../../time-units.ts';
import type { MarketFeature } from './market-feature.ts';

const DAY_MINUTES = 1440;

/** UTC time of day and week of the bar's open, as points on a circle. */
export const CALENDAR_FEATURES: readonly MarketFeature[] = [
  onCircle('minute_of_day_sin', `sin(2π · minute of the UTC day / ${DAY_MINUTES})`, sin, minuteOfDay),
  onCircle('minute_of_day_cos', `cos(2π · minute of the UTC day / ${DAY_MINUTES})`, cos, minuteOfDay),
  onCircle('day_of_week_sin', 'sin(2π · UTC weekday / 7), Monday 0', sin, dayOfWeek),
  onCircle('day_of_week_cos', 'cos(2π · UTC weekday / 7), Monday 0', cos, dayOfWeek),
];

function onCircle(
  name: string,
  definition: string,
  wave: (angle: number) => number,
  turn: (openTimeMs: number) => number,
): MarketFeature {
  return {
    name,
    unit: 'sine',
    definition,
    lookbackMinutes: 1,
    over:
      ({ openTimeMs }) =>
      (slot) =>
        wave(2 * Math.PI * turn(openTimeMs[slot]!)),
  };
}

function minuteOfDay(openTimeMs: number): number {
  return ((openTimeMs / MINUTE_MS) % DAY_MINUTES) / DAY_MINUTES;
}

function dayOfWeek(openTimeMs: number): number {
  // 1970-01-01 was a Thursday, weekday 3.
  return ((Math.floor(openTimeMs / (DAY_MINUTES * MINUTE_MS)) + 3) % 7) / 7;
}
