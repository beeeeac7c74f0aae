import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { randomFrom } from '../support/random.ts';
import { ask, type Ended, sharedFolder, sweep } from '../support/sweep-command.ts';
import { runSweepFile, writeDefinition } from '../support/tiny-sweep.ts';

const BARS = 2400;
/** Minutes of the first symbol that are missing. */
const GAP = { first: 700, count: 25 };
const SETTINGS = ['--entry-horizon-minutes', '20', '--max-age-minutes', '10', '--entry-stride-minutes', '2'];

const folder = sharedFolder();
const dataRoot = join(folder, 'data');
const sources = [`BTCUSDT=${join(folder, 'btc.csv')}`, `ETHUSDT=${join(folder, 'eth.csv.gz')}`];
let built: Ended;

before(async () => {
  const all = walk(1, 30_000);
  const btc = [...all.slice(0, GAP.first + 1), ...all.slice(GAP.first + GAP.count + 1)];
  writeFileSync(join(folder, 'btc.csv'), btc.join('\n'));
  writeFileSync(join(folder, 'eth.csv.gz'), gzipSync(walk(2, 2_000).join('\n')));
  built = await build('pair', sources, sweep);
});

describe('sweep baseline build', () => {
  test('makes a baseline run of two symbols and says what it made of which bars', () => {
    assert.equal(built.code, 0, built.stderr);
    assert.match(built.stdout, /^baseline run pair: 58 market features of 4,775 bars\n/);
    assert.match(built.stdout, new RegExp(`^BTCUSDT: ${(BARS - GAP.count).toLocaleString('en-US')} bars, `, 'm'));
    assert.match(
      built.stdout,
      /^ETHUSDT: 2,400 bars, 2024-05-01 00:00 to 2024-05-02 15:59 UTC\n {2}files {5}.+eth\.csv\.gz \(sha256 [0-9a-f]{12}…\)\n {2}read as {3}gzip › CSV/m,
    );
    assert.match(built.stdout, /^ {2}minutes {3}25 missing in 1 gap$/m);
    for (const split of ['fit_inner', 'tune', 'validation_locked', 'latest_stress']) {
      assert.match(
        built.stdout,
        new RegExp(
          `^${split} +2024-05-0[12] \\d\\d:\\d\\d +2024-05-0[12] \\d\\d:\\d\\d +\\d\\.\\d +[1-9][\\d,]+ `,
          'm',
        ),
      );
    }
    assert.match(built.stdout, /^ {2}constant {2}5 features the same in every row: spread_bps, /m);
    assert.match(built.stdout, /^warning: fit_inner has 1 day of bars; at least 14 are needed/m);
    assert.match(built.stdout, /^next: /m);
  });

  test('makes exactly what sweep run and sweep experiment read', async () => {
    const db = join(folder, 'built.db');
    const axes = { agesMinutes: [[3, 5]], regressorKind: ['huber', 'ridge'] } as const;
    const definition = writeDefinition(folder, { name: 'built', dataRoot, runId: 'pair', axes });
    const { completed } = await runSweepFile(definition, db);
    assert.equal(completed, 2);
    const report = await ask(['report', '--db', db, '--where', 'kind=ridge', '--format', 'json']);
    const [{ id }] = JSON.parse(report.stdout).rows;
    const shown = JSON.parse((await ask(['show', id, '--db', db, '--json'])).stdout);
    const run = ['--data-root', dataRoot, '--baseline-run-id', 'pair', '--run-id', 'one'];
    const experiment = await ask([
      'experiment',
      ...run,
      '--ages-minutes',
      '5,3',
      '--regressor-kind',
      'ridge',
      '--json',
    ]);
    assert.equal(experiment.code, 0, experiment.stderr);
    const { result, manifest } = JSON.parse(experiment.stdout);
    assert.equal(manifest.dataset_hash_sha256, shown.provenance.dataset.contentHash);
    assert.deepEqual(metricsOf(result), metricsOf(shown.result));
    const files = readdirSync(join(dataRoot, 'trader-v4/runs/one/experiments/state_continue'));
    assert.ok(files.includes('models'));
    assert.equal(files.length, 9 + 1, 'the nine files and the models');
  });

  test('of the same bars makes the same run again, and replaces one only when --force says so', async () => {
    const before = read('pair', 'feature/feature_frame.parquet');
    const refused = await build('pair', sources.slice(0, 1));
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^sweep: .+pair: a new run's folder must be empty, it is not\. .+--force\n$/);
    assert.ok(read('pair', 'feature/feature_frame.parquet').equals(before));
    assert.equal((await build('forced', sources)).code, 0);
    for (const file of ['feature/feature_frame.parquet', 'label/entry_labels.parquet', 'model/entry/entry.onnx']) {
      assert.ok(read('forced', file).equals(read('pair', file)), file);
    }
    assert.equal((await build('forced', [...sources.slice(0, 1), '--force'])).code, 0);
    assert.ok(read('forced', 'feature/feature_frame.parquet').length < before.length);
  });
});

