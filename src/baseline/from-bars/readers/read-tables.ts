import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { systemWords } from '../../../system-words.ts';
import { UserError } from '../../../user-error.ts';
import { arrowTable } from './arrow-table.ts';
import { delimitedTable } from './delimited-table.ts';
import { fileKind, foreignKind } from './file-kind.ts';
import { isJson, jsonTable } from './json-table.ts';
import { requireLines } from './line-length.ts';
import { isStray, NoBarsError, type StrayFile } from './no-bars-error.ts';
import { parquetTable } from './parquet-table.ts';
import type { ReadingOptions } from './reading-options.ts';
import type { SourceTable } from './source-table.ts';
import { utf8Of } from './text-encoding.ts';
import { LARGEST_BYTES, type Member, membersOf } from './unpack.ts';

/** What is known of a file when its tables were all read. */
export type FileAccount = { readonly sha256: string; readonly strays: readonly StrayFile[] };

/**
 * The tables of a file, one for each of its members, as they are asked for. What a file is, is told by its content.
 * Members that are no tables, such as a README beside the bars, are left out and named at the end.
 *
 * @throws NoBarsError where no member is a table
 * @throws UserError naming file, member and line
 */
export async function* tablesOf(path: string, options: ReadingOptions): AsyncGenerator<SourceTable, FileAccount> {
  const bytes = await readBarFile(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length === 0) throw new NoBarsError(`${path}: a bar file needs a header and rows, got an empty file`);
  if (fileKind(bytes) === 'parquet') {
    yield await parquetTable(path);
    return { sha256, strays: [] };
  }
  const strays: StrayFile[] = [];
  let first: NoBarsError | null = null;
  let tables = 0;
  for await (const member of membersOf(path, bytes)) {
    const table = tableOrStray(member, options);
    if (table instanceof Error) {
      first ??= table;
      strays.push({ file: member.name, reason: table.message });
    } else {
      tables += 1;
      yield { ...table, format: [...member.wrappings, ...table.format] };
    }
  }
  if (tables === 0 && first !== null) throw first;
  return { sha256, strays };
}

function tableOrStray(member: Member, options: ReadingOptions): SourceTable | NoBarsError {
  try {
    return tableOfMember(member, options);
  } catch (error) {
    if (isStray(member.name, error)) return error;
    throw error;
  }
}

function tableOfMember({ name, bytes }: Member, options: ReadingOptions): SourceTable {
  if (bytes.length === 0) throw new NoBarsError(`${name}: a bar file needs a header and rows, got an empty file`);
  const foreign = foreignKind(bytes);
  if (foreign !== null) {
    const message = `${name}: expected CSV, JSON, parquet or Arrow, packed or not, got ${foreign.what}. ${foreign.remedy}`;
    throw foreign.isProse ? new NoBarsError(message) : new UserError(message);
  }
  const kind = fileKind(bytes);
  if (kind === 'parquet')
    throw new UserError(`${name}: expected a parquet file by itself, got one within an archive. Unpack it first`);
  if (kind === 'arrow file' || kind === 'arrow stream') return arrowTable(name, bytes);
  const text = utf8Of(name, bytes);
  if (isJson(text)) return jsonTable(name, text);
  requireLines(name, text);
  return delimitedTable(name, text, options);
}

async function readBarFile(path: string): Promise<Buffer> {
  try {
    // A device or a pipe may never end.
    const { size } = await regularFile(path);
    if (size > LARGEST_BYTES)
      throw new UserError(`${path}: expected a file of at most ${LARGEST_BYTES} bytes, got ${size}. Give it in parts`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: expected a readable bar file, but ${systemWords(error)}`, { cause: error });
  }
}

async function regularFile(path: string): Promise<{ size: number }> {
  const found = await stat(path);
  if (!found.isFile()) throw new UserError(`${path}: expected a readable bar file, got something that is no file`);
  return found;
}
