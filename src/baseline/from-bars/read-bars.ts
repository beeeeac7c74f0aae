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
  return parseCsvBars(path, textOf(path, startsWith(bytes, GZIP_MAGIC) ? gunzip(path, bytes) : bytes));
}

/** A text longer than this V8 cannot hold: ten years of bars. */
const LARGEST_TEXT_BYTES = 500 * 2 ** 20;
/**
 * Bars pack 3 to 10 times smaller, a price that never moves 30 times, and gzip at its best 1032 times: what unpacks to
 * more times its size than this holds no bars, and is not unpacked any further.
 */
const MOST_UNPACKED = 100;
/** Too small to do harm at any ratio. */
const HARMLESS_BYTES = 4 * 2 ** 20;
/** A line of bars has some hundred. A line of nothing but commas would take the parser twenty times its size. */
const LONGEST_LINE_BYTES = 2 ** 20;

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

function gunzip(path: string, bytes: Buffer): Buffer {
  const largest = Math.min(Math.max(MOST_UNPACKED * bytes.length, HARMLESS_BYTES), LARGEST_TEXT_BYTES);
  try {
    return gunzipSync(bytes, { maxOutputLength: largest });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
      throw new UserError(
        `${path}: expected a gzip file of ${bytes.length} bytes to unpack to ${largest} at the most, got more. ` +
          'Unpack it and see what it holds, or write the bars as parquet',
        { cause: error },
      );
    }
    throw new UserError(`${path}: expected a whole gzip file, got ${messageOf(error)}. Fetch it again`, {
      cause: error,
    });
  }
}

function textOf(path: string, bytes: Buffer): string {
  if (bytes.length > LARGEST_TEXT_BYTES) {
    throw new UserError(
      `${path}: expected CSV of at most ${LARGEST_TEXT_BYTES} bytes, got ${bytes.length}. Write the bars as parquet`,
    );
  }
  requireLines(path, bytes);
  return bytes.toString('utf8');
}

/** Lines end with \n, or \r alone. */
function requireLines(path: string, bytes: Buffer): void {
  const ends = [0x0a, 0x0d].map((byte) => ({ byte, at: -1 }));
  let lineFrom = 0;
  for (let line = 1; bytes.length - lineFrom > LONGEST_LINE_BYTES; line += 1) {
    let lineEnd = bytes.length;
    for (const end of ends) {
      // Each byte is searched once, however many lines the other one ends.
      if (end.at < lineFrom) end.at = endOrLength(bytes.indexOf(end.byte, lineFrom), bytes);
      lineEnd = Math.min(lineEnd, end.at);
    }
    if (lineEnd - lineFrom > LONGEST_LINE_BYTES) {
      throw new UserError(
        `${path}: line ${line}: expected at most ${LONGEST_LINE_BYTES} bytes, got ${lineEnd - lineFrom}. Is this a file of bars?`,
      );
    }
    lineFrom = lineEnd + 1;
  }
}

function endOrLength(at: number, bytes: Buffer): number {
  return at < 0 ? bytes.length : at;
}
