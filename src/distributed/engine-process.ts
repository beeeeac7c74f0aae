import { type ChildProcess, fork } from 'node:child_process';
import { IS_BUILT, packageFile } from '../package-files.ts';
import type { FromChild, ToChild } from './engine-messages.ts';

/** What a process says last is kept: why an engine gave up, most often. */
const KEPT_TEXT = 2_000;

/** The process of an engine child, and what it came to. */
export class EngineProcess {
  readonly #child: ChildProcess;
  #said = '';
  /** Resolves with why, when it has ended and all that it has sent was heard. */
  readonly ended: Promise<string>;

  /** @param onMessage is called one message after another, and not any more once `ended` has resolved */
  constructor(onMessage: (message: FromChild) => void) {
    this.#child = fork(packageFile(IS_BUILT ? 'dist/program/engine-child.js' : 'workers/engine-child.ts'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: [],
    });
    this.#child.on('message', (message) => onMessage(message as FromChild));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-KEPT_TEXT);
    });
    this.ended = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(`it was not started (${error.message})`));
      // After the channel is closed, too: what it has sent before its end has been heard then.
      this.#child.on('close', (code, signal) => resolve(this.#reason(code, signal)));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(message: ToChild): void {
    // Whoever has ended gets nothing; that is told by `ended`.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** Ends it at once, and resolves when it has ended. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #reason(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal === null ? `exit code ${code}` : signal;
    const said = this.#said.split('\n').find((line) => /\b(FATAL|Error)\b/i.test(line));
    return said === undefined ? how : `${how}: ${said.trim()}`;
  }
}
