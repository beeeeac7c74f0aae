import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = 'node_modules/.cache/test-groups';

/**
 * Below these folders tests share processes, so many files each: starting one, loading the program and having it compiled
 * anew costs more than most files do. What a file leaves behind in its process (a changed variable, a folder, a method that
 * stands for another) its neighbours find: such files stay alone, as all in other folders do.
 */
const FILES_OF_A_PROCESS: Readonly<Record<string, number>> = {
  'test/baseline': 30,
  'test/cli': 5,
  'test/dataset': 30,
  'test/e2e': 5,
  'test/execution': 5,
  'test/experiment': 30,
  'test/files': 30,
  'test/numerics': 30,
  'test/page': 30,
  'test/report': 30,
  'test/serve': 30,
  'test/store/sqlite': 30,
  'test/sweep': 30,
  'test/trust': 30,
};

/**
 * The files to run in place of these: where several share a process, one that loads them in their order. A test is still
 * told with the file where it stands.
 *
 * @param files paths from the root of the repository, as `globSync` gives them
 */
export function inGroups(files: readonly string[]): string[] {
  rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
  mkdirSync(join(ROOT, FOLDER), { recursive: true });
  const alone = files.filter((file) => folderOf(file) === undefined);
  const groups = Object.entries(FILES_OF_A_PROCESS).flatMap(([folder, most]) => {
    const inFolder = files.filter((file) => folderOf(file) === folder).sort();
    const nGroups = Math.ceil(inFolder.length / most);
    return Array.from({ length: nGroups }, (_, i) => {
      const members = inFolder.filter((_, k) => k % nGroups === i);
      return members.length === 1 ? members[0]! : groupFile(nGroups === 1 ? folder : `${folder}-${i + 1}`, members);
    });
  });
  return [...alone, ...groups];
}

/** The folder with whose other files it shares a process; undefined where it has one of its own. */
function folderOf(file: string): string | undefined {
  // Node keeps the snapshots of a process's tests beside the file that it was started with.
  if (existsSync(join(ROOT, `${file}.snapshot`))) return undefined;
  const path = file.split(sep).join('/');
  return Object.keys(FILES_OF_A_PROCESS).find((folder) => path.startsWith(`${folder}/`));
}

function groupFile(name: string, members: readonly string[]): string {
  const path = join(FOLDER, `${name.replaceAll('/', '-')}.mjs`);
  const imports = members.map((file) => `import ${JSON.stringify(pathToFileURL(join(ROOT, file)).href)};\n`);
  writeFileSync(join(ROOT, path), imports.join(''));
  return path;
}
