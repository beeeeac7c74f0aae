import type { MergedSource } from '../../merge-report.ts';
import { putCode, readCodes, referenced } from '../codes.ts';
import { type Connection, inTurn, type Sql } from '../connection.ts';
import { DamagedValue } from '../damaged-value.ts';
import { dataRowOf, putData, readAllData } from '../data.ts';
import { copyContent, putSelection, readContents, readSelections } from '../datasets.ts';
import { readRunRows } from '../read-runs.ts';
import { putRunShard, readRunShards } from '../run-shards.ts';
import { mergeRun } from '../runs.ts';
import { asNumber, asNumberOrNull, asText } from '../values.ts';
import { copyVerdicts } from './copy-verdicts.ts';
import { type RowMaps, rowIn } from './row-maps.ts';

/**
 * Copies what a source has and the target has not. It is called within a transaction of each.
 *
 * Every table of the schema is somebody's here, which a test holds: a new one is copied, or is not to be.
 */
export function* copyStore(from: Connection, to: Connection): Sql<Omit<MergedSource, 'location'>> {
  const codes = yield* rowsOf(yield* readCodes(from), (code) => putCode(to, code));
  // Where data lie is kept as the target knows it: the source's place may be another machine's.
  const data = yield* rowsOf(yield* readAllData(from), function* (record) {
    return (yield* dataRowOf(to, record)) ?? (yield* putData(to, record));
  });
  const selections = yield* rowsOf(yield* readSelections(from), (selection) => putSelection(to, selection));
  const contents = yield* rowsOf(yield* readContents(from), (content) => copyContent(to, content));
  const configurations = yield* copyConfigurations(from, to, selections);
  const sweeps = yield* copySweeps(from, to, configurations);
  const { runs, addedRuns, isRunning } = yield* copyRuns(from, to, { codes, data, sweeps });
  const maps: RowMaps = { codes, data, selections, contents, configurations, runs };
  yield* copyDatasets(from, to, maps);
  const verdicts = yield* copyVerdicts(from, to, maps);
  const addedFailures = yield* copyFailures(from, to, maps);
  yield* copyLooks(from, to, maps);
  return { ...verdicts, addedFailures, addedRuns, isRunning };
}

/** What each row of the source has become in the target. */
function* rowsOf<T, U>(rows: ReadonlyMap<number, T>, put: (value: T) => Sql<U>): Sql<ReadonlyMap<number, U>> {
  return new Map(
    yield* inTurn(rows, function* ([row, value]) {
      return [row, yield* put(value)] as const;
    }),
  );
}

