import { runCommandLine } from './command-line.ts';
import { EXIT, type ExitCode, graver } from './exit-codes.ts';
import { reportFailure } from './failure.ts';
import { followLauncher } from './stop-signals.ts';
import { note } from './terminal.ts';

// Set as soon as it is known, and only ever to a graver one.
let exitCode: ExitCode = EXIT.done;
const raise = (code: ExitCode): void => {
  exitCode = graver(exitCode, code);
  process.exitCode = exitCode;
};

// What cannot be written ends no run: verdicts go to the store, whoever reads along. A reader of results that has seen
// enough (`sweep report | head`) is no mistake; a device that is full is the user's to mend.
let hasComplained = false;
process.stdout.on('error', (error: Error & { code?: string }) => {
  if (error.code === 'EPIPE' || hasComplained) return;
  hasComplained = true;
  note(`sweep: standard output cannot be written (${error.message})`);
  raise(EXIT.mistake);
});
process.stderr.on('error', () => {
  // There is nowhere left to say it.
});

// From a thread or a stream that nobody waits for: said like every other failure, and the end, since nothing is known of
// what it left undone. What was stored stays stored.
process.on('uncaughtException', (error) => {
  raise(reportFailure(error));
  process.exit();
});

followLauncher();
raise(await runCommandLine(process.argv.slice(2)));
