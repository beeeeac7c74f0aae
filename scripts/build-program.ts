/**
 * Bundles the program and its worker into `dist/program`: a command then reads a handful of files in place of some hundred.
 * What is imported when it is needed stays in chunks of its own.
 */
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

/** They find files of their own beside themselves: the worker's loader, the compiled parquet reader. */
const NOT_BUNDLED = ['piscina', 'parquet-wasm'];

/** Packages that are CommonJS ask for Node's modules by `require`, which a module does not have. */
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

// What the launcher keeps of an earlier build is of no use to this one.
for (const folder of ['dist/program', 'dist/compile-cache']) rmSync(folder, { recursive: true, force: true });
await build({
  entryPoints: { main: 'src/cli/main.ts', 'experiment-worker': 'workers/experiment-worker.ts' },
  outdir: 'dist/program',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24.15',
  external: NOT_BUNDLED,
  banner: { js: REQUIRE },
  // Names of functions and classes are part of what errors say.
  keepNames: true,
  logLevel: 'warning',
});
