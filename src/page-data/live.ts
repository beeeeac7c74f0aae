import type { CountFacts, RowVerdict } from './report.ts';

/**
 * What a page that follows a sweep is told, as server-sent events, each one JSON:
 *
 * - `rows`: verdicts that have come, at most `ROWS_PER_EVENT`; the event's id is that of the last of them, `EPOCH.PLACE`, so
 *   that whoever was away goes on behind what it had
 * - `restart`: what was told of rows is no more; they come again from the first on. Another sweep, other data or code, or
 *   another file under the store's name
 * - `progress`: `LiveProgress`
 * - `report`: `LiveReportNews`; the report itself is fetched from `report`, as `LiveReport`
 * - `done`: all is judged; `LiveReportNews` of the report of all of it
 * - `end`: the server ends, and nothing will come any more; its last report has been announced before
 */
const LIVE_EVENTS = ['rows', 'restart', 'progress', 'report', 'done', 'end'] as const;
export type LiveEventName = (typeof LIVE_EVENTS)[number];

export const ROWS_PER_EVENT = 2000;

/** Id of the element that says how a sweep goes, above the report. */
export const LIVE_ELEMENT = 'sweep-live';

/** A verdict as it comes. */
export type LiveRow = {
  /** Its place in the order in which verdicts were stored. */
  readonly place: number;
  /** Whole id. */
  readonly configuration: string;
  /** `ages 30,60, huber, alpha 10, epsilon 1.05`. */
  readonly text: string;
  readonly verdict: Exclude<RowVerdict, 'error'>;
  /** Gates met of eight, and the smallest margin; null where they are sealed. */
  readonly gates: number | null;
  readonly margin: number | null;
  /** What is ranked by; lower is better. */
  readonly tune: number | null;
};

export type LiveProgress = {
  /** Null while there is none. */
  readonly sweep: string | null;
  /** `waiting`: for a store, or for the sweep's first run. */
  readonly state: 'waiting' | 'running' | 'finished' | 'interrupted';
  /** Everything is judged that will be. */
  readonly isFinal: boolean;
  readonly counts: CountFacts;
  /** Verdicts that the last run found in the store. */
  readonly known: number;
  /** Verdicts a minute of the last run, as they came here; null while that is not known. */
  readonly perMinute: number | null;
  readonly secondsLeft: number | null;
  /** Since the last verdict came, or since this server began to wait for it. */
  readonly quietMs: number;
  readonly best: LiveRow | null;
  readonly bestPass: LiveRow | null;
  /** In the order in which their first verdict came. */
  readonly datasets: readonly LiveDataset[];
  /** Label of the dataset that the last verdict was of. */
  readonly current: string | null;
  /** Why the store cannot be read just now; null where it can. */
  readonly problem: string | null;
};

export type LiveDataset = {
  /** `ages 30,60`. */
  readonly label: string;
  readonly judged: number;
  /** Null where nobody but the store knows which configurations the sweep has. */
  readonly of: number | null;
};

export type LiveReportNews = { readonly version: number };

/** A report as it is fetched: header as JSON, columns as gzip in base64 (`reading.ts`). */
export type LiveReport = { readonly version: number; readonly header: string; readonly columns: string };
