import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { COMPILE_CACHE } from './compile-cache.ts';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Far beyond what a run of the small baseline takes: a process that hangs fails its test instead of the suite. */
const TIMEOUT_MS = 60_000;

export type CliRun = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

/** Runs the command line as a process of its own. */
export function runCli(args: readonly string[], cwd?: string): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE };
    const child = spawn(process.execPath, [PROGRAM, ...args], { cwd, env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    );
  });
}

/** Every file and folder below a folder, sorted. */
export async function everythingBelow(folder: string): Promise<string[]> {
  return (await readdir(folder, { recursive: true })).sort();
}
