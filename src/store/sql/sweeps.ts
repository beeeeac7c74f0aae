import { canonicalJson, type Json } from '../../canonical-json.ts';
import { thereAre } from '../../counts.ts';
import { shortHash } from '../../short-hash.ts';
import { UserError } from '../../user-error.ts';
import type { OutcomeQuery, RunStart, StoredSweep } from '../records.ts';
import { readCodes, referenced } from './codes.ts';
import type { Connection, Sql } from './connection.ts';
import { readAllData } from './data.ts';
import { checkSeal, sealOf } from './seal.ts';
import { asJson, asNumber, asText } from './values.ts';

/** @returns its row */
export function* putSweep(connection: Connection, { sweepName, definition, startedAt }: RunStart): Sql<number> {
  const text = canonicalJson(definition);
  const known = yield* connection.get('SELECT id, created_at, definition FROM sweeps WHERE name = ?', sweepName);
  if (known === undefined) {
    return yield* connection.insert(
      'INSERT INTO sweeps (name, definition, created_at, seal) VALUES (?, ?, ?, ?)',
      sweepName,
      text,
      startedAt,
      sealOf([sweepName, text, startedAt]),
    );
  }
  const row = asNumber(known[0]);
  // Who may only judge finds it as it is.
  if (known[2] === text) return row;
  const seal = sealOf([sweepName, text, asText(known[1])]);
  yield* connection.run('UPDATE sweeps SET definition = ?, seal = ? WHERE id = ?', text, seal, row);
  return row;
}

/** @throws UserError when there is no such sweep */
export function* sweepRowOf(connection: Connection, name: string): Sql<number> {
  const row = yield* connection.get('SELECT id FROM sweeps WHERE name = ?', name);
  if (row !== undefined) return asNumber(row[0]);
  const last = yield* connection.all('SELECT name FROM sweeps ORDER BY id DESC LIMIT 6');
  const names = last.map((found) => JSON.stringify(found[0]));
  const known = names.length === 0 ? 'none' : names.slice(0, 5).join(', ') + (names.length > 5 ? ', …' : '');
  throw new UserError(`sweep ${JSON.stringify(name)}: not in this store, which has ${known}`);
}

/** See `VerdictStore.lastSweep`. */
export function* readLastSweep(connection: Connection): Sql<string | null> {
  const row = yield* connection.get('SELECT sweep_id FROM runs WHERE sweep_id IS NOT NULL ORDER BY id DESC LIMIT 1');
  return row === undefined ? null : (yield* readSweepRow(connection, asNumber(row[0]))).name;
}

/** Of a configuration: its dataset, and its verdict on that. */
export const VERDICT_OF_MEMBER = `
  JOIN datasets ON datasets.selection_id = configurations.selection_id
  JOIN verdicts ON verdicts.content_id = datasets.content_id AND verdicts.code_id = datasets.code_id
    AND verdicts.configuration_id = configurations.id`;

/** See `VerdictStore.sweep`. */
export function* readSweep(connection: Connection, name: string): Sql<StoredSweep | null> {
  return yield* connection.read(function* () {
    const row = (yield* connection.get('SELECT id FROM sweeps WHERE name = ?', name))?.[0];
    if (row === undefined) return null;
    const sweepRow = asNumber(row);
    const view = yield* viewOf(connection, sweepRow, {});
    return {
      ...(yield* readSweepRow(connection, sweepRow)),
      configurationCount: yield* memberCount(connection, sweepRow),
      data: referenced(yield* readAllData(connection), view.dataRow, 'data'),
      code: referenced(yield* readCodes(connection), view.codeRow, 'code'),
    };
  });
}

export function* readSweepRow(
  connection: Connection,
  sweepRow: number,
): Sql<Pick<StoredSweep, 'name' | 'createdAt' | 'definition'>> {
  const sql = 'SELECT name, definition, created_at, seal FROM sweeps WHERE id = ?';
  const [nameValue, definition, createdAtValue, seal] = (yield* connection.get(sql, sweepRow)) ?? [];
  const [name, createdAt] = [asText(nameValue), asText(createdAtValue)];
  checkSeal(`sweep ${JSON.stringify(name)}`, seal, [name, asText(definition), createdAt]);
  // What JSON.parse gives is Json.
  return { name, createdAt, definition: asJson(definition) as Json };
}

export function* memberCount(connection: Connection, sweepRow: number): Sql<number> {
  const sql = 'SELECT count(*) FROM sweep_configurations WHERE sweep_id = ?';
  return asNumber((yield* connection.get(sql, sweepRow))?.[0]);
}

