import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { messageOf, UserError } from '../../user-error.ts';
import type { BarTable } from './bar-columns.ts';
import type { Bars, BarsAccount } from './bars.ts';
import { type BarRange, checkBars } from './check-bars.ts';
import { parseCsvBars } from './parse-csv-bars.ts';
import { readParquetBars } from './read-parquet-bars.ts';

/**
 * One symbol's bars from a CSV, CSV.gz or parquet file: the columns of `bar-columns.ts` by name, others ignored,
 * checked and in time order.
 *
 * @throws UserError naming file, row, rule and value
 */
export async function readBars(
  symbol: string,
  path: string,
  range: BarRange = {},
): Promise<{ bars: Bars; account: BarsAccount; sha256: string }> {
  const bytes = await readBytes(path);
  const checked = checkBars(symbol, await parseBars(path, bytes), range);
  return { ...checked, sha256: createHash('sha256').update(bytes).digest('hex') };
}

// What a file is, is told by its first bytes: names lie more often.
async function parseBars(path: string, bytes: Buffer): Promise<BarTable> {
  if (bytes.length === 0) throw new UserError(`${path}: a bar file needs a header and rows, got an empty file`);
  if (startsWith(bytes, PARQUET_MAGIC)) return readParquetBars(path);
  if (startsWith(bytes, ZIP_MAGIC)) {
    throw new UserError(`${path}: expected CSV, CSV.gz or parquet, got a zip archive. Unpack it first`);
  }
  if (startsWith(bytes, GZIP_MAGIC)) return parseCsvBars(path, gunzip(path, bytes));
  return parseCsvBars(path, bytes.toString('utf8'));
}

const PARQUET_MAGIC = [0x50, 0x41, 0x52, 0x31];
const ZIP_MAGIC = [0x50, 0x4b, 0x03, 0x04];
const GZIP_MAGIC = [0x1f, 0x8b];

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, i) => bytes[i] === byte);
}

async function readBytes(path: string): Promise<Buffer> {
  try {
    // A device or a pipe may never end.
    if (!(await stat(path)).isFile()) throw new TypeError('something that is no file');
    return await readFile(path);
  } catch (error) {
    throw new UserError(`${path}: expected a readable bar file, got ${messageOf(error)}`, { cause: error });
  }
}

function gunzip(path: string, bytes: Uint8Array): string {
  try {
    return gunzipSync(bytes).toString('utf8');
  } catch (error) {
    throw new UserError(`${path}: expected a whole gzip file, got ${messageOf(error)}. Fetch it again`, {
      cause: error,
    });
  }
}
