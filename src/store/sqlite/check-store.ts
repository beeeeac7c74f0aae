import { messageOf } from '../../user-error.ts';
import { METRIC_COLUMNS } from '../metric-columns.ts';
import type { Connection } from './connection.ts';
import { readJudgement } from './find-outcome.ts';
import { CheckedMetrics } from './metric-checksums.ts';
import { readPage } from './read-outcomes.ts';
import { DamagedValue, sqliteCode } from './sqlite-errors.ts';
import { asNumber, asText } from './values.ts';
import { canonicalChecksum } from './verdict-row.ts';

/**
 * See `VerdictStore.check`. In this order: SQLite's own check of pages and indexes; references between tables; the
 * checksums of every configuration and every verdict's row; of each verdict the digest of its documents, the checksums of
 * its metrics, and that each of their columns says what the documents say.
 */
export function checkStore(connection: Connection): string[] {
  const problems: string[] = [];
  attempt(problems, () => {
    for (const row of connection.all(`PRAGMA integrity_check(${MAX_PROBLEMS})`)) {
      const text = asText(row[0]);
      if (text !== 'ok') problems.push(text);
    }
    for (const row of connection.all('PRAGMA foreign_key_check')) {
      problems.push(`${asText(row[0])}: a row points to a row of ${asText(row[2])} that is missing`);
    }
  });
  attempt(problems, () => checkConfigurations(connection));
  attempt(problems, () => checkRows(connection));
  attempt(problems, () => checkDocuments(connection, problems));
  return problems.slice(0, MAX_PROBLEMS);
}

const MAX_PROBLEMS = 100;
const PAGE_SIZE = 1000;

/** Damage that stops one check is a finding, and the next check goes on. */
function attempt(problems: string[], check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof DamagedValue) && sqliteCode(error) === null) throw error;
    problems.push(messageOf(error));
  }
}

function checkConfigurations(connection: Connection): void {
  const sql = 'SELECT configuration_id, canonical, canonical_checksum FROM configurations';
  for (const [id, canonical, checksum] of connection.iterate(sql)) {
    if (canonicalChecksum(asText(id), asText(canonical)) !== checksum) {
      throw new DamagedValue(`configuration ${asText(id)} differs from its checksum`);
    }
  }
}

function checkRows(connection: Connection): void {
  let row = 0;
  for (;;) {
    const page = readPage(connection, {}, row, PAGE_SIZE);
    if (page.verdicts.length === 0) return;
    row = page.lastRow;
  }
}

function checkDocuments(connection: Connection, problems: string[]): void {
  const checked = new CheckedMetrics(METRIC_COLUMNS);
  const select = `SELECT ${checked.names.join(', ')} FROM verdict_metrics WHERE verdict_id = ?`;
  // Rows first, for no other statement may run during a scan.
  for (const [id, checksum] of connection.all('SELECT id, checksum FROM verdicts')) {
    if (problems.length >= MAX_PROBLEMS) return;
    attempt(problems, () => {
      const row = asNumber(id);
      const { result } = readJudgement(connection, row);
      const stored = connection.get(select, row);
      if (stored === undefined) throw new DamagedValue(`the metrics of verdict ${row} are missing`);
      const metrics = checked.read(stored, 0, asNumber(checksum), `verdict ${row}`);
      for (const [i, column] of METRIC_COLUMNS.entries()) {
        if (metrics[i] !== column.valueOf(result)) {
          throw new DamagedValue(`verdict ${row}: column ${column.name} differs from the stored result`);
        }
      }
    });
  }
}
