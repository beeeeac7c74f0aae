import { Command, CommanderError } from 'commander';
import { UserError } from '../user-error.ts';
import { version } from '../version.ts';
import { experimentCommand } from './commands/experiment.ts';

/** Exit codes: 0 done, 1 a bug of ours, 2 a mistake the user can mend. Commands add their own and say so in their help. */
const BUG = 1;
const USER_MISTAKE = 2;

await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<void> {
  const program = buildProgram();
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    process.exitCode = report(error);
  }
}

function buildProgram(): Command {
  const setExitCode = (code: number): void => {
    process.exitCode = code;
  };
  const program = new Command('sweep')
    .description("sweeps the state-continue experiment's hyperparameters and ranks the verdicts")
    .version(version())
    .showHelpAfterError('(add --help for usage)')
    .addCommand(experimentCommand(setExitCode));
  for (const command of [program, ...program.commands]) command.exitOverride();
  return program;
}

/** Prints what was thrown and returns the exit code for it. */
function report(error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed its own message; help and version are not mistakes.
    return error.exitCode === 0 ? 0 : USER_MISTAKE;
  }
  if (error instanceof UserError) {
    process.stderr.write(`sweep: ${error.message}\n`);
    return USER_MISTAKE;
  }
  process.stderr.write(`sweep: a bug in this program, please report it:\n${describeBug(error)}\n`);
  return BUG;
}

function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${describeBug(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
