import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sharedFolder, sweep } from '../support/sweep-command.ts';
import { copyTinyRun, FEATURES } from '../support/tiny-run.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

type Finding = { what: string; ok: boolean; detail: string; remedy?: string };

const folder = sharedFolder();

async function doctor(args: readonly string[]): Promise<{ code: number | null; findings: Finding[] }> {
  const { code, stdout, stderr } = await sweep(['doctor', ...args, '--json'], { cwd: folder });
  assert.equal(stderr, '');
  return { code, findings: JSON.parse(stdout) };
}

function faults(findings: readonly Finding[]): string[] {
  return findings.filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`);
}

describe('sweep doctor', { concurrency: 2 }, () => {
  test('finds Node, SIMD, threads, memory, disk, a definition and its store in order', async () => {
    const definition = writeDefinition(folder, { name: 'healthy', axes: { regressorKind: ['ridge'] } });
    await runSweepFile(definition, join(folder, 'healthy.db'));
    const { code, findings } = await doctor([definition, '--db', 'healthy.db']);
    assert.deepEqual(faults(findings), []);
    assert.equal(code, 0);
    assert.deepEqual(
      findings.map(({ what }) => what),
      [
        'Node',
        'numeric kernels (WebAssembly SIMD, shared memory)',
        'threads',
        'memory',
        'disk space in this folder',
        'baseline run tiny',
        'memory for healthy',
        'store healthy.db',
      ],
    );
    assert.match(findings[6]!.detail, /^\d+ MiB shared at the most, [\d.]+ GiB available$/);
    assert.equal(findings[7]!.detail, '1 sweep, no damage');
  });

  test('names the file of a baseline run that is not as it should be, and exits 2', async () => {
    const run = await copyTinyRun(join(folder, 'broken'));
    writeFileSync(join(run, FEATURES), 'PAR1');
    const definition = writeDefinition(folder, { name: 'broken', axes: {} });
    const { code, findings } = await doctor([definition, '--data-root', 'broken', '--db', 'none.db']);
    assert.equal(code, 2);
    const [fault, ...others] = faults(findings);
    assert.match(fault ?? '', /^baseline run tiny: feature\/feature_frame\.parquet: /);
    assert.deepEqual(others, []);
    const none = await doctor([definition, '--data-root', 'nowhere', '--db', 'none.db']);
    assert.match(faults(none.findings)[0] ?? '', /^baseline run tiny: there is no folder /);
  });

  test('goes on with the rest where the definition or the store cannot be read', async () => {
    writeFileSync(join(folder, 'nonsense.yaml'), 'name: [');
    writeFileSync(join(folder, 'nonsense.db'), 'no database');
    const { code, findings } = await doctor(['nonsense.yaml', '--db', 'nonsense.db']);
    assert.equal(code, 2);
    const [definition, store, ...others] = faults(findings);
    assert.match(definition ?? '', /^definition: nonsense\.yaml: line \d/);
    assert.match(store ?? '', /^store nonsense\.db: not a sweep store \(.+\)\. Name another file/);
    assert.deepEqual(others, []);
  });

  test('looks for disk space where the store is to be, also when its folder is not there yet', async () => {
    const { findings } = await doctor(['--db', 'not/there/yet.db']);
    assert.ok(findings.some(({ what }) => what === 'disk space in this folder'));
    assert.match(findings.at(-1)!.detail, /not there yet/);
  });
});
