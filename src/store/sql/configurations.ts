import { canonicalJson, type Json, sha256Json } from '../../canonical-json.ts';
import type { Configuration } from '../../experiment/configuration.ts';
import type { ConfigurationRecord, RowSelection } from '../records.ts';
import { type Connection, inTurn, type Row, type Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { putSelection } from './datasets.ts';
import { asJson, asNumber, asNumberOrNull, asText, chunksOf, placeholders } from './values.ts';

/** What `configurationOf` reads, in its order. The kind is told by epsilon, which only huber has. */
export const CONFIGURATION_COLUMNS = `
  configurations.regressor_alpha, configurations.huber_epsilon, configurations.regressor_max_iter,
  configurations.regression_target_clip_bps`;

/** @param row ends with the configuration's columns, from `offset` on */
export function configurationOf(row: Row, offset: number, selection: RowSelection): Configuration {
  const alpha = asNumber(row[offset]);
  const epsilon = asNumberOrNull(row[offset + 1]);
  const maxIter = asNumber(row[offset + 2]);
  return {
    agesMinutes: selection.agesMinutes,
    regressor: epsilon === null ? { kind: 'ridge', alpha, maxIter } : { kind: 'huber', alpha, epsilon, maxIter },
    regressionTargetClipBps: asNumber(row[offset + 3]),
    maxRowsPerSplit: selection.maxRowsPerSplit,
  };
}

/** Puts what is new of configurations. @returns their rows, in their order */
export function* putConfigurations(connection: Connection, records: readonly ConfigurationRecord[]): Sql<number[]> {
  const selections = new Map<string, number>();
  const rows: number[] = [];
  for (const some of chunksOf(records)) {
    const known = yield* storedConfigurations(connection, some);
    const fresh = some.filter(({ id }) => !known.has(id));
    const inserted = yield* connection.insertEach(
      INSERT_CONFIGURATION,
      yield* inTurn(fresh, function* (record) {
        return configurationValues(record, yield* selectionRowOf(connection, selections, record));
      }),
    );
    for (const [i, { id }] of fresh.entries()) known.set(id, inserted[i]!);
    for (const { id } of some) rows.push(known.get(id)!);
  }
  return rows;
}

/** The rows of those that are there, by id. */
function* storedConfigurations(
  connection: Connection,
  records: readonly ConfigurationRecord[],
): Sql<Map<string, number>> {
  const sql = `SELECT configuration_id, id, canonical FROM configurations
    WHERE configuration_id IN (${placeholders(records.length)})`;
  const texts = new Map(records.map(({ id, canonical }) => [id, canonicalJson(canonical)]));
  const known = new Map<string, number>();
  for (const [idValue, row, canonical] of yield* connection.all(sql, ...texts.keys())) {
    const id = asText(idValue);
    // An id is made of the canonical form: two forms of one id are damage.
    if (canonical !== texts.get(id)) throw new DamagedValue(`configuration ${id} is stored as another`);
    known.set(id, asNumber(row));
  }
  return known;
}

function* selectionRowOf(
  connection: Connection,
  known: Map<string, number>,
  { configuration }: ConfigurationRecord,
): Sql<number> {
  const key = `${configuration.agesMinutes.join()} ${configuration.maxRowsPerSplit}`;
  let row = known.get(key);
  if (row === undefined) known.set(key, (row = yield* putSelection(connection, configuration)));
  return row;
}

const INSERT_CONFIGURATION = `
  INSERT INTO configurations (
    configuration_id, canonical, selection_id, regressor_alpha, huber_epsilon, regressor_max_iter,
    regression_target_clip_bps)
  VALUES (?, ?, ?, ?, ?, ?, ?)`;

function configurationValues({ id, configuration, canonical }: ConfigurationRecord, selectionRow: number) {
  const { regressor, regressionTargetClipBps } = configuration;
  const epsilon = regressor.kind === 'huber' ? regressor.epsilon : null;
  const { alpha, maxIter } = regressor;
  return [id, canonicalJson(canonical), selectionRow, alpha, epsilon, maxIter, regressionTargetClipBps];
}

/** A canonical form as it is stored, held against the id that is made of it. */
export function canonicalOf(id: string, text: string): Json {
  // What JSON.parse gives is Json.
  const canonical = asJson(text) as Json;
  if (!sha256Json(canonical).startsWith(id)) throw new DamagedValue(`configuration ${id} differs from its id`);
  return canonical;
}

/** Every configuration that is not what its id says. */
export function* damagedConfigurations(connection: Connection): Sql<string[]> {
  const damaged: string[] = [];
  // biome-ignore lint/correctness/useYield: of each row it asks nothing more
  yield* connection.each('SELECT configuration_id, canonical FROM configurations', [], function* ([id, canonical]) {
    try {
      canonicalOf(asText(id), asText(canonical));
    } catch (error) {
      if (!(error instanceof DamagedValue)) throw error;
      damaged.push(error.message);
    }
  });
  return damaged;
}