function* copyConfigurations(
  from: Connection,
  to: Connection,
  selections: ReadonlyMap<number, number>,
): Sql<ReadonlyMap<number, number>> {
  const rows = new Map<number, number>();
  const values = 'regressor_alpha, huber_epsilon, regressor_max_iter, regression_target_clip_bps';
  const sql = `SELECT id, configuration_id, canonical, selection_id, ${values} FROM configurations ORDER BY id`;
  yield* from.each(sql, [], function* ([id, configurationId, canonical, selection, ...settings]) {
    const stored = yield* to.get(
      'SELECT id, canonical FROM configurations WHERE configuration_id = ?',
      asText(configurationId),
    );
    if (stored !== undefined && stored[1] !== canonical) {
      throw new DamagedValue(`configuration ${asText(configurationId)} is stored as another`);
    }
    const row =
      stored === undefined
        ? yield* to.insert(
            `INSERT INTO configurations (configuration_id, canonical, selection_id, ${values}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
            asText(configurationId),
            asText(canonical),
            rowIn(selections, selection, 'selection'),
            ...settings.map(asNumberOrNull),
          )
        : asNumber(stored[0]);
    rows.set(asNumber(id), row);
  });
  return rows;
}

/** A sweep that is there keeps its definition; it has the configurations of both. */
function* copySweeps(
  from: Connection,
  to: Connection,
  configurations: ReadonlyMap<number, number>,
): Sql<ReadonlyMap<number, number>> {
  const rows = new Map<number, number>();
  for (const [id, name, definition, createdAt, seal] of yield* from.all(
    'SELECT id, name, definition, created_at, seal FROM sweeps ORDER BY id',
  )) {
    const known = yield* to.get('SELECT id FROM sweeps WHERE name = ?', asText(name));
    const row =
      known === undefined
        ? yield* to.insert(
            'INSERT INTO sweeps (name, definition, created_at, seal) VALUES (?, ?, ?, ?)',
            asText(name),
            asText(definition),
            asText(createdAt),
            asNumber(seal),
          )
        : asNumber(known[0]);
    rows.set(asNumber(id), row);
  }
  yield* from.each(
    'SELECT sweep_id, configuration_id FROM sweep_configurations',
    [],
    function* ([sweep, configuration]) {
      yield* to.run(
        'INSERT INTO sweep_configurations VALUES (?, ?) ON CONFLICT DO NOTHING',
        rowIn(rows, sweep, 'sweep'),
        rowIn(configurations, configuration, 'configuration'),
      );
    },
  );
  return rows;
}

type RunMaps = Pick<RowMaps, 'codes' | 'data'> & { readonly sweeps: ReadonlyMap<number, number> };

function* copyRuns(from: Connection, to: Connection, { codes, data, sweeps }: RunMaps) {
  const runs = new Map<number, number>();
  const shards = yield* readRunShards(from);
  let addedRuns = 0;
  let isRunning = false;
  for (const run of yield* readRunRows(from)) {
    const { row, isNew } = yield* mergeRun(to, {
      ...run,
      sweepRow: run.sweepRow === null ? null : rowIn(sweeps, run.sweepRow, 'sweep'),
      codeRow: rowIn(codes, run.codeRow, 'code'),
      dataRow: rowIn(data, run.dataRow, 'data'),
    });
    runs.set(run.row, row);
    isRunning ||= run.columns.outcome === 'running';
    if (!isNew) continue;
    addedRuns += 1;
    const shard = shards.get(run.row);
    if (shard !== undefined) yield* putRunShard(to, row, asText(run.columns.uuid), shard);
  }
  for (const [run] of yield* from.all('SELECT run_id FROM sealing_runs')) {
    yield* to.run('INSERT INTO sealing_runs VALUES (?) ON CONFLICT DO NOTHING', rowIn(runs, run, 'run'));
  }
  return { runs, addedRuns, isRunning };
}

/** A dataset that could not be built in one store may have been in another. */
function* copyDatasets(from: Connection, to: Connection, maps: RowMaps): Sql<void> {
  const placeOf = (dataRow: unknown, codeRow: unknown, selectionRow: unknown) =>
    [
      rowIn(maps.data, dataRow, 'data'),
      rowIn(maps.codes, codeRow, 'code'),
      rowIn(maps.selections, selectionRow, 'selection'),
    ] as const;
  for (const [data, code, selection, content] of yield* from.all(
    'SELECT data_id, code_id, selection_id, content_id FROM datasets',
  )) {
    yield* to.run(
      `INSERT INTO datasets (data_id, code_id, selection_id, content_id) VALUES (?, ?, ?, ?)
       ON CONFLICT (data_id, code_id, selection_id) DO UPDATE SET content_id = excluded.content_id
         WHERE datasets.content_id IS NULL`,
      ...placeOf(data, code, selection),
      content === null ? null : referenced(maps.contents, asNumber(content), 'dataset').row,
    );
  }
  for (const [data, code, selection, document, digest] of yield* from.all(
    'SELECT data_id, code_id, selection_id, document, digest FROM dataset_days',
  )) {
    yield* to.run(
      `INSERT INTO dataset_days (data_id, code_id, selection_id, document, digest) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      ...placeOf(data, code, selection),
      document ?? null,
      digest ?? null,
    );
  }
}

/** Those of configurations that have no verdict: what failed here may have been judged there. The first failure stays. */
function* copyFailures(from: Connection, to: Connection, maps: RowMaps): Sql<number> {
  let added = 0;
  const values = 'duration_ms, attempts, error_name, error_message';
  const sql = `SELECT data_id, code_id, configuration_id, run_id, ${values} FROM failures ORDER BY id`;
  yield* from.each(sql, [], function* ([data, code, configuration, run, ...said]) {
    const place = [
      rowIn(maps.data, data, 'data'),
      rowIn(maps.codes, code, 'code'),
      rowIn(maps.configurations, configuration, 'configuration'),
    ] as const;
    if ((yield* to.get(SELECT_JUDGED, ...place)) !== undefined) return;
    added += yield* to.run(
      `INSERT INTO failures (data_id, code_id, configuration_id, run_id, ${values}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      ...place,
      rowIn(maps.runs, run, 'run'),
      ...said.map((value) => value ?? null),
    );
  });
  return added;
}

const SELECT_JUDGED = `
  SELECT 1 FROM datasets
  JOIN verdicts ON verdicts.content_id = datasets.content_id AND verdicts.code_id = datasets.code_id
  WHERE datasets.data_id = ? AND datasets.code_id = ? AND verdicts.configuration_id = ?`;

/** Looks of any store were looks. Their seals name data, content and configuration by what these are, and so stay. */
function* copyLooks(from: Connection, to: Connection, { data, contents, configurations }: RowMaps): Sql<void> {
  yield* from.each('SELECT data_id, configuration_id FROM looks', [], function* ([dataRow, configuration]) {
    yield* to.run(
      'INSERT INTO looks VALUES (?, ?) ON CONFLICT DO NOTHING',
      rowIn(data, dataRow, 'data'),
      rowIn(configurations, configuration, 'configuration'),
    );
  });
  for (const [dataRow, split, key, document] of yield* from.all(
    'SELECT data_id, split, key, document FROM evaluations',
  )) {
    yield* to.run(
      'INSERT INTO evaluations (data_id, split, key, document) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
      rowIn(data, dataRow, 'data'),
      asText(split),
      asText(key),
      asText(document),
    );
  }
  const values = 'split, sweep, run, sums, digest, seal';
  const sql = `SELECT data_id, content_id, configuration_id, ${values} FROM locked_looks ORDER BY id`;
  yield* from.each(sql, [], function* ([dataRow, content, configuration, ...said]) {
    yield* to.run(
      `INSERT INTO locked_looks (data_id, content_id, configuration_id, ${values}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO NOTHING`,
      rowIn(data, dataRow, 'data'),
      referenced(contents, asNumber(content), 'dataset').row,
      rowIn(configurations, configuration, 'configuration'),
      ...said.map((value) => value ?? null),
    );
  });
}
