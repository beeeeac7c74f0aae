import { createReadStream } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { portablePath } from '../portable-path.ts';
import { systemWords } from '../system-words.ts';
import { UserError } from '../user-error.ts';
import { sweepDefinitionSchema } from './definition-schema.ts';
import { type DefinitionFormat, parseDefinitionText } from './definition-text.ts';
import { parseWith } from './problems.ts';
import type { SweepDefinition } from './sweep-definition.ts';

/**
 * Reads and checks a definition's file: JSON when it is named `*.json`, else YAML.
 *
 * @returns the definition, its `dataRoot` joined to the folder of the file
 * @throws UserError when the file cannot be read, is no definition, or breaks a rule
 */
export async function readSweepDefinition(path: string): Promise<SweepDefinition> {
  const definition = await readWrittenDefinition(path);
  const { dataRoot, runId } = definition.baseline;
  const resolved = isAbsolute(dataRoot) ? dataRoot : join(dirname(path), dataRoot);
  return { ...definition, baseline: { dataRoot: resolved, runId } };
}

/** The same, its `dataRoot` as it is written, where it is relative, and else relative to the file where it can be. */
export async function readWrittenDefinition(path: string): Promise<SweepDefinition> {
  const text = await readText(path);
  const definition = parseSweepDefinition(text, path.toLowerCase().endsWith('.json') ? 'json' : 'yaml', path);
  const { dataRoot, runId } = definition.baseline;
  const portable = isAbsolute(dataRoot) ? portablePath(resolve(dirname(path)), dataRoot) : dataRoot;
  return { ...definition, baseline: { dataRoot: portable, runId } };
}

/**
 * The definition that a text holds, as written.
 *
 * @param source what the text was read from; every line of the error begins with it
 * @throws UserError with one line for each problem
 */
export function parseSweepDefinition(text: string, format: DefinitionFormat, source: string): SweepDefinition {
  return parseWith(sweepDefinitionSchema, parseDefinitionText(text, format, source), source);
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'no such file, expected a sweep definition. `sweep init` writes one to begin with';
  if (code === 'EISDIR') return 'a folder, expected a sweep definition (YAML or JSON)';
  return `cannot read the sweep definition: ${systemWords(error)}`;
}

async function readText(path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    // Not readFile: it would read a data file given by mistake, or /dev/zero, to the end.
    const stream: AsyncIterable<Buffer> = createReadStream(path, { end: MAX_FILE_BYTES });
    for await (const chunk of stream) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    throw new UserError(`${path}: ${unreadable(error)}`, { cause: error });
  }
  if (sizeBytes > MAX_FILE_BYTES) {
    throw new UserError(`${path}: expected a sweep definition of at most ${MAX_FILE_BYTES} bytes, got more`);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw new UserError(`${path}: expected text in UTF-8, got bytes that are not`, { cause: error });
  }
}

/** A definition is written by a person; a larger file is some other file. */
const MAX_FILE_BYTES = 1 << 20;
