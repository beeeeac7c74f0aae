import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { COLUMNS_ELEMENT, HEADER_ELEMENT, readReport } from '../../src/page-data/reading.ts';
import type { Report } from '../../src/page-data/report.ts';
import { openVerdictStore } from '../../src/store/open-verdict-store.ts';
import {
  beginSyntheticRun,
  failedOutcome,
  SYNTHETIC_END,
  syntheticConfigurations,
  syntheticOutcome,
} from '../store/synthetic.ts';
import { readParquetFile } from '../support/parquet.ts';
import { ask, refusalIn, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const folder = sharedFolder();
const db = join(folder, 'sweeps.db');
const RECORDS = syntheticConfigurations(36);

before(async () => {
  await using store = await openVerdictStore(db, { mode: 'write' });
  for (const [sweepName, records] of [
    ['first', RECORDS],
    ['second', RECORDS.slice(6)],
  ] as const) {
    const runId = await beginSyntheticRun(store, records, { sweepName });
    const outcomes = records.map((record) =>
      record === RECORDS[7] ? failedOutcome(record) : syntheticOutcome(record),
    );
    await store.finishRun(runId, SYNTHETIC_END, await store.record(runId, outcomes));
  }
});

async function written(file: string, ...args: readonly string[]) {
  const ended = await ask(['report', '--db', db, '--html', file, ...args]);
  assert.equal(ended.code, 0, ended.stderr);
  return ended;
}

async function reportIn(file: string): Promise<Report> {
  const html = readFileSync(file, 'utf8');
  const [header, columns] = [HEADER_ELEMENT, COLUMNS_ELEMENT].map((id) => {
    return new RegExp(`id="${id}">([^<]*)</script>`).exec(html)![1]!;
  });
  return (await readReport(header!, columns!)).report;
}

describe('sweep report --html', () => {
  test('writes one file, says where and how large, and makes the folder', async () => {
    const file = join(folder, 'new', 'second.html');
    const { stdout } = await written(file);
    const size = statSync(file).size;
    assert.equal(stdout, `${file}  ${Math.round(size / 1000)} kB, second: open it in a browser\n`);
    const report = await reportIn(file);
    assert.deepEqual(
      report.sweeps.map(({ name, counts }) => [name, counts.configurations, counts.error]),
      [['second', 30, 1]],
    );
  });

  test('the same store gives the same file, to the last byte', async () => {
    const files = ['one.html', 'two.html'].map((name) => join(folder, name));
    for (const file of files) await written(file, '--sweep', 'first');
    assert.ok(readFileSync(files[0]!).equals(readFileSync(files[1]!)));
  });

  test('sets several sweeps side by side', async () => {
    const file = join(folder, 'both.html');
    await written(file, '--sweep', 'first', '--sweep', 'second');
    const { sweeps, comparisons } = await reportIn(file);
    assert.deepEqual(
      sweeps.map(({ name }) => name),
      ['first', 'second'],
    );
    assert.deepEqual([comparisons[0]!.common, comparisons[0]!.onlyInA], [29, 6]);
  });

  test('--no-machine leaves processors and folders out', async () => {
    const [with_, without] = [join(folder, 'with.html'), join(folder, 'without.html')];
    await written(with_);
    await written(without, '--no-machine');
    const [all, some] = [await reportIn(with_), await reportIn(without)];
    assert.deepEqual(
      [all.sweeps[0].runs[0]!.machine, all.sweeps[0].datasets[0]!.dataRoot !== null],
      ['a CPU, linux x64', true],
    );
    assert.deepEqual([some.sweeps[0].runs[0]!.machine, some.sweeps[0].datasets[0]!.dataRoot], [null, null]);
    assert.ok(!readFileSync(without, 'utf8').includes(folder), 'the store is named without its folder');
    assert.doesNotMatch(readFileSync(with_, 'utf8'), /a host|somebody/);
  });

  test('a file that is there is replaced with --force only, and a store never', async () => {
    const file = join(folder, 'there.html');
    writeFileSync(file, 'mine');
    const refused = await ask(['report', '--db', db, '--html', file]);
    assert.equal(refused.code, 2);
    assert.match(
      refusalIn(refused),
      /there\.html: is there already\. Choose another name, or replace it with --force\.\n$/,
    );
    assert.equal(readFileSync(file, 'utf8'), 'mine');
    await written(file, '--force');
    assert.match(readFileSync(file, 'utf8'), /^<!doctype html>/);
    const store = await ask(['report', '--db', db, '--html', db, '--force']);
    assert.deepEqual([store.code, /the store itself/.test(refusalIn(store))], [2, true]);
    const full = join(folder, 'a folder');
    mkdirSync(full);
    assert.match(
      refusalIn(await ask(['report', '--db', db, '--html', full, '--force'])),
      /a folder: could not be written \(it is a folder/,
    );
  });

  test('what makes no sense beside it is refused, before anything is written', async () => {
    const file = join(folder, 'never.html');
    for (const [args, message] of [
      [['--html', file, '--top', '3'], /'--html <file>' cannot be used with option '--top <n>'/],
      [['--html', file, '--json'], /cannot be used with option '--(json|format <format>)'/],
      [['--html', file, '--all'], /cannot be used with option '--all'/],
      [['--html', file, '--sweep', 'third'], /third/],
      [['--force'], /--force: for --html FILE/],
      [['--no-machine'], /--no-machine: for --html FILE/],
      [['--models', folder], /--models: for --html FILE/],
      [['--sweep', 'first', '--sweep', 'second'], /--sweep: one sweep, got 2\. Several are for --html FILE/],
    ] as const) {
      const ended = await ask(['report', '--db', db, ...args]);
      assert.equal(ended.code, 2, args.join(' '));
      assert.match(refusalIn(ended), message);
    }
    assert.ok(!existsSync(file));
  });
});

describe('sweep report --html --models', () => {
  const tiny = join(folder, 'tiny.db');
  const run = join(folder, 'models-of-one');

  before(async () => {
    const axes = { agesMinutes: [[30]], regressorKind: ['ridge'], ridgeAlpha: [10] } as const;
    await runSweepFile(writeDefinition(folder, { name: 'tiny', axes }), tiny);
    const { rows } = JSON.parse((await ask(['report', '--db', tiny, '--json'])).stdout);
    const ended = await ask(['reproduce', rows[0].id, '--db', tiny, '--out', run]);
    assert.equal(ended.code, 0, ended.stderr);
  });

  test('shows the coefficients that reproduce wrote, the largest first', async () => {
    const file = join(folder, 'with models.html');
    const ended = await ask(['report', '--db', tiny, '--html', file, '--models', run]);
    assert.equal(ended.code, 0, ended.stderr);
    const { sweeps } = await reportIn(file);
    const [coefficients] = sweeps[0].coefficients;
    assert.equal(coefficients!.configuration, sweeps[0].named[0]!.configuration);
    assert.equal(coefficients!.models.length, 8);
    const rows = [...(await readParquetFile(join(run, 'models', 'coefficients.parquet')))].map((row) => row!.toJSON());
    for (const { model, fit, intercept, features } of coefficients!.models) {
      const own = rows.filter(
        (row) => `${row['side'].toLowerCase()}_${row['feature_set']} ${row['model']}` === `${model} ${fit}`,
      );
      assert.equal(intercept, own.find(({ feature }) => feature === null)!['coef_standardized']);
      assert.equal(features.length, own.length - 1);
      const sizes = features.map(({ standardized }) => Math.abs(standardized));
      assert.deepEqual(
        sizes,
        sizes.toSorted((a, b) => b - a),
      );
      for (const { name, standardized, original } of features) {
        const row = own.find(({ feature }) => feature === name)!;
        assert.deepEqual([standardized, original], [row['coef_standardized'], row['coef']]);
      }
    }
  });

  test('models of what the sweep has not judged are refused, and files that were changed', async () => {
    const file = join(folder, 'refused.html');
    const foreign = await ask(['report', '--db', db, '--html', file, '--models', run]);
    assert.equal(foreign.code, 2);
    assert.match(refusalIn(foreign), /models-of-one: its models are of no configuration that "second" judged/);
    const changed = join(folder, 'changed');
    cpSync(run, changed, { recursive: true });
    cpSync(join(run, 'state_continue_train.parquet'), join(changed, 'models', 'coefficients.parquet'));
    const ended = await ask(['report', '--db', tiny, '--html', file, '--models', changed]);
    assert.deepEqual([ended.code, /coefficients\.parquet/.test(refusalIn(ended))], [2, true]);
    const none = await ask(['report', '--db', tiny, '--html', file, '--models', folder]);
    assert.deepEqual([none.code, existsSync(file)], [2, false]);
    assert.match(
      refusalIn(none),
      /: no folder of models \(.+\)\. `npx sweep reproduce ID --db .+` writes one, and says where\n$/,
    );
  });
});
