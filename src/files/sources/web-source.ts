import { messageOf, UserError } from '../../user-error.ts';
import { type DataSource, LinkBroken, type OpenedBytes } from './data-source.ts';

/** Signs a request, or leaves it as it is. */
export type Sign = (
  url: string,
  init: { readonly method: string; readonly headers: Record<string, string> },
) => Promise<Request>;

const unsigned: Sign = async (url, init) => new Request(url, init);

/** Published data behind a web server, asked for with `Range` so that what was begun can go on. */
export function webSource(base: URL, name: string, sign: Sign = unsigned): DataSource {
  return {
    name,
    open: async (path, fromByte, signal) => {
      const shown = `${name}/${path}`;
      // Bytes as they are: packed on the way they would have other lengths, and could not go on in the middle.
      const headers: Record<string, string> = { 'accept-encoding': 'identity' };
      if (fromByte > 0) headers.range = `bytes=${fromByte}-`;
      const request = await sign(`${String(base).replace(/\/+$/, '')}/${path}`, { method: 'GET', headers });
      const response = await send(request, shown, signal);
      const from = firstByte(response, fromByte, shown);
      if (from === null) {
        await response.body?.cancel();
        return null;
      }
      return { fromByte: from, chunks: chunksOf(response, shown, signal) } satisfies OpenedBytes;
    },
  };
}

/**
 * Sends a request; no redirect is followed: the data come from where the user has said.
 *
 * @throws LinkBroken for what may pass, UserError for what will not
 */
export async function send(
  request: Request,
  shown: string,
  signal: AbortSignal,
  body?: Blob | string,
): Promise<Response> {
  try {
    return await fetch(request, { redirect: 'error', signal, ...(body === undefined ? {} : { body }) });
  } catch (error) {
    throw brokenLink(error, shown, signal);
  }
}

/** What may not be asked for again: it would only be said again. */
const FINAL: readonly (readonly [RegExp, string])[] = [
  [/unexpected redirect/i, 'redirects elsewhere, and redirects are not followed. Name the place itself'],
  [
    /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_|ALTNAME|certificate/i,
    'its certificate is not trusted. Where it is of an authority of your own, name that in NODE_EXTRA_CA_CERTS',
  ],
  [/ENOTFOUND/, 'no such host'],
];

function brokenLink(error: unknown, shown: string, signal: AbortSignal): Error {
  if (signal.aborted && signal.reason instanceof Error) return signal.reason;
  const words = wordsOf(error);
  const final = FINAL.find(([pattern]) => pattern.test(words));
  if (final !== undefined) return new UserError(`data ${shown}: ${final[1]} (${words})`, { cause: error });
  return new LinkBroken(`${shown}: ${words}`, { cause: error });
}

/** `fetch failed` says nothing; its cause does. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? `${String(cause.code)}: ` : '';
  return `${code}${messageOf(cause)}`;
}

/** Where a response's bytes begin; null where there is nothing. */
function firstByte(response: Response, asked: number, shown: string): number | null {
  const { status } = response;
  if (status === 200) return 0;
  if (status === 206) {
    const range = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    if (Number(range) === asked) return asked;
    throw new UserError(
      `data ${shown}: was asked for bytes from ${asked} on, and gives others (${range ?? 'no range'})`,
    );
  }
  if (status === 404) return null;
  // More was kept of it than there is: from the beginning, then.
  if (status === 416) return 0;
  throw refusal(response, shown);
}

/** What a status other than success comes to. */
export function refusal({ status, statusText }: Response, shown: string): Error {
  const words = `${status}${statusText === '' ? '' : ` ${statusText}`}`;
  if (status >= 500 || status === 429 || status === 408) return new LinkBroken(`${shown}: ${words}`);
  const remedy =
    status === 401 || status === 403
      ? '. For s3 set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of somebody who may read it, and AWS_REGION'
      : '';
  return new UserError(`data ${shown}: the server answers ${words}${remedy}`);
}

async function* chunksOf(response: Response, shown: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
  if (response.body === null || response.status === 416) return;
  try {
    yield* response.body;
  } catch (error) {
    throw brokenLink(error, shown, signal);
  }
}
