import { randomBytes, timingSafeEqual } from 'node:crypto';

/** What a server of a page answers, by the last part of the path. */
const ROUTES = {
  '': 'page',
  'live.js': 'script',
  'live.css': 'style',
  events: 'events',
  report: 'report',
  'report.html': 'file',
} as const;
export type Route = (typeof ROUTES)[keyof typeof ROUTES];

export type Refusal = { readonly status: 404 | 405 | 421; readonly text: string };

export type Asked = {
  readonly method: string | undefined;
  /** As in the request's first line: path and query. */
  readonly url: string | undefined;
  readonly host: string | undefined;
};

/** 24 random bytes as 32 characters that stand in a path as they are. */
export function newToken(): string {
  return randomBytes(24).toString('base64url');
}

/**
 * What is asked for, or why it is refused.
 *
 * - 421 where the request was not addressed to this machine and port by one of their names: a page of another site, whose
 *   name was made to lead here, says its own (DNS rebinding)
 * - 405 for anything but GET: nothing here can be changed
 * - 404 without the token, whatever else is right, and for what there is not; one answer, so that neither tells the other
 */
export function routeOf({ method, url, host }: Asked, token: string, port: number): Route | Refusal {
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return { status: 421, text: 'this server answers under 127.0.0.1 and localhost, with its own port' };
  }
  if (method !== 'GET') return { status: 405, text: 'GET only' };
  const notFound: Refusal = { status: 404, text: 'not found' };
  const path = (url ?? '').split('?', 1)[0]!;
  const end = path.indexOf('/', 1);
  if (!path.startsWith('/') || end === -1) return notFound;
  const name = path.slice(end + 1);
  if (!isToken(path.slice(1, end), token) || !Object.hasOwn(ROUTES, name)) return notFound;
  return ROUTES[name as keyof typeof ROUTES];
}

/** In the same time wherever they differ. The length is no secret. */
function isToken(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
