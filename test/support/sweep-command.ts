import assert from 'node:assert/strict';
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Readable, Writable } from 'node:stream';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommandLine } from '../../src/cli/command-line.ts';
import { withTerminal } from '../../src/cli/terminal.ts';
import type { Start } from './bound-by-permissions.ts';
import { COMPILE_CACHE } from './compile-cache.ts';

const PROGRAM = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** Far longer than any of them takes: a program that hangs is killed, and its test fails instead of standing still. */
const HARD_LIMIT_MS = 180_000;
/** Where the program runs when nothing else is said: it puts its cache and results into the current folder. */
const HOME = sharedFolder();
// For `ask`, which runs where this process does.
process.chdir(HOME);

export type Ended = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type SweepOptions = {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** As what it is started, when not as this process. */
  readonly start?: Start;
};

/** Runs the program to its end, as a process of its own. */
export function sweep(args: readonly string[], options: SweepOptions = {}): Promise<Ended> {
  return new SweepProcess(args, options).ended;
}

/**
 * Runs the program's command line in this process, which takes a tenth of a process of its own: for whatever reads,
 * refuses, or is quick. What asks for signals, another folder or another user is for `sweep`.
 */
export async function ask(args: readonly string[], { env = {} }: Pick<SweepOptions, 'env'> = {}): Promise<Ended> {
  const stdout = collector();
  const stderr = collector();
  const terminal = { stdout: stdout.stream, stderr: stderr.stream, env };
  const code = await withTerminal(terminal, () => runCommandLine(args));
  return { code, signal: null, stdout: stdout.text(), stderr: stderr.text() };
}

/** A stream that keeps what is written to it. */
export function collector(): { readonly stream: Writable; text(): string } {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  return { stream, text: () => text };
}

/**
 * The refusal with which a command has ended, by us or by commander: its sentence, and what stands behind it. Before it a
 * run may have told of its progress, as often as its time allowed.
 */
export function refusalIn({ stderr }: Ended): string {
  const found = stderr.match(/^(?:sweep|error): /gm) ?? [];
  assert.equal(found.length, 1, `expected one refusal, got ${found.length} in\n${stderr}`);
  return stderr.slice(stderr.search(/^(?:sweep|error): /m));
}

/** The program as a process that is still running. */
export class SweepProcess {
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcessByStdio<null, Readable, Readable>;
  #stdout = '';
  #stderr = '';

  constructor(args: readonly string[], { cwd = HOME, env = {}, start = { before: [] } }: SweepOptions = {}) {
    // Of this process's own environment nothing that changes what is printed.
    const { COLUMNS: _columns, NO_COLOR: _noColor, NODE_TEST_CONTEXT: _context, ...inherited } = process.env;
    const { before, ...identity } = start;
    const [command = process.execPath, ...rest] = [...before, process.execPath, PROGRAM, ...args];
    this.#child = spawn(command, rest, {
      ...identity,
      cwd,
      env: { ...inherited, NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = this.#end();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves as soon as stderr holds the text, or false when the process has ended without it. */
  async hasSaid(text: string): Promise<boolean> {
    while (!this.#stderr.includes(text)) {
      if (this.#child.exitCode !== null || this.#child.signalCode !== null) return false;
      await Promise.race([once(this.#child.stderr, 'data'), this.ended]);
    }
    return true;
  }

  /** What it writes, to either stream, as soon as the pattern is found in it; null when it has ended without. */
  async reads(pattern: RegExp): Promise<RegExpExecArray | null> {
    for (;;) {
      const found = pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
      if (found !== null || this.#child.exitCode !== null || this.#child.signalCode !== null) return found;
      await Promise.race([once(this.#child.stdout, 'data'), once(this.#child.stderr, 'data'), this.ended]);
    }
  }

  async #end(): Promise<Ended> {
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), HARD_LIMIT_MS);
    // `close`, not `exit`: only then both outputs have been read to their ends.
    await once(this.#child, 'close');
    clearTimeout(limit);
    return {
      code: this.#child.exitCode,
      signal: this.#child.signalCode,
      stdout: this.#stdout,
      stderr: this.#stderr,
    };
  }
}

/** A new folder for a test file's tests, gone when they are over. */
export function sharedFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sweep-e2e-'));
  after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
