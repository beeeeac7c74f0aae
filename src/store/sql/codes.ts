import type { Code } from '../records.ts';
import type { Connection, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { checkSeal, sealOf } from './seal.ts';
import { asNumber, asText } from './values.ts';

/** @returns its row; the version of code that is known already stays */
export function* putCode(connection: Connection, { hash, version }: Code): Sql<number> {
  const known = yield* connection.get('SELECT id FROM codes WHERE hash = ?', hash);
  if (known !== undefined) return asNumber(known[0]);
  return yield* connection.insert(
    'INSERT INTO codes (hash, version, seal) VALUES (?, ?, ?)',
    hash,
    version,
    sealOf([hash, version]),
  );
}

/** Every code by its row: there are few. */
export function* readCodes(connection: Connection): Sql<ReadonlyMap<number, Code>> {
  const rows = yield* connection.all('SELECT id, hash, version, seal FROM codes');
  return new Map(
    rows.map(([id, hashText, versionText, seal]) => {
      const code = { hash: asText(hashText), version: asText(versionText) };
      checkSeal(`code ${code.version}`, seal, [code.hash, code.version]);
      return [asNumber(id), code];
    }),
  );
}

/** What a row points to in a map of this folder. */
export function referenced<T>(map: ReadonlyMap<number, T>, row: number, what: string): T {
  const value = map.get(row);
  if (value === undefined) throw new DamagedValue(`${what} ${row} is missing`);
  return value;
}
