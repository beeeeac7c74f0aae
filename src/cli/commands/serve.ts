import { Command, Option } from 'commander';
import { UserError } from '../../user-error.ts';
import { servePageOfRun } from '../beside-run.ts';
import { EXIT, type SetExitCode } from '../exit-codes.ts';
import { startLivePage } from '../live-page.ts';
import { openBrowser } from '../open-browser.ts';
import { openStore } from '../open-store.ts';
import { type ServeOptions, serveOptions } from '../serve-options.ts';
import { onStopSignal } from '../stop-signals.ts';
import { DEFAULT_STORE } from '../sweep-options.ts';
import { note, print } from '../terminal.ts';

type Options = ServeOptions & { db: string; sweep?: string; machine: boolean; besideRun: boolean };

/** `sweep serve`: a page that follows a sweep, whoever runs it. */
export function serveCommand(setExitCode: SetExitCode): Command {
  const command = new Command('serve')
    .description('show a sweep as a page in the browser: how it goes while it runs, and its report')
    .addOption(new Option('--db <file>', 'store to read').default(DEFAULT_STORE))
    .option('--sweep <name>', 'the sweep to follow (default: the one that ran last)');
  return serveOptions(command)
    .option('--no-machine', 'leave folders and processors out of the page')
    .addOption(new Option('--beside-run').default(false).hideHelp())
    .addHelpText(
      'after',
      '\nThe page is served to this machine alone (127.0.0.1), under an address with a' +
        '\nrandom part that whoever opens it has to know. From another machine, with the' +
        '\nsame port on both sides: ssh -L PORT:127.0.0.1:PORT THIS-MACHINE',
    )
    .action(async (options: Options) => {
      if (options.besideRun) await servePageOfRun(options);
      else await serve(options, setExitCode);
    });
}

async function serve(options: Options, setExitCode: SetExitCode): Promise<void> {
  // What is wrong with store or name is said here, and not on the page.
  await using store = await openStore(options.db, { mode: 'read' });
  const known = await store.sweeps();
  if (options.sweep !== undefined && !known.some(({ name }) => name === options.sweep)) {
    const names = known.map(({ name }) => JSON.stringify(name)).join(', ') || 'none';
    throw new UserError(`--sweep ${JSON.stringify(options.sweep)}: not in ${options.db}, which has ${names}`);
  }
  const stopped = new Promise<void>((resolve) => onStopSignal(resolve));
  const server = await startLivePage(options, async () => store);
  print(server.address);
  note('Ctrl-C ends it; a run that it shows goes on');
  if (options.open) openBrowser(server.address);
  try {
    await Promise.race([stopped, server.broken]);
    setExitCode(EXIT.interrupted);
  } finally {
    await server.close();
  }
}
