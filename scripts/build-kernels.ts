/**
 * Compiles the numeric kernels, twice from the same sources: `dist/kernels.wasm` for memories of up to 4 GiB,
 * `dist/kernels64.wasm` with 64-bit addresses for larger ones; and writes the types of what they export.
 */
import { readFileSync, rmSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { DATA_SECTION, sectionsOf } from '../src/numerics/kernels/wasm-module.ts';
import { MAX_MEMORY32_BYTES, PAGE_BYTES } from '../src/numerics/memory.ts';

const FLAGS = [
  ...['--enable', 'simd', '--enable', 'threads', '--runtime', 'stub', '--noAssert', '-O3'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1'],
  ...['--maximumMemory', String(MAX_MEMORY32_BYTES / PAGE_BYTES)],
];

await compile('dist/kernels.wasm', '--bindings', 'raw');
// The types come with a loader, which is not ours.
rmSync('dist/kernels.js');
await compile('dist/kernels64.wasm', '--transform', './scripts/wasm64-target.js');

async function compile(outFile: string, ...options: readonly string[]): Promise<void> {
  const { error, stderr } = await asc.main([
    'src/numerics/kernels/assembly/index.ts',
    ...FLAGS,
    '--outFile',
    outFile,
    ...options,
  ]);
  if (error !== null) throw new Error(`${outFile}: ${error.message}\n${stderr.toString()}`);
  // Each thread instantiates the kernels on the one memory of a run, where data would be written over what stands there.
  if (sectionsOf(readFileSync(outFile)).has(DATA_SECTION)) {
    throw new Error(`${outFile}: the kernels have data of their own. Compute it, or pass it in`);
  }
}
