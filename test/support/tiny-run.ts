import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Table, type Vector, vectorFromArray } from 'apache-arrow';
import { readParquetFile, writeParquetFile } from './parquet.ts';

/** The data root of the reference baseline run `tiny`, and the golden cases that belong to it. */
export const TINY_DATA_ROOT = fileURLToPath(new URL('../golden/runs', import.meta.url));
export const TINY_CASES = fileURLToPath(new URL('../golden/cases/tiny', import.meta.url));

export const FEATURES = 'feature/feature_frame.parquet';
export const LABELS = 'label/entry_labels.parquet';
export const BARS = 'replay/replay.parquet';

/** A copy of the reference run in another data root; returns the run's folder. */
export async function copyTinyRun(dataRoot: string): Promise<string> {
  const folder = join(dataRoot, 'trader-v4/runs/tiny');
  await cp(join(TINY_DATA_ROOT, 'trader-v4/runs/tiny'), folder, { recursive: true });
  return folder;
}

/** Writes a parquet file again with the rows that `keep` chooses. */
export async function keepRows(path: string, keep: (row: Record<string, unknown>) => boolean): Promise<void> {
  const table = await readParquetFile(path);
  const rows = [...table].map((row) => row.toJSON());
  const kept = rows.flatMap((row, i) => (keep(row) ? [i] : []));
  await rewrite(path, table, (vector) => kept.map((i) => vector.get(i)));
}

/** Writes a parquet file again with the values of some columns changed; columns keep their types. */
export async function changeColumns(
  path: string,
  columns: readonly string[],
  change: (value: unknown, row: Record<string, unknown>, index: number) => unknown,
): Promise<void> {
  const table = await readParquetFile(path);
  const rows = [...table].map((row) => row.toJSON());
  await rewrite(path, table, (vector, name) =>
    columns.includes(name) ? rows.map((row, i) => change(vector.get(i), row, i)) : [...vector],
  );
}

async function rewrite(
  path: string,
  table: Table,
  valuesOf: (vector: Vector, name: string) => readonly unknown[],
): Promise<void> {
  const columns = table.schema.fields.map((field) => {
    const name = String(field.name);
    return [name, vectorFromArray(valuesOf(table.getChild(name)!, name), field.type)] as const;
  });
  await writeParquetFile(path, Object.fromEntries(columns));
}
