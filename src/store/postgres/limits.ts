/**
 * How long one statement may take, in ms. When it is over, the link is taken for lost; the server itself gives a statement up
 * a second earlier, so that it is told apart, and nothing goes on there that nobody waits for.
 *
 * A statement of a queue, or of what a host stores, takes milliseconds: a link that drops packets silently is noticed by this.
 */
export const QUICK_MS = 8_000;

/** What a host reads between slices: counting 300,000 verdicts of a sweep takes a second, so this is enough for millions. */
export const HOSTS_READ_MS = 60_000;

/**
 * What a person waits for: reports, pulls, removing or unsealing a sweep. Removing 300,000 verdicts takes 14 s.
 */
export const LONG_MS = 600_000;

/** Tables that are made or brought forward, of whatever size. */
export const ALTER_MS = 24 * 3600 * 1000;

const SERVER_IS_EARLIER_MS = 1_000;

/** For the transaction alone: a pooler in transaction mode gives every transaction another session. */
export function setStatementTimeout(limitMs: number): string {
  return `SET LOCAL statement_timeout = ${limitMs - SERVER_IS_EARLIER_MS}`;
}

/** Shorter than the shortest limit: whoever waits for another writer hears of it, and waits again for as long as he may. */
export const LOCK_TIMEOUT_MS = 5_000;

/** How long another writer is waited for by who does not wait longer anyway. */
export const WRITER_WAIT_MS = 60_000;

/** How long a server is tried again that does not end statements in time: whatever slows it down may pass. */
export const SLOW_SERVER_WAIT_MS = 600_000;
