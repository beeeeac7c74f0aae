import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { countOf, countText } from '../counts.ts';
import { messageOf, UserError } from '../user-error.ts';
import { type DataSource, LinkBroken } from './sources/data-source.ts';

export type DownloadOptions = {
  readonly signal: AbortSignal;
  /** Told of a link that broke, before it is tried again. */
  readonly onBroken?: ((message: string) => void) | undefined;
  /** How long to wait before the first attempt after one that failed; doubled each time, up to half a minute. */
  readonly firstWaitMs?: number | undefined;
  /** A link that brings nothing for so long counts as broken. */
  readonly idleMs?: number | undefined;
};

/** So often may a link break without having brought a single byte. */
const FRUITLESS_ATTEMPTS = 8;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;
const IDLE_MS = 60_000;

/**
 * Brings bytes of a known size into a file, beginning with those that an earlier attempt has left in it: of this process, or
 * of one that was killed. One process at a time may do so. What the bytes are is for who reads the file to check.
 *
 * @returns how many bytes were there already
 * @throws UserError where the source has nothing of that name, gives another size, or stays away
 */
export async function download(
  source: DataSource,
  path: string,
  file: { readonly path: string; readonly size: number },
  options: DownloadOptions,
): Promise<number> {
  const kept = Math.min((await stat(file.path).catch(() => null))?.size ?? 0, file.size);
  if (file.size === 0) await (await openPart(file.path)).close();
  let at = kept;
  let fruitless = 0;
  while (at < file.size) {
    const before = at;
    try {
      at = await attempt(source, path, file, at, options);
      if (at === file.size) break;
      throw new LinkBroken(`${source.name}/${path}: ended after ${countText(at)} of ${countOf(file.size, 'byte')}`);
    } catch (error) {
      if (!(error instanceof LinkBroken)) throw error;
      options.signal.throwIfAborted();
      at = Math.min((await stat(file.path).catch(() => null))?.size ?? 0, file.size);
      fruitless = at > before ? 0 : fruitless + 1;
      if (fruitless === FRUITLESS_ATTEMPTS) throw new UserError(`data ${error.message}`, { cause: error });
      options.onBroken?.(`${error.message}; going on at ${countText(at)} of ${countOf(file.size, 'byte')}`);
      const wait = Math.min((options.firstWaitMs ?? FIRST_WAIT_MS) * 2 ** fruitless, LONGEST_WAIT_MS);
      await sleep(wait, undefined, { signal: options.signal });
    }
  }
  return kept;
}

/** @returns how far the file reaches now, once its last byte is written and it is closed */
async function attempt(
  source: DataSource,
  path: string,
  file: { readonly path: string; readonly size: number },
  from: number,
  { signal, idleMs = IDLE_MS }: DownloadOptions,
): Promise<number> {
  const shown = `${source.name}/${path}`;
  using idle = new IdleTimer(idleMs, shown);
  const opened = await source.open(path, from, AbortSignal.any([signal, idle.signal]));
  if (opened === null) throw new UserError(`data ${shown}: is not there, although a manifest names it`);
  await using target = await openPart(file.path);
  let at = opened.fromByte;
  // Whatever was kept beyond: the source begins anew, or an earlier file of this name was longer.
  await written(file.path, () => target.truncate(at));
  for await (const chunk of opened.chunks) {
    idle.restart();
    if (at + chunk.length > file.size)
      throw new UserError(`data ${shown}: is larger than the ${countOf(file.size, 'byte')} of its manifest`);
    await written(file.path, async () => {
      for (let done = 0; done < chunk.length; ) {
        done += (await target.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      }
    });
    at += chunk.length;
  }
  return at;
}

function openPart(path: string) {
  // Made where it is missing, kept where it is there.
  return written(path, () => open(path, 'a').then((file) => file.close().then(() => open(path, 'r+'))));
}

async function written<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const words = messageOf(error);
    const remedy = /ENOSPC|EDQUOT/.test(words) ? '. Free some space, or name another place with --cache' : '';
    throw new UserError(
      `${path}: cannot be written (${words})${remedy}. What has come is kept: run it again, it goes on`,
      {
        cause: error,
      },
    );
  }
}

/** Aborts its signal when nothing has come for a while. */
class IdleTimer {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(idleMs: number, shown: string) {
    this.#timer = setTimeout(
      () => this.#controller.abort(new LinkBroken(`${shown}: brought nothing for ${idleMs / 1000} s`)),
      idleMs,
    );
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  restart(): void {
    this.#timer.refresh();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
