import type { LiveProgress, LiveRow } from '../../page-data/live.ts';

/** What is known of a sweep that is followed: how it goes, and its verdicts in the order in which they came. */
export type LiveState = {
  readonly progress: LiveProgress | null;
  /** When it was told, by the page's clock in milliseconds. */
  readonly toldAt: number;
  readonly link: 'open' | 'lost' | 'ended';
  readonly arrivals: Arrivals;
  /** The verdict that came last. */
  readonly newest: LiveRow | null;
};

/** Verdicts in the order in which they came: what is drawn of them. The arrays grow in place; `count` says how far. */
export type Arrivals = { readonly count: number; readonly tune: number[]; readonly passed: boolean[] };

export const NOTHING_YET: LiveState = {
  progress: null,
  toldAt: 0,
  link: 'open',
  arrivals: { count: 0, tune: [], passed: [] },
  newest: null,
};

/** @param now the page's clock, milliseconds */
export function withProgress(state: LiveState, progress: LiveProgress, now: number): LiveState {
  return { ...state, progress, toldAt: now };
}

export function withRows(state: LiveState, rows: readonly LiveRow[]): LiveState {
  const { tune, passed } = state.arrivals;
  for (const row of rows) {
    tune.push(row.tune ?? Number.NaN);
    passed.push(row.verdict === 'pass');
  }
  return { ...state, arrivals: { count: tune.length, tune, passed }, newest: rows.at(-1) ?? state.newest };
}

/** What was told of rows is no more. */
export function withoutRows(state: LiveState): LiveState {
  return { ...state, arrivals: { count: 0, tune: [], passed: [] }, newest: null };
}
