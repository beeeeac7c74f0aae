import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type DataType, tableFromIPC, type Vector } from 'apache-arrow';
import { readParquet } from 'parquet-wasm';
import { messageOf, UserError } from '../user-error.ts';
import {
  type ColumnChunk,
  fileOfColumns,
  MAGIC,
  type ParquetColumn,
  type ParquetFooter,
  type RowGroup,
  readFooter,
} from './parquet/footer.ts';
import { cast, lostTypes } from './parquet/lost-types.ts';
import { partsOf } from './part-files.ts';
import { fileProblem, refuseOther } from './read-bytes.ts';
import { shortName } from './short-name.ts';

/**
 * A parquet file, or a folder of part files as Spark, DuckDB and dask write them, whose footers have been read and nothing
 * else yet.
 */
export type OpenParquet = {
  /** how errors name it: its path relative to the run's folder */
  readonly name: string;
  /** the file, or the parts in the order in which their rows follow each other */
  readonly paths: readonly string[];
  readonly rowCount: number;
  readonly columns: readonly string[];
  /** Those with one value a row, not nested. */
  readonly flatColumns: readonly string[];
  /** The columns without their rows, from every part: what says whether their types are right. */
  types(columns: readonly string[], visit: VisitTypes): void;
  /**
   * Reads these columns piece by piece, in the order of rows. Never more than one row group of one column, or
   * `PIECE_BYTES` of several, is held at a time, however large the file is.
   *
   * @throws UserError naming file and column where one is missing, nested or cannot be decoded
   */
  read(columns: readonly string[], visit: VisitPiece): Promise<void>;
};

/** @param column its place among the columns asked for */
export type VisitTypes = (column: number, none: Vector) => void;
/** @param firstRow the row of the whole file, or of all parts, that the piece begins with */
export type VisitPiece = (column: number, firstRow: number, values: Vector) => void;

/** Decoded bytes of a piece of several columns: enough to make the calls cheap, little beside what is kept. */
const PIECE_BYTES = 2 ** 23;

type Part = {
  readonly path: string;
  readonly name: string;
  readonly footer: ParquetFooter;
  readonly lostTypes: ReadonlyMap<ParquetColumn, DataType>;
  readonly firstRow: number;
  /** what the file was when its footer was read */
  readonly identity: string;
};

/** @throws UserError naming the file when it is missing, is not parquet, or is cut short */
export async function openParquet(path: string, name: string): Promise<OpenParquet> {
  let rowCount = 0;
  const parts: Part[] = [];
  for (const part of partsOf(path, name)) {
    const opened = openPart(part.path, part.name, rowCount);
    rowCount += opened.footer.rowCount;
    if (rowCount > 2 ** 31 - 1) throw new UserError(`${name}: has more than 2147483647 rows`);
    parts.push(opened);
  }
  return {
    name,
    paths: parts.map((part) => part.path),
    rowCount,
    columns: parts[0]!.footer.columns.map((column) => column.name),
    flatColumns: parts[0]!.footer.columns.filter((column) => column.isFlat).map((column) => column.name),
    types: (columns, visit) => {
      for (const part of parts) {
        decode(part, columnsOf(part, columns), null, noBytes).forEach((none, i) => {
          visit(i, none);
        });
      }
    },
    read: async (columns, visit) => {
      for (const part of parts) await readPart(part, columnsOf(part, columns), visit);
    },
  };
}

function openPart(path: string, name: string, firstRow: number): Part {
  return withFile(path, name, (file) => {
    const { size } = fstatSync(file);
    const end = readAt(file, size - 8, 8);
    const footerBytes = end === null ? 0 : new DataView(end.buffer).getUint32(0, true);
    const footerStart = size - 8 - footerBytes;
    if (end === null || !isMagic(end.subarray(4)) || footerStart < MAGIC.length) {
      throw unreadable(name, 'its end is not that of one');
    }
    const bytes = readAt(file, footerStart, footerBytes);
    if (bytes === null) throw unreadable(name, 'it ends too early');
    try {
      const footer = readFooter(bytes, footerStart);
      return { path, name, footer, lostTypes: lostTypes(footer), firstRow, identity: identityOf(file) };
    } catch (error) {
      if (error instanceof RangeError) throw unreadable(name, messageOf(error), error);
      throw error;
    }
  });
}

