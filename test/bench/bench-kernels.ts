import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modelRowsOf } from '../../src/experiment/side-context.ts';
import { certify, FITS_PER_PASS } from '../../src/numerics/certificates/certify.ts';
import { buildGram } from '../../src/numerics/rows/gram.ts';
import { dots, transposedVector } from '../../src/numerics/rows/products.ts';
import { bestMs, type Workbench } from './workbench.ts';

export type KernelRow = { name: string; ms: number; gflops: number; gbPerSecond: number; shareOfPeak: string };

const RUNS = 7;

/** Each kernel on LONG's fit rows, beside the machine's own peak in the same run. */
export async function benchKernels(bench: Workbench): Promise<KernelRow[]> {
  const { workspace, dataset } = bench;
  const { kernels } = workspace;
  const peak = compilePeak(workspace.arena.memory);
  const part = dataset.parts[0]![0]!;
  const model = modelRowsOf(dataset, part, 'market_plus_state');
  const { market, marketStride, nGroups, nRows, stateStride } = model.rows;
  const cells = nGroups * marketStride + nRows * stateStride;
  const bytes = 4 * cells;
  const x = kernels.at(market);
  const rounds = 20_000_000;
  const multiplyMs = bestMs(RUNS, () => peak.multiplyAdd64(rounds, 0.999));
  const peakGflops = (rounds * 32) / multiplyMs / 1e6;
  const streamMs = bestMs(RUNS, () => peak.stream(x, bytes - (bytes % 64)));
  const rows: KernelRow[] = [
    {
      name: 'machine: float64 multiply-add in registers',
      ms: multiplyMs,
      gflops: peakGflops,
      gbPerSecond: 0,
      shareOfPeak: '',
    },
    {
      name: `machine: reading ${Math.round(bytes / 1e6)} MB`,
      ms: streamMs,
      gflops: 0,
      gbPerSecond: bytes / streamMs / 1e6,
      shareOfPeak: '',
    },
  ];
  const add = (name: string, flop: number, work: () => void): void => {
    const ms = bestMs(RUNS, work);
    const gflops = flop / ms / 1e6;
    rows.push({
      name,
      ms,
      gflops,
      gbPerSecond: bytes / ms / 1e6,
      shareOfPeak: `${Math.round((100 * gflops) / peakGflops)} %`,
    });
  };
  workspace.temporary((arena) => {
    const coef = new Float64Array(model.nCoef).fill(0.01);
    const packed = arena.float64(model.packedLength);
    const out = arena.float64(model.nEntries);
    add('predictions, one fit', 2 * cells, () => dots(workspace, model, coef, out));
    add('gradient, one fit', 2 * cells, () => transposedVector(workspace, model, out, packed));
  });
  const gramFlop = nGroups * marketStride * (marketStride + 2 * stateStride) + nRows * stateStride * stateStride;
  add('Gram matrix (lower half)', gramFlop, () =>
    workspace.temporary((arena) => {
      buildGram(workspace, arena, model);
    }),
  );
  for (const k of [1, FITS_PER_PASS]) {
    const fits = Array.from({ length: k }, () => ({
      kind: 'huber' as const,
      coef: new Float64Array(model.nCoef).fill(0.01),
      scale: 10,
      epsilon: 1.35,
      alpha: 0.001,
      clip: Infinity,
      targetSize: 1,
      scaleAtBound: false,
      pulls: null,
    }));
    add(`certificate of ${k} fit${k > 1 ? 's' : ''} (objective, gradient, losses)`, 4 * cells * k, () => {
      certify(workspace, model, fits);
    });
  }
  return rows;
}

function compilePeak(memory: WebAssembly.Memory) {
  const folder = mkdtempSync(join(tmpdir(), 'peak-'));
  try {
    const out = join(folder, 'peak.wasm');
    const options = ['--enable', 'simd', '--enable', 'threads', '--importMemory', '--sharedMemory'];
    const sizes = ['--initialMemory', '1', '--maximumMemory', '65536', '--runtime', 'stub', '--noAssert', '-O3'];
    execFileSync('asc', ['test/bench/assembly/peak.ts', '--outFile', out, ...options, ...sizes]);
    const instance = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(out)), { env: { memory } });
    return instance.exports as unknown as {
      stream(x: number, nBytes: number): number;
      multiplyAdd64(rounds: number, factor: number): number;
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
