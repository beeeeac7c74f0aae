import { Command, CommanderError } from 'commander';
import { UserError } from '../user-error.ts';
import { version } from '../version.ts';
import { baselineCommand } from './commands/baseline-build.ts';
import { doctorCommand } from './commands/doctor.ts';
import { experimentCommand } from './commands/experiment.ts';
import { exportCommand } from './commands/export.ts';
import { listCommand } from './commands/list.ts';
import { planCommand } from './commands/plan.ts';
import { quickstartCommand } from './commands/quickstart.ts';
import { reportCommand } from './commands/report.ts';
import { reproduceCommand } from './commands/reproduce.ts';
import { runCommand } from './commands/run.ts';
import { showCommand } from './commands/show.ts';

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
    .addCommand(quickstartCommand(setExitCode))
    .addCommand(baselineCommand())
    .addCommand(planCommand())
    .addCommand(runCommand(setExitCode))
    .addCommand(reportCommand())
    .addCommand(showCommand())
    .addCommand(reproduceCommand(setExitCode))
    .addCommand(listCommand())
    .addCommand(exportCommand())
    .addCommand(doctorCommand(setExitCode))
    .addCommand(experimentCommand(setExitCode));
  overrideExits(program);
  return program;
}

/** Commander would end the process itself; here it throws, so that clean-up always runs. */
function overrideExits(command: Command): void {
  command.exitOverride();
  for (const child of command.commands) overrideExits(child);
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
