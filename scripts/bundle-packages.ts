import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, version } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, 'node_modules/.cache/bundled');

/**
 * Packages of a hundred files and more, which every process and every thread that tests start would look for one by one.
 * `pg` stays itself, also within pg-boss: tests change what it does.
 */
const PACKAGES = ['apache-arrow', 'zod', 'yaml', 'pg-boss', 'cacache'];
const NOT_BUNDLED = ['pg'];

/** Packages that are CommonJS ask for Node's modules by `require`, which a module does not have. */
const REQUIRE = "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);";

/**
 * Makes one file of each of these packages, as the built program has them, for processes that run from the sources: loading
 * them is most of what a short one does.
 *
 * @returns the script that has a process take them (`--require`), and its threads
 */
export async function bundlePackages(): Promise<string> {
  mkdirSync(FOLDER, { recursive: true });
  const files = await Promise.all(PACKAGES.map(async (name) => [name, pathToFileURL(await bundled(name)).href]));
  const script = join(FOLDER, 'take-bundles.cjs');
  writeFileSync(script, SCRIPT.replace('FILES', JSON.stringify(Object.fromEntries(files))));
  return script;
}

/** Made once of each version. */
async function bundled(name: string): Promise<string> {
  const manifest: { readonly version: string } = JSON.parse(
    readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'),
  );
  const path = join(FOLDER, `${name}-${manifest.version}-esbuild-${version}.mjs`);
  if (existsSync(path)) return path;
  // By name, since `export *` finds none in CommonJS.
  const names = Object.keys(await import(name)).filter((exported) => exported !== 'module.exports');
  await build({
    stdin: { contents: `export { ${names.join(', ')} } from '${name}';`, resolveDir: ROOT },
    outfile: path,
    bundle: true,
    format: 'esm',
    platform: 'node',
    external: NOT_BUNDLED,
    banner: { js: REQUIRE },
    keepNames: true,
    logLevel: 'warning',
  });
  return path;
}

/** A Node that is too old for it loads the packages as they are. */
const SCRIPT = `const { registerHooks } = require('node:module');
const files = FILES;
registerHooks?.({
  resolve: (name, context, next) =>
    Object.hasOwn(files, name) && context.conditions.includes('import')
      ? { url: files[name], format: 'module', shortCircuit: true }
      : next(name, context),
});
`;
