import { basename, delimiter, dirname, relative, sep } from 'node:path';
import { commandLine, quotedCommands } from '../report/command-line.ts';
import { shellWord } from '../shell-word.ts';

/** How this program can be called again from here: `sweep`, `npx sweep`, or the script that was started. */
export function programName(): string {
  return nameFor(process.argv[1] ?? '', currentFolder(), process.env);
}

/** Null where it was deleted while the program ran: that is no reason to say nothing of what went wrong. */
function currentFolder(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/**
 * @param script the path of what Node was told to run, before links are followed
 * @param cwd null where it is gone
 * @param env `PATH`, and `npm_command`, which npm and npx set for what they start
 */
export function nameFor(script: string, cwd: string | null, env: Readonly<Record<string, string | undefined>>): string {
  const folder = dirname(script);
  if (env.npm_command !== undefined || folder.endsWith(BIN_FOLDER)) {
    // npx adds that folder to the path of what it starts; a shell that has it there itself was not started by npm.
    return env.npm_command === undefined && isOnPath(folder, env.PATH) ? 'sweep' : 'npx sweep';
  }
  if (basename(script) === 'sweep') return isOnPath(folder, env.PATH) ? 'sweep' : shellWord(script);
  // An older Node hands over to a newer one, which sees the built program in place of the launcher.
  if (basename(script) !== 'sweep.js') return 'npx sweep';
  const path = cwd === null ? script : relative(cwd, script);
  return commandLine('node', [path.startsWith('..') ? script : path]);
}

/** A message whose commands can be called from here, on the store that these words name. */
export function asCalled(message: string, store: readonly string[]): string {
  return quotedCommands(message, { program: programName(), store });
}

const BIN_FOLDER = `node_modules${sep}.bin`;

function isOnPath(folder: string, path = ''): boolean {
  return path.split(delimiter).includes(folder);
}
