import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { LiveServer } from '../serve/live-server.ts';
import { UserError } from '../user-error.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type LivePageOptions, startLivePage } from './live-page.ts';
import { openBrowser } from './open-browser.ts';
import { openStore } from './open-store.ts';
import { STOP_SIGNALS } from './stop-signals.ts';
import { note } from './terminal.ts';

/**
 * The page of a run, served by a process beside it: computing its report then holds up no verdict. And it has to be another
 * one, since a process that closes a database's file gives up all locks that it has on it, those of the run's own connection
 * among them (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */

/** How long the end of a run waits for open pages to fetch its report, and then for the process to end. */
const LAST_FETCH_MS = 10_000;
const LAST_WORD_MS = 15_000;

type ToPage = 'store is open' | 'run has ended';
type FromPage = { readonly address: string };

/** The page of a run, as the run sees it. When the run is over, open pages get the last report first. */
export type PageOfRun = AsyncDisposable & {
  /** Now it may be read: what an older version left was brought forward. */
  storeIsOpen(): void;
};

/**
 * Starts the process that serves a run's page, and says where.
 *
 * @returns the exit code where it could not start, and has said why
 */
export async function startPageOfRun({
  db,
  sweep,
  port,
  machine,
  open,
}: LivePageOptions & { readonly sweep: string; readonly open: boolean }): Promise<PageOfRun | ExitCode> {
  const args = ['--db', db, '--sweep', sweep, '--port', String(port), ...(machine ? [] : ['--no-machine'])];
  const program = process.argv[1];
  if (program === undefined) throw new Error('this program does not know its own file');
  const child = spawn(process.execPath, [...process.execArgv, program, 'serve', ...args, '--beside-run'], {
    // It prints nothing but what went wrong; results are the run's.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : EXIT.bug));
  const said: Promise<FromPage> = once(child, 'message').then(([message]) => message as FromPage);
  const first = await Promise.race([said, ended]);
  if (typeof first === 'number') return first === EXIT.mistake ? EXIT.mistake : EXIT.bug;
  note(`page: ${first.address}`);
  if (open) openBrowser(first.address);
  let isOver = false;
  void ended.then(() => {
    if (!isOver) note('the page is not served any more; the run goes on');
  });
  // A run that ends by itself or by a signal does not wait for it: without the channel it ends, too.
  child.unref();
  child.channel?.unref();
  const tell = (message: ToPage): void => {
    if (child.connected) child.send(message);
  };
  return {
    storeIsOpen: () => tell('store is open'),
    async [Symbol.asyncDispose]() {
      isOver = true;
      tell('run has ended');
      const limit = setTimeout(() => child.kill('SIGKILL'), LAST_WORD_MS);
      await ended;
      clearTimeout(limit);
    },
  };
}

/** What that process does: `sweep serve --beside-run`. Signals that a terminal sends to both are the run's to answer. */
export async function servePageOfRun(options: LivePageOptions): Promise<void> {
  for (const signal of STOP_SIGNALS) process.on(signal, () => {});
  let isStoreOpen = false;
  const end = Promise.withResolvers<void>();
  process.on('message', (message: ToPage) => {
    if (message === 'store is open') isStoreOpen = true;
    if (message === 'run has ended') end.resolve();
  });
  const server: LiveServer = await startLivePage(options, async () => {
    if (!isStoreOpen) throw new UserError('the run has not opened its store yet');
    return openStore(options.db, { mode: 'read' });
  });
  const ready: FromPage = { address: server.address };
  process.send?.(ready);
  await Promise.race([end.promise, server.broken]);
  await server.finish(LAST_FETCH_MS);
}
