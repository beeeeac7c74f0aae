import { Command, CommanderError } from 'commander';
import { UserError } from '../user-error.ts';
import { version } from '../version.ts';
import { followLauncher } from './stop-signals.ts';
import { note } from './terminal.ts';

type SetExitCode = (code: number) => void;

/** In the order of the help text. Each is loaded when it is asked for: `sweep list` needs neither Arrow nor a pool. */
const COMMANDS: Readonly<Record<string, (setExitCode: SetExitCode) => Promise<Command>>> = {
  quickstart: async (set) => (await import('./commands/quickstart.ts')).quickstartCommand(set),
  baseline: async () => (await import('./commands/baseline-build.ts')).baselineCommand(),
  plan: async () => (await import('./commands/plan.ts')).planCommand(),
  run: async (set) => (await import('./commands/run.ts')).runCommand(set),
  report: async () => (await import('./commands/report.ts')).reportCommand(),
  show: async () => (await import('./commands/show.ts')).showCommand(),
  reproduce: async (set) => (await import('./commands/reproduce.ts')).reproduceCommand(set),
  list: async () => (await import('./commands/list.ts')).listCommand(),
  export: async () => (await import('./commands/export.ts')).exportCommand(),
  doctor: async (set) => (await import('./commands/doctor.ts')).doctorCommand(set),
  experiment: async (set) => (await import('./commands/experiment.ts')).experimentCommand(set),
};

/** Exit codes: 0 done, 1 a bug of ours, 2 a mistake the user can mend. Commands add their own and say so in their help. */
const BUG = 1;
const USER_MISTAKE = 2;

// A reader that has seen enough (`sweep report | head`) is no mistake; a device that is full is the user's to mend.
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
  note(`sweep: standard output cannot be written (${error.message})`);
  process.exit(USER_MISTAKE);
});

followLauncher();
await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  try {
    const program = await buildProgram(argv[0]);
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** The program with the command that was asked for, or with all where it is none of them. */
async function buildProgram(asked: string | undefined): Promise<Command> {
  const setExitCode = (code: number): void => {
    process.exitCode = code;
  };
  const program = new Command('sweep')
    .description("sweeps the state-continue experiment's hyperparameters and ranks the verdicts")
    .version(version());
  const names = asked !== undefined && Object.hasOwn(COMMANDS, asked) ? [asked] : Object.keys(COMMANDS);
  for (const name of names) program.addCommand(await COMMANDS[name]!(setExitCode));
  settleErrors(program);
  return program;
}

/**
 * What every command does with a wrong line, since commands that are added take nothing over: one line and where the
 * usage is. Commander would end the process itself; here it throws, so that clean-up always runs.
 */
function settleErrors(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: note }).showHelpAfterError('(add --help for usage)');
  for (const child of command.commands) settleErrors(child);
}

/** Prints what was thrown and returns the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its own message; help and version are not mistakes.
    return error.exitCode === 0 ? 0 : USER_MISTAKE;
  }
  if (error instanceof UserError) {
    note(`sweep: ${error.message}`);
    return USER_MISTAKE;
  }
  note(`sweep: a bug in this program, please report it:\n${describeBug(error)}`);
  return BUG;
}

function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${describeBug(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
