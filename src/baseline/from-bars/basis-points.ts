/** Basis points in one. */
export const BPS = 10_000;
