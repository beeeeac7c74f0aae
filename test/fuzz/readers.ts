import type { Random } from '../support/random.ts';
import type { Outcome } from './outcome.ts';
import { barFiles } from './readers/bars.ts';
import { cacheFiles } from './readers/cache.ts';
import { commandLines } from './readers/command-lines.ts';
import { definitions } from './readers/definitions.ts';
import { runFiles } from './readers/run-files.ts';
import { stores } from './readers/stores.ts';

/** One kind of input, and the program's reader of it. */
export type Reader = {
  readonly name: string;
  /** inputs of the full run; a fiftieth of them in the short one */
  readonly count: number;
  /** Makes what every input needs, in a folder of its own. */
  prepare(folder: string): Promise<Trial>;
};

export type Trial = {
  /** Tries one input. */
  tryInput(random: Random): Promise<Outcome>;
  /** Whether a sound input is still read, after a panic. */
  isHealthy?(): Promise<boolean>;
};

export const READERS: readonly Reader[] = [...runFiles, cacheFiles, ...barFiles, definitions, stores, commandLines];
