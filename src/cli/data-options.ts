import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { DATA_FOLDER } from '../dataset/cache-folder.ts';
import type { ObtainedRun } from '../execution/obtain-data.ts';
import { expectFolder } from '../expected-folder.ts';
import { numberFrom } from '../sweep/parameter-rules.ts';
import { UserError } from '../user-error.ts';
import { collect, numberBy } from './arguments.ts';
import { environment, note } from './terminal.ts';

/** More than any baseline run has, and less than fills most disks. */
const DEFAULT_MAX_GIB = 16;

export type FetchOptions = {
  /** GiB. */
  readonly maxData: number;
  /** Of the cache; false with --no-cache. */
  readonly cache: string | false;
};

export function maxDataOption(command: Command): Command {
  return command.option(
    '--max-data <GiB>',
    'refuse to fetch a baseline run that is larger',
    numberBy(numberFrom(0)),
    DEFAULT_MAX_GIB,
  );
}

/** A commander parser for places of data, of which several may be given. */
export function collectPlaces(text: string, before?: readonly string[]): string[] {
  if (text === '')
    throw new InvalidArgumentError('expected a folder, https://… or s3://BUCKET/PREFIX, got an empty text');
  return collect(text, before);
}

/** A baseline run from the first of these places that has it. Tells on stderr what it does. */
export async function fetchData(
  from: readonly string[],
  runId: string | null,
  { maxData, cache }: FetchOptions,
): Promise<ObtainedRun> {
  if (cache === false)
    throw new UserError('--data: is fetched into the cache. Leave --no-cache out, or name a folder with --cache');
  expectFolder(cache, 'a folder for the cache', 'Name another with --cache');
  // Loaded where there is something to fetch.
  const { obtainData } = await import('../execution/obtain-data.ts');
  return obtainData({
    from,
    runId,
    folder: join(cache, DATA_FOLDER),
    maxBytes: Math.floor(maxData * 2 ** 30),
    env: environment(),
    // Ended by Ctrl-C at any moment, it goes on where it was when it is run again.
    signal: new AbortController().signal,
    onNotice: (notice) => note(`data: ${notice}`),
  });
}
