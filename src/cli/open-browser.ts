import { spawn } from 'node:child_process';
import { note } from './terminal.ts';

/**
 * Opens an address in the user's browser by what the platform has for it, as a program with arguments and never by a shell.
 * Where that cannot be done it is said, and the address stands on the terminal.
 */
export function openBrowser(address: string): void {
  const [command, ...args] = openerOf(process.platform, address);
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => note(`--open: ${command} is not there; open the address yourself`));
  child.on('exit', (code) => {
    if (code !== null && code !== 0) note(`--open: ${command} could not open it; open the address yourself`);
  });
  // It may stay open longer than this program.
  child.unref();
}

/** The program that opens addresses, and its arguments. */
export function openerOf(platform: NodeJS.Platform, address: string): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['open', address];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', address];
  return ['xdg-open', address];
}