function isMagic(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

function identityOf(file: number): string {
  const { dev, ino, size, mtimeNs } = fstatSync(file, { bigint: true });
  return [dev, ino, size, mtimeNs].join();
}

function columnsOf({ footer, name }: Part, wanted: readonly string[]): ParquetColumn[] {
  const byName = new Map<string, ParquetColumn>();
  const twice = new Set<string>();
  for (const column of footer.columns) {
    if (byName.has(column.name)) twice.add(column.name);
    else byName.set(column.name, column);
  }
  return wanted.map((wantedName) => {
    const column = byName.get(wantedName);
    const where = `${name}: column ${shortName(wantedName)}`;
    if (column === undefined) throw new UserError(`${where} is missing`);
    if (twice.has(wantedName)) throw new UserError(`${where} stands twice. Rename one of them.`);
    if (!column.isFlat) throw new UserError(`${where}: expected one value a row, got a nested column. Flatten it.`);
    return column;
  });
}

async function readPart(part: Part, columns: readonly ParquetColumn[], visit: VisitPiece): Promise<void> {
  let { firstRow } = part;
  for (const group of part.footer.rowGroups) {
    for (const [first, end] of pieces(columns, group)) {
      // Between two pieces, so that signals are heard and threads answered.
      await nextTurn();
      const values = withFile(part.path, part.name, (file) => {
        if (identityOf(file) !== part.identity) throw new UserError(`${part.name}: was changed while it was read`);
        return decode(part, columns.slice(first, end), group, (chunk, into) => {
          if (!readInto(file, chunk.start, into)) throw unreadable(part.name, 'it ends too early');
        });
      });
      values.forEach((vector, i) => {
        visit(first + i, firstRow, vector);
      });
    }
    firstRow += group.rowCount;
  }
}

/** Runs of columns, [first, end), whose values of a row group are within `PIECE_BYTES` together. */
function pieces(columns: readonly ParquetColumn[], group: RowGroup): [number, number][] {
  const out: [number, number][] = [];
  let size = 0;
  columns.forEach(({ leaf }, i) => {
    const { decodedBytes } = group.chunks[leaf]!;
    const last = out.at(-1);
    if (last === undefined || size + decodedBytes > PIECE_BYTES) {
      out.push([i, i + 1]);
      size = decodedBytes;
    } else {
      last[1] = i + 1;
      size += decodedBytes;
    }
  });
  return out;
}

type ReadChunk = (chunk: ColumnChunk, into: Uint8Array) => void;
const noBytes: ReadChunk = () => {};

function decode(part: Part, columns: readonly ParquetColumn[], group: RowGroup | null, readChunk: ReadChunk): Vector[] {
  const bytes = fileOfColumns(columns, group, readChunk);
  try {
    return decoded(bytes, columns.length, group?.rowCount ?? 0).map((vector, i) => {
      const type = part.lostTypes.get(columns[i]!);
      return type === undefined ? vector : cast(vector, type);
    });
  } catch (error) {
    // Each by itself, to name the one that it is.
    if (columns.length > 1) for (const column of columns) decode(part, [column], group, readChunk);
    const column = columns.length === 1 ? `column ${shortName(columns[0]!.name)}: ` : '';
    if (error instanceof WebAssembly.RuntimeError) throw undecodable(part.name, `${column}${error.message}`, error);
    throw unreadable(part.name, `${column}${messageOf(error)}`, error);
  }
}

function decoded(bytes: Uint8Array, columnCount: number, rowCount: number): Vector[] {
  const table = tableFromIPC(readParquet(bytes, { batchSize: Math.max(1, rowCount) }).intoIPCStream());
  if (table.numRows !== rowCount) throw new RangeError(`${rowCount} rows are claimed, ${table.numRows} are there`);
  return Array.from({ length: columnCount }, (_, i) => {
    const vector = table.getChildAt(i);
    if (vector === null) throw new RangeError('a column that was asked for is not there');
    return vector;
  });
}

function unreadable(name: string, reason: string, cause?: unknown): UserError {
  const line = reason.split('\n')[0];
  return new UserError(`${name}: is not a readable parquet file (${line}). Write it again, or copy it whole.`, {
    cause,
  });
}

/** The decoder gave up where it should have said why: the file may be damaged, or hold what the decoder does not know. */
function undecodable(name: string, reason: string, cause: Error): UserError {
  return new UserError(
    `${name}: cannot be decoded (${reason}). If other programs read it, write it again from there with plain types.`,
    { cause },
  );
}

function withFile<T>(path: string, name: string, use: (file: number) => T): T {
  let file: number;
  try {
    refuseOther(statSync(path), path, name);
    file = openSync(path, 'r');
  } catch (error) {
    throw fileProblem(error, path, name);
  }
  try {
    return use(file);
  } catch (error) {
    throw fileProblem(error, path, name);
  } finally {
    closeSync(file);
  }
}

function readAt(file: number, position: number, length: number): Uint8Array<ArrayBuffer> | null {
  if (position < 0) return null;
  const bytes = new Uint8Array(length);
  return readInto(file, position, bytes) ? bytes : null;
}

/** Fills `into` from a position of a file; false where the file ends before. */
function readInto(file: number, position: number, into: Uint8Array): boolean {
  for (let at = 0; at < into.length; ) {
    const got = readSync(file, into, at, into.length - at, position + at);
    if (got === 0) return false;
    at += got;
  }
  return true;
}
