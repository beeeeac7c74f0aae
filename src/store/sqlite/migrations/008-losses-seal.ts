import { asBytes, asNumber } from '../../sql/values.ts';
import { lossesSeal } from '../../sql/verdict-seal.ts';
import type { SqliteConnection } from '../connection.ts';
import type { Migration } from './migration.ts';

/**
 * Losses by day have a seal of their own beside the digest that covers them and the document: who asks for the noise of a
 * hundred thousand verdicts need not read their documents to know that the losses are as they were stored.
 */
export const sealOfLosses: Migration = {
  version: 8,
  up(connection: SqliteConnection): void {
    connection.exec('ALTER TABLE verdicts ADD COLUMN losses_seal INTEGER NOT NULL DEFAULT 0');
    for (let afterRow = 0; ; ) {
      const rows = connection.all(SELECT_LOSSES, afterRow);
      if (rows.length === 0) return;
      for (const [row, digest, losses] of rows) {
        connection.run(PUT_SEAL, lossesSeal(asBytes(digest), asBytes(losses)), asNumber(row));
      }
      afterRow = asNumber(rows.at(-1)![0]);
    }
  },
};

const SELECT_LOSSES = `
  SELECT verdicts.id, digest, losses FROM verdicts JOIN verdict_documents ON verdict_id = verdicts.id
  WHERE verdicts.id > ? ORDER BY verdicts.id LIMIT 1000`;
const PUT_SEAL = 'UPDATE verdicts SET losses_seal = ? WHERE id = ?';
