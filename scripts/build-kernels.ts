/**
 * Compiles the numeric kernels, twice from the same sources: `dist/kernels.wasm` for memories of up to 4 GiB,
 * `dist/kernels64.wasm` with 64-bit addresses for larger ones; and writes the types of what they export. Kernels that were
 * made of just these sources, by this compiler, are left as they are: making them is most of a build.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { DATA_SECTION, sectionsOf } from '../src/numerics/kernels/wasm-module.ts';
import { MAX_MEMORY32_BYTES, PAGE_BYTES } from '../src/numerics/memory.ts';

const SOURCES = 'src/numerics/kernels/assembly';
const FLAGS = [
  ...['--enable', 'simd', '--enable', 'threads', '--runtime', 'stub', '--noAssert', '-O3'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1'],
  ...['--maximumMemory', String(MAX_MEMORY32_BYTES / PAGE_BYTES)],
];
const WIDE_TARGET = './scripts/wasm64-target.js';
const MADE = ['dist/kernels.wasm', 'dist/kernels64.wasm', 'dist/kernels.d.ts'];
const COMPILER = ['assemblyscript', 'binaryen'].map((name) => `node_modules/${name}/package.json`);
const MADE_OF = [...globSync(`${SOURCES}/**/*`).sort(), WIDE_TARGET, 'scripts/build-kernels.ts', ...COMPILER];
/** What they were made of, and what was made: a file of `dist` that was changed since is made again. */
const STAMP = 'node_modules/.cache/kernels';

if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== stamp()) {
  rmSync(STAMP, { force: true });
  await compile('dist/kernels.wasm', '--bindings', 'raw');
  // The types come with a loader, which is not ours.
  rmSync('dist/kernels.js');
  await compile('dist/kernels64.wasm', '--transform', WIDE_TARGET);
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, stamp());
}

async function compile(outFile: string, ...options: readonly string[]): Promise<void> {
  const { default: asc } = await import('assemblyscript/asc');
  const { error, stderr } = await asc.main([`${SOURCES}/index.ts`, ...FLAGS, '--outFile', outFile, ...options]);
  if (error !== null) throw new Error(`${outFile}: ${error.message}\n${stderr.toString()}`);
  // Each thread instantiates the kernels on the one memory of a run, where data would be written over what stands there.
  if (sectionsOf(readFileSync(outFile)).has(DATA_SECTION)) {
    throw new Error(`${outFile}: the kernels have data of their own. Compute it, or pass it in`);
  }
}

function stamp(): string {
  const hash = createHash('sha256').update(JSON.stringify(FLAGS));
  for (const path of [...MADE_OF, ...MADE]) hash.update(`${path}\n`).update(existsSync(path) ? readFileSync(path) : '');
  return hash.digest('hex');
}
