import { canonicalJson, type Json, sha256Json } from '../../canonical-json.ts';
import type { Configuration } from '../../experiment/configuration.ts';
import type { ConfigurationRecord, RowSelection } from '../records.ts';
import { type Connection, inTurn, type Row, type Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { putSelection } from './datasets.ts';
import { asJson, asNumber, asNumberOrNull, asText } from './values.ts';

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
  return yield* inTurn(records, function* (record) {
    const { agesMinutes, maxRowsPerSplit } = record.configuration;
    const key = `${agesMinutes.join()} ${maxRowsPerSplit}`;
    let selectionRow = selections.get(key);
    if (selectionRow === undefined) {
      selectionRow = yield* putSelection(connection, record.configuration);
      selections.set(key, selectionRow);
    }
    return yield* putConfiguration(connection, record, selectionRow);
  });
}

function* putConfiguration(
  connection: Connection,
  { id, configuration, canonical }: ConfigurationRecord,
  selectionRow: number,
): Sql<number> {
  const { regressor, regressionTargetClipBps } = configuration;
  const text = canonicalJson(canonical);
  const stored = yield* connection.get('SELECT id, canonical FROM configurations WHERE configuration_id = ?', id);
  if (stored !== undefined) {
    // An id is made of the canonical form: two forms of one id are damage.
    if (stored[1] !== text) throw new DamagedValue(`configuration ${id} is stored as another`);
    return asNumber(stored[0]);
  }
  return yield* connection.insert(
    `INSERT INTO configurations (
       configuration_id, canonical, selection_id, regressor_alpha, huber_epsilon, regressor_max_iter,
       regression_target_clip_bps)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    id,
    text,
    selectionRow,
    regressor.alpha,
    regressor.kind === 'huber' ? regressor.epsilon : null,
    regressor.maxIter,
    regressionTargetClipBps,
  );
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
