import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import { messageOf, UserError } from '../user-error.ts';
import { newToken, type Route, routeOf } from './access.ts';
import { EventStream } from './event-stream.ts';
import type { LiveFeed } from './live-feed.ts';
import type { LiveReports } from './live-reports.ts';

export type LiveServerOptions = {
  readonly feed: LiveFeed;
  readonly reports: LiveReports;
  /** What the page is made of. */
  readonly page: { readonly html: string; readonly script: Buffer; readonly style: Buffer };
  /** The newest report as a file that stands alone. */
  readonly fileOf: (report: NonNullable<LiveReports['newest']>) => string;
  /** 0: any that is free */
  readonly port: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** How often the store is looked at. */
  readonly pollMs?: number | undefined;
};

export type LiveServer = {
  /** With the token: whoever has it can read the sweep. */
  readonly address: string;
  /** Rejects with what went wrong where that is nobody's to mend but ours. */
  readonly broken: Promise<never>;
  /** Says `end` to all pages, waits until they have what they want, or so long, and closes. */
  finish(waitMs: number): Promise<void>;
  close(): Promise<void>;
};

const HOST = '127.0.0.1';
const POLL_MS = 500;
/** More pages than this are no person's. */
const MOST_STREAMS = 64;

/** For every answer. Nothing comes from elsewhere, nothing goes elsewhere, nobody may frame it, and nothing is kept. */
const HEADERS: OutgoingHttpHeaders = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/**
 * Serves the page that follows a sweep, on this machine alone: HTTP with server-sent events, GET only, behind a random path.
 *
 * @throws UserError when the port cannot be had
 */
export async function startLiveServer(options: LiveServerOptions): Promise<LiveServer> {
  const { feed, reports, now, port: wanted } = options;
  const token = newToken();
  const streams = new Set<EventStream>();
  let port = wanted;
  let working: Promise<void> = Promise.resolve();
  const { promise: broken, reject: breakWith } = Promise.withResolvers<never>();
  // Who waits for it is told; that nobody does is no second failure.
  broken.catch(() => {});

  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    const route = routeOf({ method, url, host: headers.host }, token, port);
    if (typeof route === 'string') {
      answer(route, request, response).catch((error: unknown) => fail(response, error));
      return;
    }
    const more = route.status === 405 ? { allow: 'GET' } : {};
    reply(response, route.status, 'text/plain; charset=utf-8', `${route.text}\n`, more);
  });

  async function answer(route: Route, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { page, fileOf } = options;
    switch (route) {
      case 'page':
        return reply(response, 200, 'text/html; charset=utf-8', page.html);
      case 'script':
        return reply(response, 200, 'text/javascript; charset=utf-8', page.script);
      case 'style':
        return reply(response, 200, 'text/css; charset=utf-8', page.style);
      case 'events':
        return open(request, response);
      case 'report': {
        const report = reports.newest;
        if (report === null) return reply(response, 503, 'text/plain', 'no report yet\n');
        return reply(response, 200, 'application/json', report.packed, { 'content-encoding': 'gzip' });
      }
      case 'file': {
        const report = reports.newest;
        if (report === null) return reply(response, 503, 'text/plain', 'no report yet\n');
        const name = report.computed.report.sweeps[0].name.replaceAll(/[^A-Za-z0-9._-]+/g, '_').slice(0, 100);
        return reply(response, 200, 'text/html; charset=utf-8', fileOf(report), {
          'content-disposition': `attachment; filename="${name}.html"`,
        });
      }
    }
  }

  function open(request: IncomingMessage, response: ServerResponse): void {
    if (streams.size >= MOST_STREAMS) {
      reply(response, 503, 'text/plain', 'too many pages are open\n');
      return;
    }
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream; charset=utf-8' });
    const lastEventId = request.headers['last-event-id'];
    const stream = new EventStream(response, feed, lastEventId?.toString(), now());
    streams.add(stream);
    response.on('close', () => streams.delete(stream));
    response.on('drain', () => stream.flush(feed, reports.newest, now()));
    stream.flush(feed, reports.newest, now());
  }

  /** Looks at the store, makes a report where one is due and somebody looks, and tells the pages. */
  async function look(isLast = false): Promise<void> {
    await feed.poll(isLast);
    const { store, sweep, isFinal, version } = feed;
    if (store !== null && sweep !== null && streams.size > 0 && reports.isDue(version, isFinal || isLast)) {
      try {
        await reports.make(store, sweep, version);
      } catch (error) {
        // Said by the feed when it reads the same.
        if (!(error instanceof UserError)) throw error;
      }
    }
    for (const stream of streams) stream.flush(feed, reports.newest, now());
  }

  function fail(response: ServerResponse, error: unknown): void {
    if (!response.headersSent) reply(response, 500, 'text/plain', 'a bug of the server\n');
    else response.destroy();
    breakWith(error);
  }

  port = await listen(server, wanted);
  // Before anybody can ask, so that the first answer is how it stands.
  await feed.poll();
  let isLooking = false;
  const timer = setInterval(() => {
    // One at a time: a slow store is looked at as often as it can be.
    if (isLooking) return;
    isLooking = true;
    working = look()
      .catch(breakWith)
      .finally(() => {
        isLooking = false;
      });
  }, options.pollMs ?? POLL_MS);

  const close = async (): Promise<void> => {
    clearInterval(timer);
    await working;
    for (const stream of streams) stream.close();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
    await feed.close();
  };
  return {
    address: `http://${HOST}:${port}/${token}/`,
    broken,
    close,
    async finish(waitMs) {
      clearInterval(timer);
      await working;
      await look(true);
      for (const stream of streams) stream.end();
      const until = now() + waitMs;
      // A page leaves when it has fetched what it keeps.
      while (streams.size > 0 && now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
      await close();
    },
  };
}

function reply(
  response: ServerResponse,
  status: number,
  type: string,
  body: string | Buffer,
  more: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, { ...HEADERS, 'content-type': type, 'content-length': Buffer.byteLength(body), ...more });
  response.end(body);
}

/** @returns the port that it was given */
function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error & { code?: string }) => {
      const why =
        error.code === 'EADDRINUSE'
          ? 'is in use by another program'
          : error.code === 'EACCES'
            ? 'may not be used by this user'
            : `cannot be used (${messageOf(error)})`;
      reject(
        new UserError(`--port ${port}: ${why} on ${HOST}. Name another one, or 0 for any that is free`, {
          cause: error,
        }),
      );
    });
    server.listen({ host: HOST, port }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
