export const MINUTE_MS = 60_000;
export const DAY_MS = 1440 * MINUTE_MS;
