import type { Connection, Sql } from './connection.ts';

/** A run seals what it judges from its beginning on. */
export function* sealRun(connection: Connection, runRow: number): Sql<void> {
  yield* connection.run('INSERT INTO sealing_runs VALUES (?)', runRow);
}

export function* isSealingRun(connection: Connection, runRow: number): Sql<boolean> {
  return (yield* connection.get('SELECT 1 FROM sealing_runs WHERE run_id = ?', runRow)) !== undefined;
}

export function* sealVerdict(connection: Connection, verdictRow: number): Sql<void> {
  yield* connection.run('INSERT INTO sealed_verdicts VALUES (?)', verdictRow);
}

/** @returns whether it was sealed until now */
export function* openVerdict(connection: Connection, verdictRow: number): Sql<boolean> {
  const row = yield* connection.get('DELETE FROM sealed_verdicts WHERE verdict_id = ? RETURNING 1', verdictRow);
  return row !== undefined;
}

/**
 * Whether a dataset's own figures on locked splits are sealed: nobody has seen a verdict on its content by its code, and
 * one is sealed, or a run that seals is about to make some.
 */
export function* isSealedDataset(
  connection: Connection,
  { dataRow, codeRow, contentRow }: { readonly dataRow: number; readonly codeRow: number; readonly contentRow: number },
): Sql<boolean> {
  const open = yield* connection.get(
    `SELECT 1 FROM verdicts WHERE content_id = ? AND code_id = ? AND ${IS_OPEN} LIMIT 1`,
    contentRow,
    codeRow,
  );
  if (open !== undefined) return false;
  const sealed = yield* connection.get(
    `SELECT EXISTS (SELECT 1 FROM verdicts WHERE content_id = ? AND code_id = ?)
       OR EXISTS (SELECT 1 FROM sealing_runs JOIN runs ON runs.id = run_id WHERE data_id = ? AND code_id = ?)`,
    contentRow,
    codeRow,
    dataRow,
    codeRow,
  );
  return sealed?.[0] === 1;
}

/** Of a verdict. */
export const IS_OPEN = 'NOT EXISTS (SELECT 1 FROM sealed_verdicts WHERE sealed_verdicts.verdict_id = verdicts.id)';
