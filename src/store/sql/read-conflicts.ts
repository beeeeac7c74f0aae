import type { Conflict } from '../records.ts';
import { readCodes, referenced } from './codes.ts';
import type { Connection, Sql } from './connection.ts';
import { readContents } from './datasets.ts';
import { type Selected, selectedBy } from './read-verdicts.ts';
import { toHex } from './seal.ts';
import { VERDICT_OF_MEMBER } from './sweeps.ts';
import { asBytes, asNumber, asText } from './values.ts';
import { verdictKey } from './verdict-seal.ts';

/** See `VerdictStore.conflicts`. */
export function* readConflictsOf(connection: Connection, sweep: string): Sql<Conflict[]> {
  return yield* connection.read(function* () {
    return yield* readConflictsShown(connection, yield* selectedBy(connection, { sweep }));
  });
}

/** Of the verdicts that a sweep shows. */
export function* readConflictsShown(
  connection: Connection,
  { sweepRow, shownDataRow, shownCodeRow }: Selected,
): Sql<Conflict[]> {
  const sql = `verdicts.id IN (
    SELECT verdicts.id FROM sweep_configurations AS member
    JOIN configurations ON configurations.id = member.configuration_id ${VERDICT_OF_MEMBER}
    WHERE member.sweep_id = ? AND datasets.data_id = ? AND datasets.code_id = ?)`;
  return yield* conflictsWhere(connection, sql, sweepRow, shownDataRow, shownCodeRow);
}

/** All conflicts of the store, or of one verdict: there should be none. */
export function* readConflicts(connection: Connection, verdictRow?: number): Sql<Conflict[]> {
  return verdictRow === undefined
    ? yield* conflictsWhere(connection, '1 = 1')
    : yield* conflictsWhere(connection, 'verdicts.id = ?', verdictRow);
}

function* conflictsWhere(
  connection: Connection,
  condition: string,
  ...values: readonly (number | null)[]
): Sql<Conflict[]> {
  const rows = yield* connection.all(
    `SELECT configurations.configuration_id, verdicts.content_id, verdicts.code_id, verdicts.digest, conflicts.digest, runs.uuid
     FROM conflicts
     JOIN verdicts ON verdicts.id = conflicts.verdict_id
     JOIN configurations ON configurations.id = verdicts.configuration_id
     JOIN runs ON runs.id = conflicts.run_id
     WHERE ${condition}
     ORDER BY conflicts.id`,
    ...values,
  );
  if (rows.length === 0) return [];
  const [contents, codes] = [yield* readContents(connection), yield* readCodes(connection)];
  return rows.map(([id, contentRow, codeRow, stored, other, runId]) => {
    const key = verdictKey(
      referenced(contents, asNumber(contentRow), 'dataset').contentHash,
      referenced(codes, asNumber(codeRow), 'code'),
    );
    return {
      verdictId: `${asText(id)}@${key}`,
      configurationId: asText(id),
      storedDigest: toHex(asBytes(stored)),
      otherDigest: toHex(asBytes(other)),
      runId: asText(runId),
    };
  });
}
