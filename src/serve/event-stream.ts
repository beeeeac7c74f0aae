import type { ServerResponse } from 'node:http';
import { type LiveEventName, type LiveReportNews, ROWS_PER_EVENT } from '../page-data/live.ts';
import type { LiveFeed } from './live-feed.ts';
import type { MadeReport } from './live-reports.ts';

/** What a stream tells of: a `LiveFeed`. */
export type Told = Pick<LiveFeed, 'rows' | 'epoch' | 'version' | 'progress'>;

/** A client that has not taken this much is left alone until it has, and catches up then. */
const MOST_UNSENT_BYTES = 65_536;
const HEARTBEAT_MS = 15_000;
/** How soon a browser comes back when the connection was lost. */
const RETRY_MS = 1_000;

/**
 * One open page's stream of events. It knows what its client was sent, and nothing is kept for it: rows stand in the feed,
 * and of progress and reports the newest is what counts.
 */
export class EventStream {
  readonly #response: ServerResponse;
  #epoch: string;
  /** Of the feed's rows of that epoch, how many this client has. */
  #sentRows: number;
  #sentVersion = -1;
  #sentReport = 0;
  #lastSentAt: number;
  /** Whether its client has rows that may be of another epoch. */
  #hasOther: boolean;

  /** @param lastEventId of a client that comes back */
  constructor(response: ServerResponse, feed: Told, lastEventId: string | undefined, now: number) {
    this.#response = response;
    this.#lastSentAt = now;
    const resumed = placeIn(lastEventId, feed);
    this.#hasOther = resumed === null && lastEventId !== undefined;
    this.#epoch = feed.epoch;
    this.#sentRows = resumed ?? 0;
    this.#write(`retry: ${RETRY_MS}\n\n`);
  }

  /** Sends what is new, as far as the client takes it. */
  flush(feed: Told, report: MadeReport | null, now: number): void {
    if (this.#response.writableLength > MOST_UNSENT_BYTES) return;
    if (this.#epoch !== feed.epoch) {
      this.#hasOther ||= this.#sentRows > 0;
      this.#epoch = feed.epoch;
      this.#sentRows = 0;
    }
    if (this.#hasOther && feed.epoch !== '') {
      this.#send('restart', {}, `${feed.epoch}.0`);
      this.#hasOther = false;
    }
    const rows = feed.rows.slice(this.#sentRows, this.#sentRows + ROWS_PER_EVENT);
    if (rows.length > 0) {
      this.#send('rows', rows, `${feed.epoch}.${rows.at(-1)!.place}`);
      this.#sentRows += rows.length;
    }
    if (this.#sentVersion !== feed.version) {
      this.#send('progress', feed.progress());
      this.#sentVersion = feed.version;
    }
    if (report !== null && report.version !== this.#sentReport) {
      const news: LiveReportNews = { version: report.version };
      this.#send(report.isFinal ? 'done' : 'report', news);
      this.#sentReport = report.version;
    }
    if (now - this.#lastSentAt >= HEARTBEAT_MS) this.#write(': still here\n\n');
    if (this.#isWritten) this.#lastSentAt = now;
    this.#isWritten = false;
  }

  /** Says that nothing will come any more. */
  end(): void {
    this.#send('end', {});
  }

  close(): void {
    this.#response.end();
  }

  #isWritten = false;

  #send(name: LiveEventName, data: unknown, id?: string): void {
    // JSON has no line breaks of its own.
    this.#write(`event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
  }

  #write(text: string): void {
    this.#response.write(text);
    this.#isWritten = true;
  }
}

/** How many of the feed's rows a client has that has seen this id; null where it is of another epoch, or is none. */
function placeIn(lastEventId: string | undefined, { epoch, rows }: Told): number | null {
  const [, itsEpoch, place] = /^([0-9a-f]*)\.(\d{1,15})$/.exec(lastEventId ?? '') ?? [];
  if (itsEpoch !== epoch || place === undefined) return null;
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.place <= Number(place)) low = middle + 1;
    else high = middle;
  }
  return low;
}
