import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../canonical-json.ts';
import { UserError } from '../user-error.ts';

/** One file of a baseline run, by its content. */
export type ManifestFile = {
  /** From the run's folder: plain names, joined by `/`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
};

/**
 * A baseline run by its content: all of its files as they are, in the order of their paths. Two runs of one manifest are
 * the same data, wherever they lie.
 */
export type DataManifest = { readonly format: 1; readonly runId: string; readonly files: readonly ManifestFile[] };

/** A manifest with the text that its hash is made of. */
export type HashedManifest = {
  readonly manifest: DataManifest;
  /** SHA-256 of the text, hexadecimal. */
  readonly hash: string;
  /** Canonical JSON: what is published. */
  readonly text: string;
};

/** More is no manifest: a baseline run has some ten files, or as many parts as a cluster wrote. */
export const MAX_MANIFEST_BYTES = 4 * 2 ** 20;

/**
 * What a name in a manifest may be: no folder above, nothing hidden, nothing that any system takes for more than a name.
 * Whoever publishes runs cannot choose where their files come to lie.
 */
const NAME = /^[A-Za-z0-9_][\w.-]*$/;
export const NAME_RULE = 'letters, digits, "_", "-" and ".", beginning with none of the last two';

/** Whether a path is made of plain names, so that it stays below whatever folder it is put into. */
function isPlainPath(path: string): boolean {
  return path.split('/').every((name) => name.length <= MAX_NAME && NAME.test(name));
}

const MAX_NAME = 255;

const SCHEMA = z.strictObject({
  format: z.literal(1),
  runId: z.string().refine((id) => NAME.test(id) && id.length <= MAX_NAME, `expected a name of ${NAME_RULE}`),
  files: z
    .array(
      z.strictObject({
        path: z.string().refine(isPlainPath, `expected names of ${NAME_RULE}, joined by "/"`),
        size: z.int().min(0),
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal'),
      }),
    )
    .min(1),
});

/** Puts a manifest into its one form. @throws UserError for a path that breaks the rule, or stands twice */
export function hashedManifest(runId: string, files: readonly ManifestFile[]): HashedManifest {
  const sorted = files.map(({ path, size, sha256 }) => ({ path, size, sha256 })).sort(byPath);
  return checked({ format: 1, runId, files: sorted }, `baseline run ${runId}`);
}

/**
 * Reads what somebody has published.
 *
 * @param name how errors name it
 * @throws UserError for anything but a manifest in its one form
 */
export function parseManifest(text: string, name: string): HashedManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${name}: expected a manifest of data, got no JSON`, { cause: error });
  }
  const found = checked(json, name);
  if (found.text !== text) {
    throw new UserError(`${name}: expected canonical JSON, as \`sweep data publish\` writes it; publish the run again`);
  }
  return found;
}

/** All bytes of a manifest's files. */
export function totalBytes({ files }: DataManifest): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function checked(json: unknown, name: string): HashedManifest {
  const parsed = SCHEMA.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const where = issue?.path.join('.') ?? '';
    throw new UserError(`${name}: ${where === '' ? '' : `${where}: `}${issue?.message ?? 'is no manifest of data'}`);
  }
  const manifest = parsed.data;
  const paths = manifest.files.map(({ path }) => path);
  const all = new Set(paths);
  const clash = paths.find((path, i) => (i > 0 && paths[i - 1]! >= path) || foldersOf(path).some((at) => all.has(at)));
  if (clash !== undefined) {
    throw new UserError(
      `${name}: files: expected paths in ascending order, each once and none below another: ${clash}`,
    );
  }
  const text = canonicalJson(manifest);
  return { manifest, text, hash: createHash('sha256').update(text, 'utf8').digest('hex') };
}

/** `a/b/c` → `a`, `a/b`. */
function foldersOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_, i) => names.slice(0, i + 1).join('/'));
}

function byPath(a: ManifestFile, b: ManifestFile): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