describe('bars that cannot be used', { concurrency: 2 }, () => {
  const lines = walk(3, 100);
  const cases = [
    { what: 'no file', text: null, message: /bars\.csv: .*(ENOENT|no such file)/ },
    { what: 'an empty file', text: '', message: /bars\.csv: a bar file needs a header and rows, got an empty file/ },
    {
      what: 'a missing column',
      text: lines.map((line) => line.split(',').toSpliced(5, 1).join()).join('\n'),
      message: /bars\.csv: column volume missing/,
    },
    {
      what: 'text for a number',
      text: changed(4, (fields) => fields.with(4, 'high')),
      message: /bars\.csv: line 5: close must be a number, got "high"/,
    },
    {
      what: 'a high below the low',
      text: changed(4, (fields) => fields.with(2, '1')),
      message: /bars\.csv: line 5: low must not be above high, got low [\d.]+, high 1$/m,
    },
    {
      what: 'two bars of one minute',
      text: changed(5, (fields) => fields.with(0, lines[4]!.split(',')[0]!)),
      message: /bars\.csv.+line [56]/,
    },
    { what: 'too few bars', text: lines.slice(0, 200).join('\n'), message: /bars are too few|too few|need/ },
  ] as const;

  for (const [i, { what, text, message }] of cases.entries()) {
    test(`${what}: one line says so, exit 2, and nothing is left`, async () => {
      const path = join(folder, `${i}-bars.csv`);
      if (text !== null) writeFileSync(path, text);
      const { code, stdout, stderr } = await build(`bad-${i}`, [`X=${path}`]);
      assert.equal(code, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /^sweep: [^\n]+\n$/);
      assert.match(stderr, message);
      assert.deepEqual(
        readdirSync(join(dataRoot, 'trader-v4/runs')).filter((name) => name.includes(`bad-${i}`)),
        [],
      );
    });
  }

  test('a run id that leaves its folder is refused', async () => {
    const { code, stderr } = await build('../../outside', sources);
    assert.equal(code, 2);
    assert.match(stderr, /^sweep: [^\n]+\n$/);
    assert.ok(!existsSync(join(dataRoot, '..', 'outside')) && !existsSync(join(dataRoot, 'outside')));
  });

  /** The CSV with one line's fields changed. */
  function changed(row: number, change: (fields: string[]) => string[]): string {
    return lines.with(row, change(lines[row]!.split(',')).join(',')).join('\n');
  }
});

function build(runId: string, args: readonly string[], start: (args: readonly string[]) => Promise<Ended> = ask) {
  return start(['baseline', 'build', ...args, '--data-root', dataRoot, '--run-id', runId, ...SETTINGS]);
}

function read(runId: string, file: string): Buffer {
  return readFileSync(join(dataRoot, 'trader-v4/runs', runId, file));
}

/** A header and minutes of a random walk: trending by the hour, with busy and quiet spells. */
function walk(seed: number, firstPrice: number): string[] {
  const random = randomFrom(seed);
  const lines = ['open_time_ms,open,high,low,close,volume,quote_volume,trades,taker_buy_base'];
  let price = firstPrice;
  for (let i = 0; i < BARS; i += 1) {
    const trend = Math.sin(i / 60) * 2e-4;
    const open = price;
    const close = open * (1 + trend + 8e-4 * random.normal());
    const high = Math.max(open, close) * (1 + 3e-4 * random.uniform());
    const low = Math.min(open, close) * (1 - 3e-4 * random.uniform());
    const volume = 1 + 20 * random.uniform() ** 3;
    const taker = volume * (close > open ? 0.5 + 0.5 * random.uniform() : 0.5 * random.uniform());
    const fields = [open, high, low, close, volume, (volume * (open + close)) / 2];
    const time = Date.UTC(2024, 4, 1) + i * 60_000;
    lines.push([time, ...fields.map((value) => value.toFixed(6)), random.integer(1, 500), taker.toFixed(6)].join());
    price = Number(close.toFixed(6));
  }
  return lines;
}

/** What is judged on the data, not how a solver came to it. */
function metricsOf(result: Record<string, Record<string, unknown>>) {
  const splits = ['fit_inner', 'tune', 'validation_locked', 'latest_stress'];
  return Object.entries(result).map(([model, values]) => [model, splits.map((split) => values[split])]);
}
