import { Command } from 'commander';
import { refusePassword } from '../store/postgres/url.ts';
import { messageOf, UserError } from '../user-error.ts';
import { version } from '../version.ts';
import { EXIT, type ExitCode, graver, type SetExitCode } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { refusePlainly } from './plain-refusals.ts';
import { note, print } from './terminal.ts';

/** In the order of the help text. Each is loaded when it is asked for: `sweep list` needs neither Arrow nor a pool. */
const COMMANDS: Readonly<Record<string, (setExitCode: SetExitCode) => Promise<Command>>> = {
  quickstart: async (set) => (await import('./commands/quickstart.ts')).quickstartCommand(set),
  baseline: async () => (await import('./commands/baseline-build.ts')).baselineCommand(),
  data: async () => (await import('./commands/data.ts')).dataCommand(),
  init: async () => (await import('./commands/init.ts')).initCommand(),
  plan: async () => (await import('./commands/plan.ts')).planCommand(),
  run: async (set) => (await import('./commands/run.ts')).runCommand(set),
  worker: async (set) => (await import('./commands/worker.ts')).workerCommand(set),
  serve: async (set) => (await import('./commands/serve.ts')).serveCommand(set),
  report: async () => (await import('./commands/report.ts')).reportCommand(),
  trust: async () => (await import('./commands/trust.ts')).trustCommand(),
  show: async () => (await import('./commands/show.ts')).showCommand(),
  compare: async () => (await import('./commands/compare.ts')).compareCommand(),
  reproduce: async (set) => (await import('./commands/reproduce.ts')).reproduceCommand(set),
  unseal: async () => (await import('./commands/unseal.ts')).unsealCommand(),
  note: async () => (await import('./commands/note.ts')).noteCommand(),
  list: async () => (await import('./commands/list.ts')).listCommand(),
  history: async () => (await import('./commands/history.ts')).historyCommand(),
  rm: async () => (await import('./commands/rm.ts')).rmCommand(),
  merge: async (set) => (await import('./commands/merge.ts')).mergeCommand(set),
  status: async (set) => (await import('./commands/status.ts')).statusCommand(set),
  db: async () => (await import('./commands/db.ts')).dbCommand(),
  pull: async (set) => (await import('./commands/pull.ts')).pullCommand(set),
  backup: async () => (await import('./commands/backup.ts')).backupCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  doctor: async (set) => (await import('./commands/doctor.ts')).doctorCommand(set),
  experiment: async (set) => (await import('./commands/experiment.ts')).experimentCommand(set),
};

/** Runs `sweep ARGS` in this process, and says what exit code it comes to. Results and messages go to the terminal. */
export async function runCommandLine(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const setExitCode: SetExitCode = (code) => {
    exitCode = graver(exitCode, code);
  };
  let asked: Command | undefined;
  try {
    refuseUnusableProcess();
    // Before anything could repeat it.
    for (const arg of args) refusePassword(arg);
    const program = await buildProgram(args[0], setExitCode);
    program.hook('preAction', (_, command) => {
      asked = command;
    });
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    setExitCode(reportFailure(error, await storeOf(asked)));
  }
  return exitCode;
}

/** How another command would name the store that this one was about. */
async function storeOf(command: Command | undefined): Promise<string[]> {
  const db: unknown = command?.opts().db;
  if (typeof db !== 'string') return [];
  // Loaded by that command already.
  const { storeWords } = await import('./sweep-options.ts');
  return storeWords(db);
}

/** The program with the command that was asked for, or with all where it is none of them. */
async function buildProgram(asked: string | undefined, setExitCode: SetExitCode): Promise<Command> {
  const program = new Command('sweep')
    .description("sweeps the state-continue experiment's hyperparameters and ranks the verdicts")
    .version(version());
  const isKnown = asked !== undefined && Object.hasOwn(COMMANDS, asked);
  const names = asked === '--version' ? [] : isKnown ? [asked] : Object.keys(COMMANDS);
  for (const name of names) program.addCommand(await COMMANDS[name]!(setExitCode));
  settleErrors(program);
  return program;
}

/**
 * What every command does with a wrong line, since commands that are added take nothing over: one line and where the
 * usage is. Commander would end the process itself; here it throws, so that clean-up always runs.
 */
function settleErrors(command: Command): void {
  command
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: note })
    .showHelpAfterError('(add --help for usage)');
  refusePlainly(command);
  for (const child of command.commands) settleErrors(child);
}

/** What no command can do without, said at once instead of wherever it is missed first. */
function refuseUnusableProcess(): void {
  if (!('WebAssembly' in globalThis)) {
    throw new UserError(
      'this Node runs without WebAssembly, which the numeric kernels are made of. Start it without --jitless (see NODE_OPTIONS)',
    );
  }
  try {
    process.cwd();
  } catch (error) {
    throw new UserError(`the current folder is not there any more (${messageOf(error)}). Change to another`, {
      cause: error,
    });
  }
}
