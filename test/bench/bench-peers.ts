import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stateFrameTable } from '../../src/dataset/frame-table.ts';
import { COARSE, DENSE, type SweepRow } from './bench-sweeps.ts';
import type { Workbench } from './workbench.ts';

/** What a peer takes for a configuration, and how often that is what one of a sweep takes. */
export type PeerRow = { name: string; secondsPerConfiguration: number; toCoarse: number; toDense: number };

/** Configurations that each peer runs: enough for a rate, few enough to wait for. */
const COUNTS = { tuned: 2, expert: 12 } as const;

/** Runs a Python program on the very same state frame, and compares its rate with the sweep's in this run. */
export async function benchPeers(
  bench: Workbench,
  { python, script }: { readonly python: string; readonly script: string },
  folder: string,
  sweeps: readonly SweepRow[],
): Promise<PeerRow[]> {
  const csv = join(folder, 'frame.csv');
  await pipeline(Readable.from(csvLines(bench)), createWriteStream(csv));
  const frame = join(folder, 'frame.pkl');
  execFileSync(python, [
    '-c',
    `import pandas; pandas.read_csv(${JSON.stringify(csv)}).to_pickle(${JSON.stringify(frame)})`,
  ]);
  const secondsOf = (sweep: string): number => {
    const found = sweeps.find(({ name, threads }) => name === sweep && threads === 2);
    return (found?.msPerConfiguration ?? Number.NaN) / 1000;
  };
  return Object.entries(COUNTS).map(([name, count]) => {
    const text = execFileSync(python, [script, frame, name, String(count)], { encoding: 'utf8' });
    const seconds = Number(/per config ([\d.]+)s/.exec(text)?.[1]);
    if (!Number.isFinite(seconds)) throw new Error(`${script} printed no "per config" figure: ${text}`);
    const [toCoarse, toDense] = [COARSE, DENSE].map((sweep) => seconds / secondsOf(sweep));
    return { name, secondsPerConfiguration: seconds, toCoarse: toCoarse!, toDense: toDense! };
  });
}

function* csvLines({ frame }: Workbench): Generator<string> {
  const table = stateFrameTable(frame);
  const names = table.schema.names.map(String);
  const columns = names.map((name) => table.getChild(name)!);
  yield `${names.join(',')}\n`;
  for (let row = 0; row < table.numRows; row += 1)
    yield `${columns.map((column) => String(column.get(row))).join(',')}\n`;
}
