import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BUILDING_ENTRIES, codeIdentity, JUDGING_ENTRIES, moduleGraph } from '../src/code-identity.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The modules of a graph, in the order in which they are reached. */
function modulesOf(entries: readonly string[]): string[] {
  const paths: string[] = [];
  moduleGraph(entries, (path) => {
    paths.push(path);
    return read(path);
  });
  return paths;
}

describe("the code's identity", () => {
  const modules = modulesOf(JUDGING_ENTRIES);
  const { hash, packages } = moduleGraph(JUDGING_ENTRIES, read);

  test('covers what judges: experiment, numerics, datasets, the worker', () => {
    for (const name of ['experiment-worker', 'verdict', 'gates', 'logistic', 'ridge', 'load', 'dataset']) {
      assert.ok(
        modules.some((path) => path.endsWith(`/${name}.ts`)),
        name,
      );
    }
    assert.ok(packages.includes('ml-matrix'));
  });

  test('covers no command, report, store or reader of files', () => {
    const others = modules.filter((path) => /^src\/(cli|report|store|sweep|baseline\/(?!splits))/.test(path));
    assert.deepEqual(others, []);
  });

  test('is another when one constant of any of its modules is', () => {
    for (const changed of modules) {
      let isChanged = false;
      const other = moduleGraph(JUDGING_ENTRIES, (path) => {
        if (path !== changed) return read(path);
        const source = read(path);
        // A digit where there is one, else a letter.
        const text = source.replace(/\d(?=[^\d]*$)/, (digit) => String((Number(digit) + 1) % 10));
        isChanged = text !== source;
        return isChanged ? text : `${source}0;`;
      });
      assert.notEqual(other.hash, hash, changed);
      assert.ok(isChanged || !/\d/.test(read(changed)), changed);
    }
  });

  test('is the same however the sources were checked out, and whatever else was changed', () => {
    assert.equal(moduleGraph(JUDGING_ENTRIES, (path) => read(path).replaceAll('\n', '\r\n')).hash, hash);
    const asked = new Set<string>();
    moduleGraph(JUDGING_ENTRIES, (path) => {
      asked.add(path);
      return read(path);
    });
    for (const path of ['README.md', 'package.json', 'src/cli/commands/run.ts', 'src/report/leaderboard.ts']) {
      assert.ok(!asked.has(path), path);
    }
  });

  test('of a build is that of its sources', () => {
    // Written by npm run build, which comes before every test.
    const written: unknown = JSON.parse(read('dist/code-modules.json'));
    assert.deepEqual(written, {
      judging: moduleGraph(JUDGING_ENTRIES, read),
      building: moduleGraph(BUILDING_ENTRIES, read),
    });
  });

  test('has the versions of its packages and of what they depend on', () => {
    const identity = codeIdentity();
    assert.match(identity.hash, /^[0-9a-f]{64}$/);
    assert.ok(Object.keys(identity.packages).includes('ml-array-rescale'), 'a dependency of ml-matrix');
    for (const [name, version] of Object.entries(identity.packages)) {
      const manifest: { version: string } = JSON.parse(read(`node_modules/${name}/package.json`));
      assert.equal(version, manifest.version, name);
    }
  });

  test('of the code that builds state rows covers the readers, and is another', () => {
    const building = modulesOf(BUILDING_ENTRIES);
    assert.ok(building.includes('src/dataset/state-rows.ts') && building.includes('src/baseline/baseline-run.ts'));
    assert.notEqual(moduleGraph(BUILDING_ENTRIES, read).hash, hash);
  });
});
