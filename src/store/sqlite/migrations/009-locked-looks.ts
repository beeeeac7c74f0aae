import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { asBytes, asJson, asNumber, asText } from '../../sql/values.ts';
import type { SqliteConnection } from '../connection.ts';
import type { Migration } from './migration.ts';

/**
 * Looks at locked splits by what they showed: the daily sums of four models. Those of verdicts that are there and not
 * sealed are counted in the order of the verdicts; those of verdicts that were removed are not known any more.
 */
export const lockedLooks: Migration = {
  version: 9,
  up(connection: SqliteConnection): void {
    connection.exec(`
      -- What the locked splits of some data are of. Data of older schemas have none until they are run on again.
      CREATE TABLE evaluations (
        data_id INTEGER NOT NULL REFERENCES data,
        split TEXT NOT NULL CHECK (split IN ('validation_locked', 'latest_stress')),
        key TEXT NOT NULL,
        document TEXT NOT NULL,
        PRIMARY KEY (data_id, split)
      ) STRICT, WITHOUT ROWID;

      -- Never deleted. sums: float64, little-endian; digest: of them, 16 bytes.
      CREATE TABLE locked_looks (
        id INTEGER PRIMARY KEY,
        data_id INTEGER NOT NULL REFERENCES data,
        split TEXT NOT NULL CHECK (split IN ('validation_locked', 'latest_stress')),
        content_id INTEGER NOT NULL REFERENCES contents,
        configuration_id INTEGER NOT NULL REFERENCES configurations,
        sweep TEXT NOT NULL,
        run TEXT NOT NULL,
        sums BLOB NOT NULL,
        digest BLOB NOT NULL,
        seal INTEGER NOT NULL,
        UNIQUE (data_id, split, digest)
      ) STRICT;
    `);
    countStoredVerdicts(connection);
  },
};

function countStoredVerdicts(connection: SqliteConnection): void {
  for (let after = 0; ; ) {
    const rows = connection.all(SELECT_VERDICTS, after);
    for (const [, data, content, configuration, id, dataHash, contentHash, days, losses, sweep, run] of rows) {
      const sums = splitSums(asJson(days) as OldDays, asBytes(losses));
      for (const [split, ofSplit] of sums) {
        const digest = createHash('sha256').update(ofSplit).digest().subarray(0, 16);
        const sealed = [asText(dataHash), split, asText(contentHash), asText(id), asText(sweep), asText(run)];
        connection.run(
          `INSERT INTO locked_looks (data_id, split, content_id, configuration_id, sweep, run, sums, digest, seal)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
          asNumber(data),
          split,
          asNumber(content),
          asNumber(configuration),
          asText(sweep),
          asText(run),
          ofSplit,
          digest,
          crc32(JSON.stringify([...sealed, digest.toString('hex')])),
        );
      }
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = asNumber(last[0]);
  }
}

const SELECT_VERDICTS = `
  SELECT verdicts.id, runs.data_id, verdicts.content_id, verdicts.configuration_id, configurations.configuration_id,
    data.hash, contents.content_hash, contents.days, verdict_documents.losses, runs.sweep_name, runs.uuid
  FROM verdicts
  JOIN runs ON runs.id = verdicts.run_id
  JOIN data ON data.id = runs.data_id
  JOIN contents ON contents.id = verdicts.content_id
  JOIN configurations ON configurations.id = verdicts.configuration_id
  JOIN verdict_documents ON verdict_documents.verdict_id = verdicts.id
  WHERE verdicts.id > ? AND contents.days IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM sealed_verdicts WHERE verdict_id = verdicts.id)
  ORDER BY verdicts.id LIMIT 500`;

/** As schema 8 has them: a group for each side and evaluation split that has losses. */
type OldDays = readonly { readonly split: number; readonly days: readonly number[] }[];

const LOCKED = [
  [1, 'validation_locked'],
  [2, 'latest_stress'],
] as const;

/** A group's bytes are its market_only sums, then its market_plus_state sums. */
function splitSums(groups: OldDays, losses: Uint8Array): [split: string, sums: Uint8Array][] {
  const parts = new Map<number, Uint8Array[]>();
  let at = 0;
  for (const { split, days } of groups) {
    const sizeBytes = 2 * 8 * days.length;
    parts.set(split, [...(parts.get(split) ?? []), losses.subarray(at, at + sizeBytes)]);
    at += sizeBytes;
  }
  return LOCKED.flatMap(([number, split]) => {
    const sums = Buffer.concat(parts.get(number) ?? []);
    return sums.length === 0 ? [] : [[split, sums] as [string, Uint8Array]];
  });
}
