import type { Ended } from './program.ts';
import { compareContents, readContents, type StoreContents } from './store-contents.ts';

/** One line of the table: a fault, and what the program did about it. */
export type FaultRow = {
  readonly fault: string;
  readonly tried: number;
  readonly happened: string;
  /** verdicts that were stored, or had to be, and are not there */
  readonly lost: readonly string[];
  /** everything else that should not be: another number, a second copy, a damaged store, a stack trace, a hang */
  readonly wrong: readonly string[];
};

/** Keeps the book of one fault. */
export class Account {
  readonly #fault: string;
  readonly #happened = new Map<string, number>();
  readonly #lost: string[] = [];
  readonly #wrong: string[] = [];
  #tried = 0;

  constructor(fault: string) {
    this.#fault = fault;
  }

  get tried(): number {
    return this.#tried;
  }

  /** One more try, and what came of it. */
  saw(what: string): void {
    this.#tried += 1;
    this.#happened.set(what, (this.#happened.get(what) ?? 0) + 1);
  }

  /** One more try. What it says that came of it is counted, unless it found something lost or wrong on its way. */
  async attempt(work: () => Promise<string>): Promise<void> {
    const before = this.#lost.length + this.#wrong.length;
    const what = await work();
    this.saw(this.#lost.length + this.#wrong.length === before ? what : 'not as promised');
  }

  expect(isRight: boolean, what: string): void {
    if (!isRight) this.#wrong.push(what);
  }

  /** The store holds what the reference holds, bit for bit, and nothing else. */
  async expectWhole(path: string, reference: StoreContents, where: string): Promise<void> {
    const contents = await readContents(path);
    if (contents === null) {
      this.#lost.push(`${where}: no store`);
      return;
    }
    const { lost, wrong } = compareContents(reference, contents);
    this.#lost.push(...lost.map((line) => `${where}: ${line}`));
    this.#wrong.push(...wrong.map((line) => `${where}: ${line}`));
    for (const [id, reason] of contents.failures) this.#wrong.push(`${where}: ${id} failed: ${reason}`);
  }

  /** What was there is still there, as it was. */
  expectKept(before: StoreContents, after: StoreContents | null, where: string): void {
    for (const [key, values] of before.verdicts) {
      const now = after?.verdicts.get(key);
      if (now === undefined) this.#lost.push(`${where}: ${key} was stored and is gone`);
      else if (!values.every((value, i) => Object.is(value, now[i]))) this.#wrong.push(`${where}: ${key} has changed`);
    }
  }

  /** It ended by itself with one of these codes; never with a stack. */
  expectEnded(ended: Ended, codes: readonly (number | null)[], where: string): void {
    this.expect(!ended.timedOut, `${where}: hung`);
    this.expect(codes.includes(ended.exitCode), `${where}: exit code ${ended.exitCode}, ${lastLine(ended.stderr)}`);
    const stack = /^ +at .*$/m.exec(ended.stderr);
    this.expect(stack === null, `${where}: a stack trace: ${ended.stderr.slice(0, 300).replaceAll('\n', ' | ')}`);
  }

  /** A mistake of the user or of the machine: one line that says this, exit code 2. */
  expectRefused(ended: Ended, rule: RegExp, where: string): void {
    this.expectEnded(ended, [2], where);
    const line = lastLine(ended.stderr);
    this.expect(rule.test(line), `${where}: said "${line}"`);
    this.expect(ended.stderr.split('\n').filter((text) => text.startsWith('sweep: ')).length === 1, `${where}: lines`);
  }

  row(): FaultRow {
    const happened = [...this.#happened].map(([what, count]) => (count === this.#tried ? what : `${count} × ${what}`));
    return {
      fault: this.#fault,
      tried: this.#tried,
      happened: happened.join('; '),
      lost: this.#lost,
      wrong: this.#wrong,
    };
  }
}

export function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}
