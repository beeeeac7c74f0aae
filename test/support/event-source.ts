import assert from 'node:assert/strict';
import { type ClientRequest, get, type IncomingMessage, request } from 'node:http';

export type ServerEvent = { readonly name: string; readonly id: string | null; readonly data: unknown };

/** A stream of server-sent events, read as the standard has it. */
export class EventSource {
  readonly events: ServerEvent[] = [];
  /** Lines that begin with a colon. */
  comments = 0;
  isClosed = false;
  lastId: string | null = null;
  readonly #request: ClientRequest;
  readonly #response: IncomingMessage;
  #wake: () => void = () => {};
  #taken = 0;

  private constructor(connection: ClientRequest, response: IncomingMessage) {
    this.#request = connection;
    this.#response = response;
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n\n');
      rest = parts.pop()!;
      for (const part of parts) this.#read(part);
      this.#wake();
    });
    response.on('close', () => {
      this.isClosed = true;
      this.#wake();
    });
    response.on('error', () => {});
  }

  /** @param lastEventId as a browser that comes back sends it */
  static open(address: string, lastEventId?: string | null): Promise<EventSource> {
    const headers = typeof lastEventId === 'string' ? { 'last-event-id': lastEventId } : {};
    return new Promise((resolve, reject) => {
      const connection = get(new URL('events', address), { headers, agent: false }, (response) => {
        assert.equal(response.statusCode, 200);
        assert.match(response.headers['content-type'] ?? '', /^text\/event-stream/);
        resolve(new EventSource(connection, response));
      });
      connection.on('error', reject);
    });
  }

  /** The next event of this name for which `is` holds, from those that were not waited for yet. */
  async next(name: string, is: (data: never) => boolean = () => true): Promise<ServerEvent> {
    for (;;) {
      while (this.#taken < this.events.length) {
        const event = this.events[this.#taken++]!;
        if (event.name === name && is(event.data as never)) return event;
      }
      assert.ok(!this.isClosed, `the stream ended without ${name}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Resolves when the server has ended the stream. */
  async ended(): Promise<void> {
    while (!this.isClosed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
  }

  close(): void {
    this.#response.destroy();
    this.#request.destroy();
  }

  #read(block: string): void {
    let [name, data, id] = ['message', '', null as string | null];
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments += 1;
      else if (line.startsWith('event: ')) name = line.slice(7);
      else if (line.startsWith('data: ')) data += line.slice(6);
      else if (line.startsWith('id: ')) id = line.slice(4);
    }
    if (id !== null) this.lastId = id;
    if (data !== '') this.events.push({ name, id, data: JSON.parse(data) });
  }
}

export type Answer = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

/** One request, its headers as they are given: `fetch` lets nobody name another host. */
export function fetchRaw(
  address: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Readonly<Record<string, string>> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const connection = request(address, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    connection.on('error', reject);
    connection.end();
  });
}
