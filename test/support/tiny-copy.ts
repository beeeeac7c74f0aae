import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { ParquetFile } from 'parquet-wasm';
import { parquetBytes } from '../../src/baseline/write-parquet.ts';
import { TINY_DATA_ROOT } from './tiny-sweep.ts';

/** A copy of the baseline run `tiny` in a data root of its own, whose path is returned. */
export function copyTiny(dataRoot: string): string {
  cpSync(TINY_DATA_ROOT, dataRoot, { recursive: true });
  return dataRoot;
}

/** Makes one bar's close 0.1 % higher, and leaves everything else as it is. */
export async function changeOnePrice(dataRoot: string): Promise<void> {
  const path = join(dataRoot, 'trader-v4/runs/tiny/replay/replay.parquet');
  const file = await ParquetFile.fromFile(new Blob([readFileSync(path)]));
  const table = tableFromIPC((await file.read({ batchSize: 1_000_000 })).intoIPCStream());
  const close = table.getChild('close')?.data[0]?.values;
  if (!(close instanceof Float64Array)) throw new Error(`${path}: expected close as float64`);
  close[1000]! *= 1.001;
  writeFileSync(path, parquetBytes(table));
}
