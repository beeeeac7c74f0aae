import { type Command, Option } from 'commander';
import { wholeNumberWithin } from '../sweep/parameter-rules.ts';
import { numberBy } from './arguments.ts';

export type ServeOptions = { port: number; open: boolean };

const LARGEST_PORT = 65_535;

/**
 * Options of every command that serves a page.
 *
 * @param implied by each of them
 */
export function serveOptions(command: Command, implied: Readonly<Record<string, unknown>> = {}): Command {
  return command
    .addOption(
      new Option('--port <n>', 'port of the page, on this machine alone; 0: any that is free')
        .argParser(numberBy(wholeNumberWithin(0, LARGEST_PORT)))
        .default(0)
        .implies({ ...implied }),
    )
    .addOption(new Option('--open', 'open the page in the browser').default(false).implies({ ...implied }));
}
