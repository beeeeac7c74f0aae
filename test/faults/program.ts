import { type ChildProcess, spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Start } from '../support/bound-by-permissions.ts';
import { COMPILE_CACHE } from '../support/compile-cache.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCE = join(ROOT, 'src/cli/main.ts');
const BUILT = join(ROOT, 'dist/program/main.js');

/** Far beyond what any run here takes, on a busy machine, too: to hang is an outcome of its own, not the end of the suite. */
const TIMEOUT_MS = 300_000;

export type Ended = {
  /** null when a signal ended it */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
  readonly timedOut: boolean;
};

/** A real process of the program. */
export type SweepProcess = {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stderr holds this text, or when the process has ended without it. */
  says(text: string): Promise<boolean>;
};

export type StartOptions = {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** stdout goes to this file instead */
  readonly stdoutPath?: string;
  /** As what it is started, when not as this process. */
  readonly start?: Start;
  /** Another Node than this process's. */
  readonly node?: string;
  /** The file of another program than this package's: see `otherCode`. */
  readonly program?: string;
  /** When it is killed as hanging. */
  readonly timeoutMs?: number;
};

/** Starts `sweep ARGS`: the built program where it is newer than its sources, else the sources, which start slower. */
export function startSweep(
  args: readonly string[],
  {
    env = {},
    cwd,
    stdoutPath,
    start = { before: [] },
    node = process.execPath,
    program = programFile(),
    timeoutMs = TIMEOUT_MS,
  }: StartOptions = {},
): SweepProcess {
  const started = performance.now();
  const stdoutFile = stdoutPath === undefined ? undefined : openSync(stdoutPath, 'w');
  const { before, ...identity } = start;
  const [command = node, ...rest] = [...before, node, program, ...args];
  const child = spawn(command, rest, {
    ...identity,
    cwd,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
    stdio: ['ignore', stdoutFile ?? 'pipe', 'pipe'],
  });
  if (stdoutFile !== undefined) closeSync(stdoutFile);
  const { pid } = child;
  if (pid === undefined) {
    // Node says why in an event, and ends a process in which nobody hears it.
    child.once('error', () => undefined);
    throw new Error(`${command}: could not be started`);
  }
  const { stdout, stderr } = collect(child);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => {
      clearTimeout(timer);
      const durationMs = performance.now() - started;
      resolve({ exitCode, signal, stdout: stdout(), stderr: stderr(), durationMs, timedOut });
    });
  });
  const says = (text: string) =>
    new Promise<boolean>((resolve) => {
      const look = () => {
        if (stderr().includes(text)) resolve(true);
      };
      child.stderr?.on('data', look);
      // Not its event, which may have come before anybody asked.
      void ended.then(() => resolve(stderr().includes(text)));
      look();
    });
  return { pid, ended, says, kill: (signal) => child.kill(signal) };
}

/** Runs `sweep ARGS` to its end. */
export function runSweepProcess(args: readonly string[], options?: StartOptions): Promise<Ended> {
  return startSweep(args, options).ended;
}

function collect(child: ChildProcess): { stdout: () => string; stderr: () => string } {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  return { stdout: () => Buffer.concat(out).toString(), stderr: () => Buffer.concat(err).toString() };
}

let chosen: string | undefined;

function programFile(): string {
  chosen ??= existsSync(BUILT) && statSync(BUILT).mtimeMs > newestSourceMs() ? BUILT : SOURCE;
  return chosen;
}

/** Copies the program into a folder, as of a commit that judges otherwise. @returns its file */
export function otherCode(folder: string): string {
  for (const part of ['package.json', 'dist', 'src', 'workers']) {
    if (existsSync(join(ROOT, part))) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  appendFileSync(join(folder, 'src/experiment/judge.ts'), '\n// Another commit.\n');
  // What a build has written down of its sources.
  const modules = join(folder, 'dist/code-modules.json');
  if (existsSync(modules)) {
    const built = JSON.parse(readFileSync(modules, 'utf8'));
    built.judging.hash = '0'.repeat(64);
    writeFileSync(modules, JSON.stringify(built));
  }
  return join(folder, relative(ROOT, programFile()));
}

function newestSourceMs(): number {
  const files = ['src', 'workers'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(ROOT, folder, name)),
  );
  return Math.max(...files.filter((file) => file.endsWith('.ts')).map((file) => statSync(file).mtimeMs));
}
