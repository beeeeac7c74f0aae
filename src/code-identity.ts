import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { IS_BUILT, PACKAGE_FOLDER, packageFile } from './package-files.ts';

/**
 * What can change a number, as one hash: it is part of every verdict's key, so that verdicts of other code are never taken
 * for this one's, and a changed text, command or report costs nobody a verdict.
 *
 * It is made of the sources of every module that judging reaches, the compiled kernels, and the versions of the packages
 * that those modules load, with everything that these depend on. A build writes down the first part, since an installed
 * program has no sources; run from its sources it makes it anew. Two builds of one commit have one hash, on every machine.
 */
export type CodeIdentity = {
  /** SHA-256, hexadecimal. */
  readonly hash: string;
  /** name → version, of the packages that are part of it */
  readonly packages: Readonly<Record<string, string>>;
};

/** Where the modules that judge are entered: by a worker, and by who puts a verdict together from its models. */
export const JUDGING_ENTRIES = ['workers/experiment-worker.ts', 'src/experiment/judge.ts'] as const;
/** Where the modules that build state rows are entered: what a cache of those rows depends on. */
export const BUILDING_ENTRIES = ['src/dataset/open-state-rows.ts'] as const;

/** What a build writes down, in `dist/code-modules.json`. */
export type CodeModules = { readonly judging: ModuleGraph; readonly building: ModuleGraph };

/** Modules as one hash, and the packages that they load, by name. */
export type ModuleGraph = { readonly hash: string; readonly packages: readonly string[] };

/** Of what judges. */
export function codeIdentity(): CodeIdentity {
  judging ??= identityOf(readModules().judging);
  return judging;
}

/** Of what builds state rows from a baseline run. */
export function buildingIdentity(): CodeIdentity {
  building ??= identityOf(readModules().building);
  return building;
}

let judging: CodeIdentity | undefined;
let building: CodeIdentity | undefined;

/** Made of the kernels' sources alone; the ones for 64-bit addresses are made of the same. */
const KERNELS = 'dist/kernels.wasm';

function readModules(): CodeModules {
  if (!IS_BUILT) return codeModules((path) => readFileSync(packageFile(path), 'utf8'));
  // Written by our own build, from a value of this type.
  return JSON.parse(readFileSync(packageFile('dist/code-modules.json'), 'utf8')) as CodeModules;
}

/** @param read gives a source's text by its path from the project's folder */
export function codeModules(read: (path: string) => string): CodeModules {
  return { judging: moduleGraph(JUDGING_ENTRIES, read), building: moduleGraph(BUILDING_ENTRIES, read) };
}

/** All modules that are reached from the entries, by imports that are there when the program runs. */
export function moduleGraph(entries: readonly string[], read: (path: string) => string): ModuleGraph {
  const sources = new Map<string, string>();
  const packages = new Set<string>();
  const visit = (path: string): void => {
    if (sources.has(path)) return;
    // However the sources were checked out.
    const source = read(path).replaceAll('\r\n', '\n');
    sources.set(path, source);
    for (const from of importsOf(source)) {
      if (from.startsWith('.')) {
        const target = normalize(join(dirname(path), from)).replaceAll('\\', '/');
        if (target.endsWith('.ts')) visit(target);
      } else if (!from.startsWith('node:')) packages.add(packageName(from));
    }
  };
  for (const entry of entries) visit(entry);
  const hash = createHash('sha256');
  for (const path of [...sources.keys()].sort()) hash.update(`${path}\0${sources.get(path)}\0`);
  return { hash: hash.digest('hex'), packages: [...packages].sort() };
}

/** Types are gone when the program runs: `import type` and `export type` load nothing. */
function importsOf(source: string): string[] {
  const statements = source.matchAll(
    /^(?:import|export)(?!\s+type\b)\b[^;'"]*?\bfrom\s*'([^']+)'|^import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/gm,
  );
  return [...statements].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '');
}

function packageName(from: string): string {
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/');
}

function identityOf({ hash, packages }: ModuleGraph): CodeIdentity {
  const versions = new Map<string, string>();
  for (const name of packages) addVersions(name, PACKAGE_FOLDER, versions);
  const sorted = Object.fromEntries([...versions].sort(([a], [b]) => (a < b ? -1 : 1)));
  const kernels = createHash('sha256')
    .update(readFileSync(packageFile(KERNELS)))
    .digest('hex');
  const text = JSON.stringify({ modules: hash, kernels, packages: sorted });
  return { hash: createHash('sha256').update(text).digest('hex'), packages: sorted };
}

/** The version of a package, and of all that it depends on. Where two versions of one are installed it counts both. */
function addVersions(name: string, from: string, versions: Map<string, string>): void {
  const folder = packageFolder(name, from);
  // An optional dependency that is not there loads nothing.
  if (folder === undefined) return;
  const manifest: { version?: unknown; dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const version = String(manifest.version);
  const known = versions.get(name);
  if (known?.split(' ').includes(version)) return;
  versions.set(name, known === undefined ? version : [...known.split(' '), version].sort().join(' '));
  for (const dependency of Object.keys(manifest.dependencies ?? {})) {
    // Types load nothing.
    if (!dependency.startsWith('@types/')) addVersions(dependency, folder, versions);
  }
}

/** As Node looks for it: in the `node_modules` of this folder and of those above it. */
function packageFolder(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (relative(dirname(folder), folder) === '') return undefined;
  }
}
