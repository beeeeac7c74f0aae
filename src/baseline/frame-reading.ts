import type { Vector } from 'apache-arrow';
import { UserError } from '../user-error.ts';
import { type CodedStrings, codeTexts, copyIntegers, copyNumbers, copyTimes } from './columns.ts';
import type { OpenParquet } from './parquet-file.ts';
import { shortName } from './short-name.ts';
import { TextPool } from './text-pool.ts';

/** @param hint what to say of the columns that are there; by default, the first of their names */
export function requireColumns(file: OpenParquet, columns: readonly string[], hint?: string): void {
  const names = new Set(file.columns);
  const missing = columns.filter((name) => !names.has(name)).map(shortName);
  if (missing.length === 0) return;
  const list =
    missing.length > 4 ? `${missing.slice(0, 4).join(', ')} and ${missing.length - 4} more` : missing.join(', ');
  const found = hint ?? `it has ${file.columns.slice(0, 8).map(shortName).join(', ')}`;
  throw new UserError(`${file.name}: column ${list} is missing (${found})`);
}

/** Where a column's values go while its file is read piece by piece. */
export type ColumnReading<T> = {
  readonly values: T;
  readonly add: (values: Vector, where: string, firstRow: number) => void;
};

/** A column of texts. @param wanted (rowCount) rows with 0 get no text */
export function texts(file: OpenParquet, wanted?: Uint8Array): ColumnReading<CodedStrings> {
  const values = { codes: new Int32Array(file.rowCount), pool: new TextPool() };
  return {
    values,
    add: (vector, where, firstRow) => codeTexts(vector, where, values.pool, values.codes, firstRow, wanted),
  };
}

/** A column of numbers as float64, null as NaN. */
export function numbers(file: OpenParquet): ColumnReading<Float64Array> {
  const values = new Float64Array(file.rowCount);
  return { values, add: (vector, where, firstRow) => copyNumbers(vector, where, values, 1, firstRow) };
}

/** A column of whole numbers, null as NaN. */
export function integers(file: OpenParquet): ColumnReading<Float64Array> {
  const values = new Float64Array(file.rowCount);
  return { values, add: (vector, where, firstRow) => copyIntegers(vector, where, values, firstRow) };
}

/** A column of times, ns since 1970, null as NULL_TIME. */
export function times(file: OpenParquet): ColumnReading<BigInt64Array> {
  const values = new BigInt64Array(file.rowCount);
  return { values, add: (vector, where, firstRow) => copyTimes(vector, where, values, firstRow) };
}

/** Reads some columns of a file, each into its own reading. */
export async function readInto(
  file: OpenParquet,
  readings: Readonly<Record<string, ColumnReading<unknown>>>,
): Promise<void> {
  const columns = Object.keys(readings);
  const sinks = Object.values(readings);
  const where = columns.map((column) => `${file.name}: column ${column}`);
  // A file without rows has types all the same.
  file.types(columns, (i, none) => sinks[i]!.add(none, where[i]!, 0));
  await file.read(columns, (i, firstRow, values) => sinks[i]!.add(values, where[i]!, firstRow));
}
