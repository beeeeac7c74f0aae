import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { messageOf, UserError } from '../../../user-error.ts';
import { arrowTable } from './arrow-table.ts';
import { delimitedTable } from './delimited-table.ts';
import { fileKind } from './file-kind.ts';
import { isJson, jsonTable } from './json-table.ts';
import { requireLines } from './line-length.ts';
import { parquetTable } from './parquet-table.ts';
import type { ReadingOptions } from './reading-options.ts';
import type { SourceTable } from './source-table.ts';
import { utf8Of } from './text-encoding.ts';
import { LARGEST_BYTES, type Member, membersOf } from './unpack.ts';

/**
 * The tables of a file, one for each of its members, as they are asked for. What a file is, is told by its content.
 *
 * @throws UserError naming file, member and line
 */
export async function* tablesOf(
  path: string,
  options: ReadingOptions,
): AsyncGenerator<SourceTable, { sha256: string }> {
  const bytes = await readBytes(path);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (bytes.length === 0) throw new UserError(`${path}: a bar file needs a header and rows, got an empty file`);
  if (fileKind(bytes) === 'parquet') yield await parquetTable(path);
  else {
    for await (const member of membersOf(path, bytes)) {
      const table = tableOfMember(member, options);
      yield { ...table, format: [...member.wrappings, ...table.format] };
    }
  }
  return { sha256 };
}

function tableOfMember({ name, bytes }: Member, options: ReadingOptions): SourceTable {
  if (bytes.length === 0) throw new UserError(`${name}: a bar file needs a header and rows, got an empty file`);
  const kind = fileKind(bytes);
  if (kind === 'parquet')
    throw new UserError(`${name}: expected a parquet file by itself, got one within an archive. Unpack it first`);
  if (kind === 'arrow file' || kind === 'arrow stream') return arrowTable(name, bytes);
  const text = utf8Of(name, bytes);
  if (isJson(text)) return jsonTable(name, text);
  requireLines(name, text);
  return delimitedTable(name, text, options);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    // A device or a pipe may never end.
    const { size } = await regularFile(path);
    if (size > LARGEST_BYTES)
      throw new UserError(`${path}: expected a file of at most ${LARGEST_BYTES} bytes, got ${size}. Give it in parts`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: expected a readable bar file, got ${messageOf(error)}`, { cause: error });
  }
}

async function regularFile(path: string): Promise<{ size: number }> {
  const found = await stat(path);
  if (!found.isFile()) throw new UserError(`${path}: expected a readable bar file, got something that is no file`);
  return found;
}
