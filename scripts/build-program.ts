/**
 * Bundles the program, its worker thread and its engine child into `dist/program`: a command then reads a handful of files in place of some hundred.
 * What is imported when it is needed stays in chunks of its own.
 */
import { readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'esbuild';

/** They find files of their own beside themselves: the worker's loader, the compiled parquet reader. */
const NOT_BUNDLED = ['piscina', 'parquet-wasm'];

/** Packages that are CommonJS ask for Node's modules by `require`, which a module does not have. */
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

const FOLDER = 'dist/program';

const { metafile } = await build({
  entryPoints: {
    main: 'src/cli/main.ts',
    'experiment-worker': 'workers/experiment-worker.ts',
    'engine-child': 'workers/engine-child.ts',
  },
  outdir: FOLDER,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24.15',
  external: NOT_BUNDLED,
  banner: { js: REQUIRE },
  // Names of functions and classes are part of what errors say.
  keepNames: true,
  metafile: true,
  logLevel: 'warning',
});

// Chunks are named for what is in them: those of an earlier build go only now, since a program may be running from them.
const built = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of readdirSync(FOLDER)) if (!built.has(name)) rmSync(join(FOLDER, name));
// And what the launcher keeps of it.
rmSync('dist/compile-cache', { recursive: true, force: true });
