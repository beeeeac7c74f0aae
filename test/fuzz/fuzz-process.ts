import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { randomFrom } from '../support/random.ts';
import { type Outcome, WrongResult } from './outcome.ts';
import { READERS } from './readers.ts';

/**
 * The process that tries inputs `from` to `to` of one reader: `fuzz-process.ts READER SEED FROM TO`. It says when it
 * begins an input and what came of it, so that whoever started it knows which input killed it.
 */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'began'; readonly input: number }
  | { readonly kind: Outcome; readonly input: number }
  | { readonly kind: 'wrong'; readonly input: number; readonly what: string }
  /** The rest is another process's: a panic of a WebAssembly reader has spoilt its instance, or memory has grown. */
  | { readonly kind: 'spent'; readonly next: number };

const RECYCLE_ABOVE_BYTES = 900 * 2 ** 20;

const [name, seed, from, to] = process.argv.slice(2);
await main(String(name), Number(seed), Number(from), Number(to));

async function main(readerName: string, seedNumber: number, first: number, end: number): Promise<void> {
  const reader = READERS.find((known) => known.name === readerName);
  if (reader === undefined) throw new Error(`no reader is called ${readerName}`);
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
  try {
    const { tryInput, isHealthy } = await reader.prepare(folder);
    await say({ kind: 'ready' });
    let hasPanicked = false;
    for (let input = first; input < end; input += 1) {
      await say({ kind: 'began', input });
      let isSpoilt = true;
      try {
        const random = randomFrom(seedOf(seedNumber, readerName, input));
        const outcome = await tryInput(random);
        isSpoilt = outcome === 'panicked' && (await isHealthy?.()) !== true;
        hasPanicked ||= outcome === 'panicked';
        await say({ kind: outcome, input });
      } catch (error) {
        if (hasPanicked) {
          // It may be the panic's doing: a new process tries this input again.
          await say({ kind: 'spent', next: input });
          return;
        }
        await say({ kind: 'wrong', input, what: describe(error) });
      }
      if (isSpoilt || process.memoryUsage.rss() > RECYCLE_ABOVE_BYTES) {
        await say({ kind: 'spent', next: input + 1 });
        return;
      }
    }
    await say({ kind: 'spent', next: end });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function say(report: Report): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(report, undefined, undefined, (error: Error | null) => (error === null ? resolve() : reject(error)));
  });
}

function describe(error: unknown): string {
  if (error instanceof WrongResult) return error.message;
  if (!(error instanceof Error)) return `thrown: ${String(error)}`;
  const at = /\n +at .*?((?:src|test|node_modules)\/[^\n)]*)/.exec(error.stack ?? '')?.[1] ?? 'unknown place';
  return `${error.name}: ${error.message.slice(0, 300)} (${at})`;
}

/** Inputs of one seed differ from reader to reader and from one to the next. */
function seedOf(seedNumber: number, readerName: string, input: number): number {
  let mixed = seedNumber;
  for (const character of readerName) mixed = Math.imul(mixed ^ (character.codePointAt(0) ?? 0), 0x0100_0193);
  return mixed + Math.imul(input, 0x9e37_79b1);
}
