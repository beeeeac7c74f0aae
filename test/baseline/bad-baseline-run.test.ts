import assert from 'node:assert/strict';
import { readFile, rename, rm, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import type { Vector } from 'apache-arrow';
import { readBaselineRun } from '../../src/baseline/baseline-run.ts';
import { missingRun } from '../../src/baseline/missing-run.ts';
import { UserError } from '../../src/user-error.ts';
import { numberVector, textVector, timeVector } from '../support/arrow-columns.ts';
import { readParquetFile, writeParquetFile } from '../support/parquet.ts';
import { randomFrom } from '../support/random.ts';
import { randomRun } from '../support/random-run.ts';
import { write, writeJson, writeRunFolder } from '../support/run-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PLAIN = randomRun(randomFrom(5));
const FEATURES = 'feature/feature_frame.parquet';
const LABELS = 'label/entry_labels.parquet';
const BARS = 'replay/bars.parquet';

/** Damages a run's folder, and the one line that reading it must end with; FOLDER stands for the run's folder. */
type Damage = { what: string; damage: (folder: string) => Promise<void>; message: string | RegExp };

async function messageOfReading(context: TestContext, damage: Damage['damage']): Promise<string> {
  const dataRoot = await temporaryFolder(context);
  const folder = await writeRunFolder(dataRoot, 'run-1', PLAIN);
  await damage(folder);
  try {
    const { features, replay } = await readBaselineRun(dataRoot, 'run-1');
    const { length: count } = features.featureOrder;
    await features.readFeatures(new Float32Array(features.rowCount * count), count);
    await replay.readPrices();
  } catch (error) {
    assert.ok(error instanceof UserError, `not a user's mistake: ${error instanceof Error ? error.stack : error}`);
    return error.message.replaceAll(folder, 'FOLDER');
  }
  throw new Error('the damaged run was read without complaint');
}

function testDamages(damages: readonly Damage[]): void {
  for (const { what, damage, message } of damages) {
    test(what, async (context) => {
      const got = await messageOfReading(context, damage);
      assert.ok(!got.includes('\n'), 'one line');
      if (typeof message === 'string') assert.equal(got, message);
      else assert.match(got, message);
    });
  }
}

/** Writes a parquet file again with some of its columns changed; undefined leaves a column out. */
function withColumns(file: string, change: (count: number) => Record<string, Vector | undefined>) {
  return async (folder: string): Promise<void> => {
    const table = await readParquetFile(join(folder, file));
    const columns = Object.fromEntries(table.schema.names.map((name) => [String(name), table.getChild(name)!]));
    const changed = Object.entries({ ...columns, ...change(table.numRows) });
    const kept = changed.filter((entry): entry is [string, Vector] => entry[1] !== undefined);
    await writeParquetFile(join(folder, file), Object.fromEntries(kept));
  };
}

const without = (file: string, ...names: string[]) =>
  withColumns(file, () => Object.fromEntries(names.map((name) => [name, undefined])));

/** A column of as many values, made by `make` from row numbers. */
const filled = <T>(count: number, make: (row: number) => T): T[] =>
  Array.from({ length: count }, (_, row) => make(row));

describe('a file that is missing is named with its place', () => {
  const files = [
    'label/price_plan_context.json',
    'model/model_train_manifest.json',
    'model/direction/direction.onnx',
    'model/entry/entry.onnx',
    FEATURES,
    LABELS,
    'split/split_manifest.json',
  ];
  testDamages(
    files.map((file) => ({
      what: file,
      damage: (folder) => rm(join(folder, file)),
      message: `${file}: file is missing (FOLDER/${file})`,
    })),
  );

  testDamages([
    {
      what: 'feature/feature_order.json, with the option that replaces it',
      damage: (folder) => rm(join(folder, 'feature/feature_order.json')),
      message:
        'feature/feature_order.json: file is missing (FOLDER/feature/feature_order.json). Or name the market features in model order with --feature-order FILE.',
    },
    {
      what: 'the bars, by the path in the split manifest',
      damage: (folder) => rm(join(folder, BARS)),
      message: `replay ${BARS}: file is missing (FOLDER/${BARS})`,
    },
    {
      what: 'the whole run',
      damage: (folder) => rm(folder, { recursive: true }),
      message:
        /^baseline run run-1: there is no folder FOLDER\. There is none \(`sweep baseline list --data-root .+`\); `sweep baseline build` makes one from bars\.$/,
    },
  ]);

  testDamages([
    {
      what: 'a folder where a parquet file should be, without parts',
      damage: async (folder) => {
        await rm(join(folder, FEATURES));
        await write(join(folder, FEATURES, '_SUCCESS'), '');
      },
      message: `${FEATURES}: expected a parquet file, got a folder without any (FOLDER/${FEATURES})`,
    },
    {
      what: 'a folder of parts with something else in it',
      damage: async (folder) => {
        await rename(join(folder, FEATURES), join(folder, 'whole.parquet'));
        await write(join(folder, FEATURES, 'notes.txt'), '');
        await rename(join(folder, 'whole.parquet'), join(folder, FEATURES, 'part-0.parquet'));
      },
      message: `${FEATURES}: is a folder of part files, and notes.txt in it is no .parquet file. Write the table as one file.`,
    },
    {
      what: 'a folder of folders',
      damage: async (folder) => {
        await rm(join(folder, FEATURES));
        await write(join(folder, FEATURES, 'symbol=AAA', 'part-0.parquet'), '');
      },
      message:
        `${FEATURES}: is a folder of part files, and symbol=AAA in it is a folder (columns in folder names are not read). ` +
        'Write the table as one file.',
    },
    {
      what: 'a Delta table, whose log says which files count',
      damage: async (folder) => {
        await rename(join(folder, FEATURES), join(folder, 'whole.parquet'));
        await write(join(folder, FEATURES, '_delta_log', '00000000000000000000.json'), '{}');
        await rename(join(folder, 'whole.parquet'), join(folder, FEATURES, 'part-0.parquet'));
      },
      message: `${FEATURES}: is a Delta table. Write it as one parquet file.`,
    },
    {
      what: 'a part that lacks a column, by the part',
      damage: async (folder) => {
        const table = await readParquetFile(join(folder, FEATURES));
        const columns = Object.fromEntries(table.schema.names.map((name) => [String(name), table.getChild(name)!]));
        await rm(join(folder, FEATURES));
        await writeParquetFile(join(folder, FEATURES, 'part-0.parquet'), columns);
        const { ret_5m_bps: _, ...others } = columns;
        await writeParquetFile(join(folder, FEATURES, 'part-1.parquet'), others);
      },
      message: `${FEATURES}/part-1.parquet: column ret_5m_bps is missing`,
    },
  ]);
});

describe('a parquet file that cannot be read is named', () => {
  for (const file of [FEATURES, LABELS, BARS]) {
    const name = file === BARS ? `replay ${BARS}` : file;
    testDamages([
      {
        what: `${file}, cut short`,
        damage: async (folder) => truncate(join(folder, file), (await readFile(join(folder, file))).length - 100),
        message: new RegExp(
          `^${name.replace('/', '\\/')}: is not a readable parquet file \\(.+\\)\\. Write it again, or copy it whole\\.$`,
        ),
      },
      {
        what: `${file}, empty`,
        damage: (folder) => write(join(folder, file), ''),
        message: new RegExp(`^${name.replace('/', '\\/')}: is not a readable parquet file`),
      },
      {
        what: `${file}, text`,
        damage: (folder) => write(join(folder, file), 'symbol,high,low,close\nAAA,1,2,3\n'),
        message: new RegExp(`^${name.replace('/', '\\/')}: is not a readable parquet file`),
      },
    ]);
  }
});

describe('a column that is missing is named', () => {
  testDamages([
    {
      what: 'a market feature, with how many were found',
      damage: without(FEATURES, 'ret_5m_bps'),
      message: `${FEATURES}: column ret_5m_bps is missing (8 of 9 market features found)`,
    },
    {
      what: 'many features, the first four of them',
      damage: without(FEATURES, ...PLAIN.featureOrder.slice(0, 6)),
      message: `${FEATURES}: column ${PLAIN.featureOrder.slice(0, 4).join(', ')} and 2 more is missing (3 of 9 market features found)`,
    },
    ...['sample_id', 'symbol', 'event_time', 'open_time_ms', 'split_id', 'walk_forward_fold', 'data_quality_flag'].map(
      (name) => ({
        what: `${name} of the feature frame`,
        damage: without(FEATURES, name),
        message: `${FEATURES}: column ${name} is missing (9 of 9 market features found)`,
      }),
    ),
    ...['sample_id', 'symbol', 'event_time', 'side', 'entry_target', 'split_id', 'walk_forward_fold'].map((name) => ({
      what: `${name} of the entry labels`,
      damage: without(LABELS, name),
      message: new RegExp(`^label/entry_labels\\.parquet: column ${name} is missing \\(it has `),
    })),
    ...['symbol', 'event_time', 'open_time_ms', 'high', 'low', 'close', 'spread_bps'].map((name) => ({
      what: `${name} of the bars`,
      damage: without(BARS, name),
      message: new RegExp(`^replay replay/bars\\.parquet: column ${name} is missing \\(it has `),
    })),
  ]);
});

describe('a column of the wrong type is named with the type it should have', () => {
  const text = (count: number) => textVector(filled(count, () => 'x'));
  const number = (count: number) =>
    numberVector(
      filled(count, () => 1),
      'int32',
    );
  const cast = 'Cast it before writing the file.';
  const wrong = (
    file: string,
    column: string,
    make: (count: number) => Vector,
    wanted: string,
    type: string,
  ): Damage => ({
    what: `${column} of ${file} as ${type}`,
    damage: withColumns(file, (count) => ({ [column]: make(count) })),
    message: `${file === BARS ? `replay ${file}` : file}: column ${column}: expected ${wanted}, got a column of type ${type}. ${cast}`,
  });
  const numeric = (file: string, columns: readonly string[]) =>
    columns.map((column) => wrong(file, column, text, 'a number', 'Utf8'));
  const textual = (file: string, columns: readonly string[]) =>
    columns.map((column) => wrong(file, column, number, 'text', 'Int32'));
  testDamages([
    ...numeric(FEATURES, ['open_time_ms', 'walk_forward_fold', 'ret_1m_bps', 'extra_b']),
    ...textual(FEATURES, ['sample_id', 'symbol', 'split_id', 'data_quality_flag']),
    wrong(FEATURES, 'event_time', number, 'a timestamp or ISO text', 'Int32'),
    ...numeric(LABELS, ['entry_target']),
    ...textual(LABELS, ['sample_id', 'symbol', 'side']),
    wrong(LABELS, 'event_time', number, 'a timestamp or ISO text', 'Int32'),
    ...numeric(BARS, ['open_time_ms', 'high', 'low', 'close']),
    ...textual(BARS, ['symbol']),
    wrong(
      BARS,
      'high',
      (count) =>
        timeVector(
          filled(count, () => 1n),
          'us',
        ),
      'a number',
      'Timestamp<MICROSECOND>',
    ),
    {
      what: 'an open time with a fraction',
      damage: withColumns(BARS, (n) => ({
        open_time_ms: numberVector(
          filled(n, (row) => (row === 3 ? 0.5 : row)),
          'float64',
        ),
      })),
      message: `replay ${BARS}: column open_time_ms: expected whole numbers, got 0.5 in row 3`,
    },
    {
      what: 'an infinite open time',
      damage: withColumns(FEATURES, (n) => ({
        open_time_ms: numberVector(
          filled(n, () => Infinity),
          'float64',
        ),
      })),
      message: `${FEATURES}: column open_time_ms: expected whole numbers, got Infinity in row 0`,
    },
    {
      what: 'an open time that a float64 cannot hold',
      damage: withColumns(FEATURES, (n) => ({
        open_time_ms: numberVector(
          filled(n, () => 2 ** 60),
          'int64',
        ),
      })),
      message: `${FEATURES}: column open_time_ms: expected whole numbers, got ${2 ** 60} in row 0`,
    },
    {
      what: 'a fold with a fraction',
      damage: withColumns(FEATURES, (n) => ({
        walk_forward_fold: numberVector(
          filled(n, () => 1.5),
          'float64',
        ),
      })),
      message: `${FEATURES}: column walk_forward_fold: expected whole numbers, got 1.5 in row 0`,
    },
    {
      what: 'a fold beyond 32 bits, which the written frame could not hold',
      damage: withColumns(FEATURES, (n) => ({
        walk_forward_fold: numberVector(
          filled(n, () => 2 ** 40),
          'int64',
        ),
      })),
      message: /column walk_forward_fold: expected .*got 1099511627776/,
    },
    ...[
      'tomorrow',
      '2023-13-01T00:00:00Z',
      '2023-02-30',
      '2023-01-01T25:00:00Z',
      '2023-01-01T00:61:00',
      '01/02/2023',
    ].map((time) => ({
      what: `a time that is none: ${time}`,
      damage: withColumns(LABELS, (n) => ({ event_time: textVector(filled(n, () => time)) })),
      message: `${LABELS}: column event_time: expected ISO 8601 text such as 2023-10-15T00:00:00Z, got "${time}"`,
    })),
  ]);
});

describe('a number no market has, which no fit could be made from, is named with its row', () => {
  const outside = (file: string, column: string, value: number, wanted: string): Damage => ({
    what: `${column} of ${file}, ${value}`,
    damage: withColumns(file, (count) => ({
      [column]: numberVector(
        filled(count, (row) => (row === 7 ? value : 1)),
        'float64',
      ),
    })),
    message: `${file === BARS ? `replay ${file}` : file}: column ${column}, row 7: expected ${wanted}, got ${value}. Check its unit, or write the file again`,
  });
  testDamages([
    ...[1e200, -2e16].map((value) => outside(FEATURES, 'extra_a', value, 'a number from -1e16 to 1e16')),
    ...[1e200, -1e17, 1e-17].map((value) => outside(BARS, 'close', value, 'a price from 1e-16 to 1e16')),
    outside(BARS, 'high', 1e17, 'a price from 1e-16 to 1e16'),
    outside(BARS, 'low', 1e-200, 'a price from 1e-16 to 1e16'),
  ]);
});

describe('a JSON file is checked', () => {
  const json = (file: string, what: string, content: string | object, message: string | RegExp): Damage => ({
    what: `${file}: ${what}`,
    damage: (folder) =>
      typeof content === 'string' ? write(join(folder, file), content) : writeJson(join(folder, file), content),
    message,
  });
  const order = 'feature/feature_order.json';
  const plan = 'label/price_plan_context.json';
  const config = 'label/label_config.json';
  const manifest = 'split/split_manifest.json';
  const trained = 'model/model_train_manifest.json';
  const complete = { stopDistanceBps: 60, targetDistanceBps: 90, costBps: 8 };
  testDamages([
    json(order, 'no JSON', '["a", ', /^feature\/feature_order\.json: is not JSON \(.+\)\. Or name the market features/),
    json(order, 'no text', '\uFFFD', /^feature\/feature_order\.json: is not JSON/),
    json(order, 'an object', {}, `${order}: expected a JSON array of feature names, got {}`),
    json(order, 'an empty array', [], `${order}: expected a JSON array of feature names, got []`),
    json(order, 'numbers', [1, 2], `${order}: expected a JSON array of feature names, got [1,2]`),
    json(order, 'a feature twice', [...PLAIN.featureOrder, 'extra_a'], `${order}: feature "extra_a" stands twice`),
    json(
      order,
      'a feature whose name has two lines',
      [...PLAIN.featureOrder.slice(0, -1), 'a\nb\u2028c'],
      /^feature\/feature_frame\.parquet: column a\\u000ab\\u2028c is missing \(/,
    ),
    json(
      order,
      'a feature with a name of a megabyte',
      [...PLAIN.featureOrder.slice(0, -1), 'x'.repeat(2 ** 20)],
      /^feature\/feature_frame\.parquet: column x{60}… is missing \(/,
    ),
    json(
      order,
      'without what the state features need',
      PLAIN.featureOrder.filter((name) => name !== 'ret_1m_bps'),
      `${order}: market feature ret_1m_bps is missing; the state features are made from it`,
    ),
    json(plan, 'no JSON', '{"stopDistanceBps": nan}', /^label\/price_plan_context\.json: is not JSON \(/),
    json(
      plan,
      "Python's NaN",
      '{"stopDistanceBps": NaN, "targetDistanceBps": 90, "costBps": 8}',
      `${plan}: stopDistanceBps: expected a number ≥ 0, got NaN`,
    ),
    json(
      plan,
      "Python's −Infinity",
      '{"stopDistanceBps": 60, "targetDistanceBps": 90, "costBps": -Infinity, "note": "NaN \\" Infinity"}',
      `${plan}: costBps: expected a finite number, got -Infinity`,
    ),
    json(plan, 'an array', [], `${plan}: expected a JSON object, got []`),
    json(plan, 'null', 'null', `${plan}: expected a JSON object, got null`),
    json(
      plan,
      'no cost',
      { ...complete, costBps: undefined },
      `${plan}: costBps: expected a finite number, got nothing`,
    ),
    json(
      plan,
      'a text for a number',
      { ...complete, costBps: '8' },
      `${plan}: costBps: expected a finite number, got "8"`,
    ),
    json(
      plan,
      'a negative stop',
      { ...complete, stopDistanceBps: -60 },
      `${plan}: stopDistanceBps: expected a number ≥ 0, got -60`,
    ),
    json(
      plan,
      'an infinite target',
      `{"stopDistanceBps":60,"targetDistanceBps":1e999,"costBps":8}`,
      /targetDistanceBps: expected a number ≥ 0/,
    ),
    json(
      plan,
      'a cost that float32 features cannot carry',
      { ...complete, costBps: 1e38 },
      `${plan}: costBps: expected a number from -1e16 to 1e16, got 1e+38. Check its unit, or write the file again`,
    ),
    json(config, 'no JSON', '{continue: {}}', /^label\/label_config\.json: is not JSON \(/),
    json(config, 'a list', [], `${config}: expected a JSON object, got []`),
    json(config, 'a number for continue', { continue: 15 }, `${config}: continue: expected a JSON object, got 15`),
    json(
      config,
      'no minutes',
      { continue: { horizon_minutes: 0 } },
      `${config}: continue: horizon_minutes: expected a number ≥ 1, got 0`,
    ),
    json(
      config,
      'half minutes',
      { continue: { horizon_minutes: 2.5 } },
      `${config}: continue.horizon_minutes: expected whole minutes, got 2.5`,
    ),
    json(
      config,
      'no edge',
      { continue: { min_expected_continue_edge_bps: null } },
      `${config}: continue: min_expected_continue_edge_bps: expected a finite number, got null`,
    ),
    json(manifest, 'no path', {}, `${manifest}: source_replay_path: expected a path, got nothing`),
    json(
      manifest,
      'an empty path',
      { source_replay_path: '' },
      `${manifest}: source_replay_path: expected a path, got ""`,
    ),
    json(
      manifest,
      'a null character',
      { source_replay_path: 'replay\0.parquet' },
      /^split\/split_manifest\.json: source_replay_path: expected a path, got "replay/,
    ),
    json(manifest, 'a number', { source_replay_path: 3 }, `${manifest}: source_replay_path: expected a path, got 3`),
    json(trained, 'no metrics', {}, `${trained}: CONTINUE: expected a JSON object, got nothing`),
    json(
      trained,
      'no heads',
      { CONTINUE: { metrics: {} } },
      `${trained}: CONTINUE.metrics.long_continue_prob: expected a JSON object, got nothing`,
    ),
    json(
      trained,
      'a text for a number',
      { CONTINUE: { metrics: { long_continue_prob: { auc: 'high' } } } },
      `${trained}: CONTINUE.metrics.long_continue_prob.auc: expected a number, got "high"`,
    ),
  ]);
});

test('of a run that is missing a shell reads the hint as it is meant', () => {
  const { message } = missingRun('my data', 'run-1', '/elsewhere');
  assert.match(message, /\(`sweep baseline list --data-root 'my data'`\)/);
});
