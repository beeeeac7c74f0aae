import { LineCounter, parseDocument } from 'yaml';
import { parserWords, UserError } from '../user-error.ts';
import { show } from './problems.ts';

export type DefinitionFormat = 'yaml' | 'json';

/**
 * The value that a YAML or JSON text holds, not yet checked against anything.
 *
 * @param source what the text was read from; the error begins with it
 * @throws UserError when the text is empty or not of its format, gives a key twice, holds several documents or a tag of
 *   an unknown type, or has aliases that would make it much larger than it is written
 */
export function parseDefinitionText(text: string, format: DefinitionFormat, source: string): unknown {
  if (text.trim() === '') throw new UserError(`${source}: expected a sweep definition, got an empty file`);
  return format === 'json' ? parseJson(text, source) : parseYaml(text, source);
}

function parseJson(text: string, source: string): unknown {
  const value = parsing(source, 'JSON', () => JSON.parse(text));
  // JSON.parse keeps the last of two equal keys and says nothing. The YAML reader, whose language holds JSON, does say.
  refuseDuplicateKeys(text, readYaml(text), source);
  return value;
}

function parseYaml(text: string, source: string): unknown {
  const reading = readYaml(text);
  refuseDuplicateKeys(text, reading, source);
  const problem = reading.problems[0];
  if (problem !== undefined) {
    const what = problem.code === 'MULTIPLE_DOCS' ? MULTIPLE_DOCS_RULE : `not YAML: ${parserWords(problem)}`;
    throw new UserError(`${source}: ${reading.position(problem.pos[0])}: ${what}`);
  }
  return parsing(source, 'YAML', () => reading.document.toJS({ maxAliasCount: MAX_ALIAS_COUNT }));
}

type YamlReading = ReturnType<typeof readYaml>;

function readYaml(text: string) {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    stringKeys: true,
    logLevel: 'error',
  });
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `line ${line}, column ${col}`;
  };
  // An unknown tag or YAML version is only a warning to the reader; here it is a text we might misread.
  return { document, problems: [...document.errors, ...document.warnings], position };
}

function refuseDuplicateKeys(text: string, reading: YamlReading, source: string): void {
  const duplicate = reading.problems.find((problem) => problem.code === 'DUPLICATE_KEY');
  if (duplicate === undefined) return;
  const offset = duplicate.pos[0];
  const key = /^(?:"[^"]*"|'[^']*'|[^:\n]*)/.exec(text.slice(offset, offset + MAX_KEY_LENGTH))?.[0] ?? '';
  throw new UserError(
    `${source}: ${reading.position(offset)}: key ${show(key.replace(/["']/g, '').trim())} is given twice, keep one`,
  );
}

function parsing<T>(source: string, language: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new UserError(`${source}: not ${language}: ${parserWords(error)}`, { cause: error });
  }
}

const MULTIPLE_DOCS_RULE = 'expected one YAML document, got several: put each sweep into a file of its own';

/** Enough for any definition a person writes; a few nested levels of aliases of aliases go beyond it. */
const MAX_ALIAS_COUNT = 100;
const MAX_KEY_LENGTH = 80;
