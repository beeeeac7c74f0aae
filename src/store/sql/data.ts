import { canonicalJson, type Json } from '../../canonical-json.ts';
import { pathFrom, portablePath } from '../../portable-path.ts';
import type { DataFile, DataRecord } from '../records.ts';
import type { Connection, Row, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { checkSeal, sealOf } from './seal.ts';
import { asJson, asNumber, asText, asTextOrNull } from './values.ts';

/** @returns its row; where the data lie now is kept */
export function* putData(connection: Connection, data: DataRecord): Sql<number> {
  const { baselineRunId, hash, files, reading } = data;
  const root = portablePath(connection.folder, data.dataRoot);
  const filesText = files === null ? null : JSON.stringify(files);
  const readingText = canonicalJson(reading);
  const values = [baselineRunId, hash, root, filesText, readingText];
  const sql = 'SELECT id, data_root, files, reading FROM data WHERE baseline_run_id = ? AND hash = ?';
  const known = yield* connection.get(sql, baselineRunId, hash);
  if (known === undefined) {
    return yield* connection.insert(
      'INSERT INTO data (baseline_run_id, hash, data_root, files, reading, seal) VALUES (?, ?, ?, ?, ?, ?)',
      ...values,
      sealOf(values),
    );
  }
  const row = asNumber(known[0]);
  // A hash is made of the two: others under one hash are damage, which a new seal must not cover.
  if (known[2] !== filesText || known[3] !== readingText) throw new DamagedValue(`data ${hash} are stored as others`);
  // Who may only judge finds them where they are.
  if (known[1] !== root)
    yield* connection.run('UPDATE data SET data_root = ?, seal = ? WHERE id = ?', root, sealOf(values), row);
  return row;
}

/** The row of data that are known already. */
export function* dataRowOf(connection: Connection, { baselineRunId, hash }: DataRecord): Sql<number | undefined> {
  const row = yield* connection.get('SELECT id FROM data WHERE baseline_run_id = ? AND hash = ?', baselineRunId, hash);
  return row === undefined ? undefined : asNumber(row[0]);
}

/** All data by their rows: there are few. */
export function* readAllData(connection: Connection): Sql<ReadonlyMap<number, DataRecord>> {
  const rows = yield* connection.all('SELECT id, baseline_run_id, hash, data_root, files, reading, seal FROM data');
  return new Map(rows.map((row) => [asNumber(row[0]), dataOf(connection, row)]));
}

function dataOf(connection: Connection, [, runId, hashText, root, files, reading, seal]: Row): DataRecord {
  const baselineRunId = asText(runId);
  const hash = asText(hashText);
  const filesText = asTextOrNull(files);
  checkSeal(`the data of baseline run ${baselineRunId}`, seal, [
    baselineRunId,
    hash,
    asText(root),
    filesText,
    asText(reading),
  ]);
  return {
    baselineRunId,
    hash,
    dataRoot: pathFrom(connection.folder, asText(root)),
    // The seal says that this is what was written, from values of these types.
    files: filesText === null ? null : (asJson(filesText) as DataFile[]),
    reading: asJson(reading) as Json,
  };
}

/** Writes every data root anew for a store that lies in another folder. */
export function* moveDataRoots(from: Connection, to: Connection): Sql<void> {
  for (const [id, data] of yield* readAllData(from)) {
    const root = portablePath(to.folder, data.dataRoot);
    yield* putDataRoot(to, id, data, root);
  }
}

/** Takes the place of every data root out of a store that is given away. */
export function* forgetDataRoots(connection: Connection): Sql<void> {
  for (const [id, data] of yield* readAllData(connection)) yield* putDataRoot(connection, id, data, '.');
}

function* putDataRoot(connection: Connection, id: number, data: DataRecord, root: string): Sql<void> {
  const filesText = data.files === null ? null : JSON.stringify(data.files);
  const seal = sealOf([data.baselineRunId, data.hash, root, filesText, canonicalJson(data.reading)]);
  yield* connection.run('UPDATE data SET data_root = ?, seal = ? WHERE id = ?', root, seal, id);
}
