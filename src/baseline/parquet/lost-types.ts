import { Vector as ArrowVector, type DataType, Duration, Timestamp, tableFromIPC, type Vector } from 'apache-arrow';
import type { ParquetColumn, ParquetFooter } from './footer.ts';

/**
 * Types that Arrow has and parquet has not: timestamps in seconds, and durations. Arrow's writers store them as plain
 * int64, and say what they are in a copy of the Arrow schema beside (ARROW:schema).
 *
 * @returns column → what its int64 are
 */
export function lostTypes({ arrowSchema, columns }: ParquetFooter): ReadonlyMap<ParquetColumn, DataType> {
  const lost = new Map<ParquetColumn, DataType>();
  const candidates = columns.filter((column) => column.isPlainInt64);
  if (arrowSchema === null || candidates.length === 0) return lost;
  const types = typesOf(arrowSchema);
  for (const column of candidates) {
    const type = types.get(column.name);
    if (type instanceof Timestamp || type instanceof Duration) lost.set(column, type);
  }
  return lost;
}

function typesOf(arrowSchema: string): Map<string, DataType> {
  try {
    const { schema } = tableFromIPC(Buffer.from(arrowSchema, 'base64'));
    return new Map(schema.fields.map((field) => [String(field.name), field.type]));
  } catch {
    // A hint of the writer's; the columns can be read without it, and one that is no time then says what it is.
    return new Map();
  }
}

/** The same int64 as values of another type. */
export function cast(vector: Vector, type: DataType): Vector {
  return new ArrowVector(vector.data.map((chunk) => chunk.clone(type)));
}
