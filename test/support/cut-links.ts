import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Stands between a program and a PostgreSQL server. */
export type LinkCutter = AsyncDisposable & {
  /** The same database by way of it. */
  urlOf(url: string): string;
  /**
   * Cuts the next link over which COMMIT is sent: before the server hears of it, or when the server has done it and says so.
   *
   * @returns resolves when the link is cut
   */
  cutAtCommit(when: 'unsent' | 'unheard'): Promise<void>;
};

/** As `pg` sends it: a simple query. */
const COMMIT = 'COMMIT\0';

export async function startLinkCutter(port: number): Promise<LinkCutter> {
  let armed: { readonly when: 'unsent' | 'unheard'; readonly done: () => void } | null = null;
  const server = createServer((program) => {
    const database = connect(port, '127.0.0.1');
    const cut = (): void => {
      program.destroy();
      database.destroy();
    };
    let cutWhenAnswered: (() => void) | null = null;
    program.on('data', (bytes: Buffer) => {
      if (armed === null || !bytes.includes(COMMIT)) {
        database.write(bytes);
        return;
      }
      const { when, done } = armed;
      armed = null;
      if (when === 'unheard') {
        cutWhenAnswered = done;
        database.write(bytes);
        return;
      }
      cut();
      done();
    });
    database.on('data', (bytes: Buffer) => {
      if (cutWhenAnswered === null) {
        program.write(bytes);
        return;
      }
      cut();
      cutWhenAnswered();
    });
    for (const end of [program, database]) end.on('error', cut).on('close', cut);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    urlOf: (url) => url.replace(`:${port}/`, `:${own}/`),
    cutAtCommit: (when) =>
      new Promise((resolve) => {
        armed = { when, done: resolve };
      }),
    async [Symbol.asyncDispose]() {
      server.close();
    },
  };
}
