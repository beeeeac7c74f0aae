import { createReadStream, readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A self-signed certificate of `localhost`, made by `openssl req -x509 -newkey ec -subj /CN=localhost`, for tests alone. */
export const CERTIFICATE = fileURLToPath(new URL('./tls/cert.pem', import.meta.url));
export const CERTIFICATE_KEY = fileURLToPath(new URL('./tls/key.pem', import.meta.url));

export type DataServerOptions = {
  readonly secure?: boolean;
  /** The address to listen at, when not this machine's own. */
  readonly host?: string;
  /** Breaks the link so many bytes into the body of a file's content, for as long as there are numbers left. */
  readonly breakAfter?: number[];
  /** As of a server that does not know `Range`. */
  readonly ignoreRange?: boolean;
  /** Takes the place of an answer. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
};

/** Gives out a folder, as any web server does, and keeps what it was asked. */
export class DataServer implements AsyncDisposable {
  readonly asked: { readonly path: string; readonly range: string | undefined }[] = [];
  readonly #server: Server;
  readonly #secure: boolean;

  private constructor(server: Server, secure: boolean) {
    this.#server = server;
    this.#secure = secure;
  }

  static async start(folder: string, options: DataServerOptions = {}): Promise<DataServer> {
    const { secure = false } = options;
    const serve = (request: IncomingMessage, response: ServerResponse) => {
      const path = request.url ?? '/';
      server.asked.push({ path, range: request.headers.range });
      if (options.answer?.(request, response) !== true) give(folder, path, request.headers.range, response, options);
    };
    const made = secure
      ? createSecureServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(CERTIFICATE_KEY) }, serve)
      : createServer(serve);
    const server = new DataServer(made, secure);
    await new Promise<void>((resolve) => made.listen(0, options.host ?? '127.0.0.1', resolve));
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get url(): string {
    return `${this.#secure ? 'https' : 'http'}://localhost:${this.port}`;
  }

  /** Requests for contents of files. */
  get contents(): readonly { readonly path: string; readonly range: string | undefined }[] {
    return this.asked.filter(({ path }) => path.includes('/content/'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function give(
  folder: string,
  path: string,
  range: string | undefined,
  response: ServerResponse,
  { breakAfter = [], ignoreRange = false }: DataServerOptions,
): void {
  const file = join(folder, path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true) {
    response.writeHead(404).end();
    return;
  }
  const start = ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
  if (start > 0 && start >= found.size) {
    response.writeHead(416, { 'content-range': `bytes */${found.size}` }).end();
    return;
  }
  const headers = { 'content-length': found.size - start };
  if (start === 0) response.writeHead(200, headers);
  else response.writeHead(206, { ...headers, 'content-range': `bytes ${start}-${found.size - 1}/${found.size}` });
  const limit =
    path.includes('/content/') && found.size - start > (breakAfter[0] ?? Infinity) ? breakAfter.shift() : undefined;
  const stream = createReadStream(file, { start, ...(limit === undefined ? {} : { end: start + limit - 1 }) });
  stream.pipe(response, { end: limit === undefined });
  // What was written goes out before the connection is gone.
  if (limit !== undefined) stream.on('end', () => setImmediate(() => response.socket?.destroySoon()));
}