/** On which data and by which code a sweep is shown. */
export type View = { readonly dataRow: number; readonly codeRow: number };

/**
 * Those of the sweep's last run, or of its last run on the data and by the code that were asked for.
 *
 * @throws UserError naming what there is when there was no such run
 */
export function* viewOf(
  connection: Connection,
  sweepRow: number,
  { data, code }: Pick<OutcomeQuery, 'data' | 'code'>,
): Sql<View> {
  const dataRows = data === undefined ? null : yield* dataRowsOf(connection, data);
  const codeRows = code === undefined ? null : yield* codeRowsOf(connection, code);
  const runs = yield* connection.all('SELECT data_id, code_id FROM runs WHERE sweep_id = ? ORDER BY id DESC', sweepRow);
  const run = runs.find(
    ([dataRow, codeRow]) => (dataRows?.has(asNumber(dataRow)) ?? true) && (codeRows?.has(asNumber(codeRow)) ?? true),
  );
  if (run !== undefined) return { dataRow: asNumber(run[0]), codeRow: asNumber(run[1]) };
  const [allData, codes] = [yield* readAllData(connection), yield* readCodes(connection)];
  const ofData = new Set(runs.map((row) => shortHash(referenced(allData, asNumber(row[0]), 'data').hash)));
  const byCode = new Set(runs.map((row) => shortHash(referenced(codes, asNumber(row[1]), 'code').hash)));
  const known = [
    ...(data === undefined ? [] : [`data ${[...ofData].join(', ')}`]),
    ...(code === undefined ? [] : [`code ${[...byCode].join(', ')}`]),
  ];
  const count = Math.max(data === undefined ? 0 : ofData.size, code === undefined ? 0 : byCode.size);
  const asked = [...(data === undefined ? [] : [`data ${data}`]), ...(code === undefined ? [] : [`code ${code}`])];
  throw new UserError(
    `${asked.join(' and ')}: no run of this sweep was on them. ${thereAre(count, known.join(' and '))}`,
  );
}

/** @throws UserError naming those that there are when none begins so */
export function* dataRowsOf(connection: Connection, prefix: string): Sql<ReadonlySet<number>> {
  const all = [...(yield* readAllData(connection))];
  const found = all.filter(([, { hash }]) => hash.startsWith(prefix)).map(([row]) => row);
  if (prefix !== '' && found.length > 0) return new Set(found);
  const known = all.map(([, { hash, baselineRunId }]) => `${shortHash(hash)} of ${baselineRunId}`);
  throw new UserError(
    `data ${JSON.stringify(prefix)}: none in this store begins so. ${thereAre(known.length, listed(known))}`,
  );
}

/** @throws UserError naming those that there are when none begins so, or is of that version */
export function* codeRowsOf(connection: Connection, prefix: string): Sql<ReadonlySet<number>> {
  const all = [...(yield* readCodes(connection))];
  const found = all
    .filter(([, { hash, version }]) => hash.startsWith(prefix) || version === prefix)
    .map(([row]) => row);
  if (prefix !== '' && found.length > 0) return new Set(found);
  const known = all.map(([, { hash, version }]) => `${shortHash(hash)} (version ${version})`);
  throw new UserError(
    `code ${JSON.stringify(prefix)}: none in this store begins so. ${thereAre(known.length, listed(known))}`,
  );
}

function listed(items: readonly string[]): string {
  return items.slice(-5).join(', ') + (items.length > 5 ? ', …' : '');
}

/** A definition that does not say where the data lay. */
export function withoutPlace(definition: Json): Json {
  if (typeof definition !== 'object' || definition === null || !('baseline' in definition)) return definition;
  const { baseline } = definition;
  if (typeof baseline !== 'object' || baseline === null) return definition;
  return { ...definition, baseline: { ...baseline, dataRoot: '.' } };
}

/** Takes the places of data out of every sweep of a store that is given away. */
export function* forgetPlaces(connection: Connection): Sql<void> {
  for (const [row] of yield* connection.all('SELECT id FROM sweeps')) {
    const { name, definition, createdAt } = yield* readSweepRow(connection, asNumber(row));
    const text = canonicalJson(withoutPlace(definition));
    const seal = sealOf([name, text, createdAt]);
    yield* connection.run('UPDATE sweeps SET definition = ?, seal = ? WHERE id = ?', text, seal, asNumber(row));
  }
}
