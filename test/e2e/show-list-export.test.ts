import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { tableFromIPC } from 'apache-arrow';
import Papa from 'papaparse';
import { ParquetFile } from 'parquet-wasm';
import { sha256Json } from '../../src/canonical-json.ts';
import { codeIdentity } from '../../src/code-identity.ts';
import { version } from '../../src/version.ts';
import { type StoredVerdict, storedVerdicts } from '../support/stored-verdicts.ts';
import { ask, sharedFolder } from '../support/sweep-command.ts';
import { runSweepFile, TINY_DATA_ROOT, writeDefinition } from '../support/tiny-sweep.ts';

const AXES = {
  agesMinutes: [[38], [185]],
  regressorKind: ['huber', 'ridge'],
  ridgeAlpha: { logspace: [0, 3, 16] },
} as const;
const CONFIGURATIONS = 2 * (1 + 16);

const folder = sharedFolder();
const db = join(folder, 'shown.db');
let verdicts: ReadonlyMap<string, StoredVerdict>;

before(async () => {
  await runSweepFile(writeDefinition(folder, { name: 'shown', axes: AXES }), db);
  verdicts = await storedVerdicts(db);
});

describe('sweep show', { concurrency: 2 }, () => {
  test('prints the gates, the metrics of every split, the fits and where it came from', async () => {
    const id = [...verdicts].find(([, { configuration }]) => configuration.regressor.kind === 'huber')?.[0] ?? '';
    const { code, stdout } = await ask(['show', id, '--db', db], { env: { COLUMNS: '100' } });
    assert.equal(code, 0);
    assert.match(
      stdout,
      new RegExp(`^${id} {2}(not ready \\(NOT_READY_FOR_FORMAL_CHAIN\\)|pass \\(PASS_TO_FORMAL_CHAIN\\))\n`),
    );
    for (const title of [
      'configuration',
      'gates',
      'fit_inner',
      'tune',
      'validation_locked',
      'latest_stress',
      'fits',
      'made by',
    ]) {
      assert.match(stdout, new RegExp(`^${title}$`, 'm'));
    }
    assert.equal(stdout.match(/^ {2}(long|short)_market_(only|plus_state) /gm)?.length, 4 * 5);
    assert.match(stdout, /^ {2}baseline run +tiny in .+test\/golden\/runs$/m);
    assert.ok(
      stdout.split('\n').every((line) => line.length <= 100 || line.includes('/')),
      'only paths may be longer',
    );
  });

  test('says what made the verdict: code, commit, Node, CPU, data, definition and options', async () => {
    const id = [...verdicts.keys()][0] ?? '';
    const [{ stdout }, json] = await Promise.all([
      ask(['show', id, '--db', db], { env: { COLUMNS: '300' } }),
      ask(['show', id, '--db', db, '--json']),
    ]);
    const { provenance } = JSON.parse(json.stdout);
    const {
      codeVersion,
      codeHash,
      gitCommit,
      gitDirty,
      nodeVersion,
      cpuModel,
      dataset,
      definition,
      definitionSha256,
      options,
    } = provenance;
    assert.equal(codeVersion, version());
    assert.equal(codeHash, codeIdentity().hash);
    assert.equal(nodeVersion, process.version);
    assert.equal(cpuModel, cpus()[0]?.model.trim());
    assert.match(gitCommit ?? '0'.repeat(40), /^[0-9a-f]{40}$/);
    assert.equal(gitDirty === null, gitCommit === null);
    assert.match(dataset.contentHash, /^[0-9a-f]{64}$/);
    assert.deepEqual(definition.axes, AXES);
    assert.equal(definitionSha256, sha256Json(definition));
    assert.deepEqual(
      Object.keys(options).sort(),
      'allowLongAges barGaps cache featureOrder file fresh injectedFault limit maxMemory retryErrors seal threads timeLimit'.split(
        ' ',
      ),
    );
    const git = gitCommit === null ? 'no git checkout' : gitCommit + (gitDirty ? ', with uncommitted changes' : '');
    for (const said of [
      `  code          ${codeVersion} ${codeHash.slice(0, 12)} (${git})`,
      `  machine       ${cpuModel}, ${provenance.platform}, Node ${nodeVersion}`,
      `  dataset       ${dataset.contentHash}`,
      `  its sha256    ${definitionSha256}`,
    ]) {
      assert.ok(stdout.split('\n').includes(said), `${said} is not in\n${stdout}`);
    }
    assert.match(stdout, /^ {2}options {7}barGaps keep, .*threads \d+, timeLimit 300$/m);
    assert.match(stdout, /^ {2}definition {4}\{ "axes": \{ "agesMinutes"/m);
  });

  test('takes the short id that the leaderboard shows, in capitals, too', async () => {
    const report = await ask(['report', '--db', db, '--top', '1']);
    const short = /^ *1 +([0-9a-f]{7,}) /m.exec(report.stdout)?.[1] ?? '';
    const { stdout } = await ask(['show', short.toUpperCase(), '--db', db, '--json']);
    assert.ok(JSON.parse(stdout).id.startsWith(short));
  });

  test('of an ambiguous id names those it may be, and exits 2', async () => {
    const ids = [...verdicts.keys()];
    // Of 34 ids two begin alike.
    const digit = [...'0123456789abcdef'].find((first) => ids.filter((id) => id.startsWith(first)).length > 1) ?? '';
    const { code, stdout, stderr } = await ask(['show', digit, '--db', db]);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.match(
      stderr,
      new RegExp(`^sweep: id ${digit}: ambiguous, it may be ${digit}[0-9a-f]{23}, .+\\. Give more characters\n$`),
    );
  });

  test('of an unknown id, or what is none, says so and exits 2', async () => {
    const unknown =
      ['000000', 'ffffff'].find((prefix) => ![...verdicts.keys()].some((id) => id.startsWith(prefix))) ?? '';
    const [missing, nonsense] = await Promise.all([
      ask(['show', unknown, '--db', db]),
      ask(['show', "'; DROP", '--db', db]),
    ]);
    assert.equal(missing.code, 2);
    assert.equal(
      missing.stderr,
      `sweep: id ${unknown}: no such configuration in this store. See \`npx sweep report --db ${db}\`\n`,
    );
    assert.equal(nonsense.code, 2);
    assert.match(nonsense.stderr, /^sweep: id "'; DROP": expected the first characters of an id, 0-9 and a-f\. .+\n$/);
  });
});

describe('sweep list', { concurrency: 2 }, () => {
  test('shows each sweep with its counts and its last run', async () => {
    const { code, stdout } = await ask(['list', '--db', db], { env: { COLUMNS: '120' } });
    assert.equal(code, 0);
    assert.match(stdout, /^sweep +baseline +configurations +pass +not_ready +error +pending +last_run +/);
    assert.match(
      stdout,
      new RegExp(
        `^shown +tiny +${CONFIGURATIONS} +\\d+ +\\d+ +0 +0 +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d finished +1`,
        'm',
      ),
    );
  });

  test('prints the same as JSON', async () => {
    const { sweeps } = JSON.parse((await ask(['list', '--db', db, '--json'])).stdout);
    assert.equal(sweeps.length, 1);
    const [{ sweep: name, configurations, pass, not_ready: notReady, last_run: lastRun }] = sweeps;
    assert.equal(name, 'shown');
    assert.equal(configurations, CONFIGURATIONS);
    assert.equal(pass + notReady, CONFIGURATIONS);
    assert.equal(lastRun.outcome, 'finished');
    assert.deepEqual(lastRun.definition.axes, AXES);
  });
});

describe('a store of an older version', () => {
  test('is brought forward by whatever opens it, which says so once and names the copy', async () => {
    const old = join(folder, 'old.db');
    copyFileSync(fileURLToPath(new URL('../store/schemas/schema-1.db', import.meta.url)), old);
    const [first, second] = [await ask(['list', '--db', old]), await ask(['list', '--db', old])];
    assert.deepEqual([first.code, second.code], [0, 0]);
    const said = /^.+old\.db: made by an older version, going from schema 1 to \d+; a copy of it as it was: (.+)\n$/;
    const copy = said.exec(first.stderr)?.[1] ?? '';
    assert.ok(existsSync(copy), first.stderr);
    assert.equal(second.stderr, '');
    assert.equal(first.stdout, second.stdout);
  });
});

describe('sweep export', { concurrency: 2 }, () => {
  test('does not replace the store, nor a link or a device by a file', async () => {
    const link = join(folder, 'link.csv');
    writeFileSync(join(folder, 'meant.csv'), 'old');
    symlinkSync('meant.csv', link);
    const before = readFileSync(db);
    for (const out of [db, join(folder, '.', 'shown.db')]) {
      const { code, stderr } = await ask(['export', '--db', db, '--out', out, '--force']);
      assert.equal(code, 2);
      assert.match(stderr, /^sweep: .+shown\.db: the store itself, which an export must not replace\. .+\n$/);
    }
    assert.ok(before.equals(readFileSync(db)));
    assert.equal((await ask(['export', '--db', db, '--out', link, '--force'])).code, 0);
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.match(readFileSync(join(folder, 'meant.csv'), 'utf8'), /^id,/);
    assert.equal((await ask(['export', '--db', db, '--out', '/dev/null'])).code, 0);
    assert.ok(lstatSync('/dev/null').isCharacterDevice());
    assert.equal((await ask(['export', '--db', db, '--out', folder])).code, 2);
  });

  test('takes the place of no other store, nor of what belongs to one', async () => {
    const place = join(folder, 'stores');
    mkdirSync(place);
    const other = join(place, 'other.db');
    copyFileSync(db, other);
    for (const name of ['-wal', '-shm', '.writer', '-journal']) writeFileSync(`${other}${name}`, name);
    for (const out of ['', '-wal', '-shm', '.writer', '-journal'].map((end) => `${other}${end}`)) {
      const before = readFileSync(out);
      for (const command of [
        ['export', '--db', db, '--out', out, '--force'],
        ['init', out, '--force', '--data-root', TINY_DATA_ROOT, '--run-id', 'tiny'],
      ]) {
        const { code, stderr } = await ask(command);
        assert.equal(code, 2, command.join(' '));
        assert.match(stderr, /^sweep: .+other\.db.*: (a store|its name belongs to the store) .+ Name another file\n$/);
      }
      assert.ok(before.equals(readFileSync(out)));
      if (out !== other) rmSync(out);
      // Nor where nothing is yet: SQLite would take it for its own.
      const backup = await ask(['backup', out, '--db', db]);
      assert.equal(backup.code, 2);
      assert.equal(existsSync(out), out === other);
    }
    const beside = await ask(['export', '--db', db, '--out', join(place, 'mine-wal')]);
    assert.equal(beside.code, 0, beside.stderr);
  });

  test('writes through no link that somebody has planted beside the file, and over no file that is there', async () => {
    const place = join(folder, 'planted');
    mkdirSync(place);
    writeFileSync(join(place, 'victim'), 'years of work');
    const names = [`all.csv.${process.pid}.tmp`, 'all.csv.tmp'];
    for (const name of names) symlinkSync('victim', join(place, name));
    assert.equal((await ask(['export', '--db', db, '--out', join(place, 'all.csv')])).code, 0);
    assert.equal(readFileSync(join(place, 'victim'), 'utf8'), 'years of work');
    assert.deepEqual(readdirSync(place).sort(), ['all.csv', ...names, 'victim'].sort());
  });

  test('writes every metric of every verdict as CSV, and nothing of it is lost by reading it back', async () => {
    const { code, stdout } = await ask(['export', '--db', db]);
    assert.equal(code, 0);
    const { data, errors } = Papa.parse<Record<string, string>>(stdout, { header: true, skipEmptyLines: true });
    assert.deepEqual(errors, []);
    assertExported(data, (text) => (text === '' ? null : Number(text)));
  });

  test('writes the same as parquet, a missing number as null', async () => {
    const out = join(folder, 'verdicts.parquet');
    const { code, stderr } = await ask(['export', '--db', db, '--out', out]);
    assert.equal(code, 0, stderr);
    const file = await ParquetFile.fromFile(new Blob([readFileSync(out)]));
    const table = tableFromIPC((await file.read({ batchSize: 10_000 })).intoIPCStream());
    assertExported(
      table.toArray().map((row) => row.toJSON()),
      (value) => value,
    );
  });

  test('writes to a file that is whole or not there', async () => {
    const made = join(folder, 'no', 'such', 'folder', 'verdicts.csv');
    assert.equal((await ask(['export', '--db', db, '--out', made])).code, 0);
    assert.ok(existsSync(made), 'folders that were missing are made');
    const { code, stderr } = await ask(['export', '--db', db, '--out', join(made, 'below.csv')]);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^sweep: .+below\.csv: could not be written \(a part of its path is a file, not a folder\)\n$/,
    );
  });

  test('replaces a file that is there with --force only, which is for a file', async () => {
    const out = join(folder, 'there.csv');
    writeFileSync(out, 'mine');
    for (const more of [[], ['--losses']]) {
      const { code, stderr } = await ask(['export', '--db', db, '--out', out, ...more]);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^sweep: .+there\.csv: is there already\. Choose another name, or replace it with --force\.\n$/,
      );
    }
    assert.equal(readFileSync(out, 'utf8'), 'mine');
    assert.equal((await ask(['export', '--db', db, '--out', out, '--force'])).code, 0);
    assert.match(readFileSync(out, 'utf8'), /^id,/);
    const { code, stdout, stderr } = await ask(['export', '--db', db, '--force']);
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(stderr, 'sweep: --force: for --out FILE. Standard output replaces nothing\n');
  });

  test('of parquet asks for a file', async () => {
    const { code, stdout, stderr } = await ask(['export', '--db', db, '--format', 'parquet']);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    assert.equal(stderr, 'sweep: export: parquet needs a file. Name it with --out FILE.parquet\n');
  });

  test('of a sweep that does not exist prints nothing but the error', async () => {
    const { code, stdout, stderr } = await ask(['export', '--db', db, '--sweep', 'nope']);
    assert.equal(code, 2);
    assert.equal(stderr, 'sweep: sweep "nope": not in this store, which has "shown"\n');
    assert.equal(stdout.length, 0, `${stdout.slice(0, 60)}…`);
  });
});

/** Rows of an export against the store: every number to its last bit. */
function assertExported<T>(rows: readonly Record<string, T>[], read: (cell: T | undefined) => unknown): void {
  assert.equal(rows.length, CONFIGURATIONS);
  let missing = 0;
  for (const row of rows) {
    const stored = verdicts.get(String(row.id));
    assert.ok(stored !== undefined);
    assert.deepEqual([row.data, row.dataset], [stored.dataset.dataHash, stored.dataset.contentHash]);
    assert.equal(row.ages, stored.configuration.agesMinutes.join());
    for (const [name, value] of Object.entries(stored.metrics)) {
      const cell = row[name];
      if (typeof value === 'string') assert.equal(cell, value);
      else assert.equal(read(cell), value, name);
      if (value === null) missing += 1;
    }
  }
  assert.ok(missing > 0, 'a split of one class has no AUC');
}
