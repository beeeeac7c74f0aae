import type { Configuration } from '../../experiment/configuration.ts';
import type { DatasetRecord } from '../records.ts';
import type { Connection, Row } from './connection.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asJson, asNumber, asNumberOrNull, asText } from './values.ts';

/** The columns of `configurationOf`, in its order. The kind is told by epsilon, which only huber has. */
export const CONFIGURATION_COLUMNS = `
  configurations.regressor_alpha, configurations.huber_epsilon, configurations.regressor_max_iter,
  configurations.regression_target_clip_bps`;

export const CONFIGURATION_COLUMN_COUNT = 4;

/** @param offset where the four columns start in the row */
export function configurationOf(row: Row, offset: number, dataset: DatasetRecord): Configuration {
  const alpha = asNumber(row[offset]);
  const epsilon = asNumberOrNull(row[offset + 1]);
  const maxIter = asNumber(row[offset + 2]);
  return {
    agesMinutes: dataset.agesMinutes,
    regressor: epsilon === null ? { kind: 'ridge', alpha, maxIter } : { kind: 'huber', alpha, epsilon, maxIter },
    regressionTargetClipBps: asNumber(row[offset + 3]),
    maxRowsPerSplit: dataset.maxRowsPerSplit,
  };
}

export function readConfiguration(
  connection: Connection,
  configurationRow: number,
  dataset: DatasetRecord,
): Configuration {
  const sql = `SELECT ${CONFIGURATION_COLUMNS} FROM configurations WHERE id = ?`;
  const row = connection.get(sql, configurationRow);
  if (row === undefined) throw new DamagedValue(`configuration ${configurationRow} is missing`);
  return configurationOf(row, 0, dataset);
}

export function readDataset(connection: Connection, datasetRow: number): DatasetRecord {
  const row = connection.get(`SELECT ${DATASET_COLUMNS} FROM datasets WHERE id = ?`, datasetRow);
  if (row === undefined) throw new DamagedValue(`dataset ${datasetRow} is missing`);
  return datasetOf(row);
}

/** Every dataset by its row. There are few, however many verdicts there are. */
export function readDatasets(connection: Connection): ReadonlyMap<number, DatasetRecord> {
  const rows = connection.all(`SELECT ${DATASET_COLUMNS}, id FROM datasets`);
  return new Map(rows.map((row) => [asNumber(row[6]), datasetOf(row)]));
}

/** Every code version by its row. */
export function readCodeVersions(connection: Connection): ReadonlyMap<number, string> {
  const rows = connection.all('SELECT id, name FROM code_versions');
  return new Map(rows.map((row) => [asNumber(row[0]), asText(row[1])]));
}

/** What a row points to in one of the maps above. */
export function referenced<T>(map: ReadonlyMap<number, T>, row: number, what: string): T {
  const value = map.get(row);
  if (value === undefined) throw new DamagedValue(`${what} ${row} is missing`);
  return value;
}

const DATASET_COLUMNS = 'content_hash, ages_minutes, max_rows_per_split, row_count, baseline_run_id, data_root';

function datasetOf(row: Row): DatasetRecord {
  const agesMinutes = asJson(row[1]);
  if (!isNumberList(agesMinutes)) throw new DamagedValue('the ages of a dataset are no list of numbers');
  const contentHash = asText(row[0]);
  const place = {
    agesMinutes,
    maxRowsPerSplit: asNumber(row[2]),
    baselineRunId: asText(row[4]),
    dataRoot: asText(row[5]),
  };
  if (contentHash === '') return { ...place, contentHash: null, rowCount: null };
  return { ...place, contentHash, rowCount: asNumber(row[3]) };
}

function isNumberList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}
