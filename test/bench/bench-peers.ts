import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stateFrameTable } from '../../src/dataset/frame-table.ts';
import type { SweepRow } from './bench-sweeps.ts';
import type { Workbench } from './workbench.ts';

export type PeerRow = { name: string; secondsPerConfiguration: number; ratio: string };

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
  const hubers = sweeps.filter(({ name }) => name.startsWith('huber'));
  const most = Math.max(...hubers.map(({ configurations }) => configurations));
  const ours = hubers.filter(({ configurations }) => configurations === most);
  const best = Math.min(...ours.map(({ msPerConfiguration }) => msPerConfiguration / 1000));
  return Object.entries(COUNTS).map(([name, count]) => {
    const text = execFileSync(python, [script, frame, name, String(count)], { encoding: 'utf8' });
    const seconds = Number(/per config ([\d.]+)s/.exec(text)?.[1]);
    if (!Number.isFinite(seconds)) throw new Error(`${script} printed no "per config" figure: ${text}`);
    return {
      name,
      secondsPerConfiguration: seconds,
      ratio: `${(seconds / best).toFixed(1)} x a sweep of ${most}`,
    };
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
