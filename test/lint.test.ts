import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './support/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const RULE = 'scripts/lint/engine-arithmetic.grit';

/** Each line, and whether the rule has to refuse it. */
const LINES: readonly (readonly [line: string, isRefused: boolean])[] = [
  ['export const a = (x: number) => Math.exp(x);', true],
  ['export const b = [1, 2].map(Math.log1p);', true],
  ['export const c = (x: number) => Math.pow(x, 2);', true],
  ['export const d = (x: number) => x ** 2;', true],
  ['export const e = (x: number) => 2 ** x;', true],
  ['export const f = (x: number) => (x + 1) ** -2;', true],
  ['export const g = (x: number) => Math["log"](x);', true],
  ['const { cbrt } = Math;', true],
  ['export let h = cbrt(3);', false],
  ['h **= 2;', true],
  ['export const i = 2 ** 20 + 2 ** -24;', false],
  ['export const j = 2n ** 63n;', false],
  ['export const k = (x: number) => Math.sqrt(Math.abs(x)) + Math.fround(x) + Math.max(x, Math.PI);', false],
  ['const { fround } = Math;', false],
  ['export const l = (h == fround(2)) === true;', false],
];

describe('lint', () => {
  test('no built-in whose last bits an engine may choose passes where numbers are made', async (context) => {
    const folder = await temporaryFolder(context);
    const settings = { root: true, plugins: [join(ROOT, RULE)], linter: { rules: { preset: 'none' } } };
    writeFileSync(join(folder, 'biome.json'), JSON.stringify(settings));
    writeFileSync(join(folder, 'lines.ts'), LINES.map(([line]) => `${line}\n`).join(''));
    const biome = join(ROOT, 'node_modules/.bin/biome');
    const options = ['lint', '--max-diagnostics=100', '--reporter=github', '.'];
    const { stdout, stderr } = spawnSync(biome, options, { encoding: 'utf8', cwd: folder });
    const refused = [...stdout.matchAll(/,line=(\d+),/g)].map(([, line]) => Number(line));
    const expected = LINES.flatMap(([, isRefused], i) => (isRefused ? [i + 1] : []));
    assert.deepEqual(refused, expected, stdout + stderr);
  });

  test('the rule holds where stored numbers and ids are made', () => {
    const { overrides } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8'));
    const covered = overrides.find((override: { plugins?: string[] }) => override.plugins?.includes(`./${RULE}`));
    const folders = ['baseline', 'dataset', 'experiment', 'numerics', 'sweep', 'trust'];
    assert.deepEqual(
      covered.includes,
      folders.map((name) => `src/${name}/**`),
    );
  });
});
