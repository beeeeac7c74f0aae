import type { Removal } from '../records.ts';
import type { Connection, Sql } from './connection.ts';
import { sweepRowOf } from './sweeps.ts';
import { asNumber } from './values.ts';

/** See `VerdictStore.removal`. */
export function* removalOf(connection: Connection, sweep: string): Sql<Removal> {
  return yield* connection.read(function* () {
    return yield* countRemoval(connection, yield* sweepRowOf(connection, sweep));
  });
}

/** See `VerdictStore.removeSweep`. */
export function* removeSweep(connection: Connection, sweep: string): Sql<Removal> {
  return yield* connection.write(function* () {
    const sweepRow = yield* sweepRowOf(connection, sweep);
    const removal = yield* countRemoval(connection, sweepRow);
    for (const table of ['notes', 'conflicts', 'sealed_verdicts', 'verdict_metrics', 'verdict_documents']) {
      yield* connection.run(
        `DELETE FROM ${table} WHERE verdict_id IN (${GOING_VERDICTS})`,
        sweepRow,
        sweepRow,
        sweepRow,
      );
    }
    yield* connection.run(`DELETE FROM verdicts WHERE id IN (${GOING_VERDICTS})`, sweepRow, sweepRow, sweepRow);
    yield* connection.run(`DELETE FROM failures WHERE id IN (${GOING_FAILURES})`, sweepRow, sweepRow, sweepRow);
    yield* connection.run('DELETE FROM sweep_configurations WHERE sweep_id = ?', sweepRow);
    yield* connection.run(
      `DELETE FROM sealing_runs WHERE run_id IN (SELECT id FROM runs WHERE ${IS_GOING_RUN})`,
      sweepRow,
    );
    // A run that made something that stays is still asked what made it.
    yield* connection.run(
      `DELETE FROM run_shards WHERE run_id IN (SELECT id FROM runs WHERE ${IS_GOING_RUN})`,
      sweepRow,
    );
    yield* connection.run(`DELETE FROM runs WHERE ${IS_GOING_RUN}`, sweepRow);
    yield* connection.run('UPDATE runs SET sweep_id = NULL WHERE sweep_id = ?', sweepRow);
    yield* connection.run('DELETE FROM sweeps WHERE id = ?', sweepRow);
    return removal;
  });
}

function* countRemoval(connection: Connection, sweepRow: number): Sql<Removal> {
  const count = function* (sql: string, ...values: number[]): Sql<number> {
    return asNumber((yield* connection.get(sql, ...values))?.[0]);
  };
  const thrice = [sweepRow, sweepRow, sweepRow];
  const shown = yield* count(`SELECT count(*) FROM (${SHOWN_VERDICTS}) AS shown`, sweepRow, sweepRow);
  const verdictCount = yield* count(`SELECT count(*) FROM (${GOING_VERDICTS}) AS going`, ...thrice);
  return {
    configurationCount: yield* count('SELECT count(*) FROM sweep_configurations WHERE sweep_id = ?', sweepRow),
    verdictCount,
    failureCount: yield* count(`SELECT count(*) FROM (${GOING_FAILURES}) AS going`, ...thrice),
    noteCount: yield* count(`SELECT count(*) FROM notes WHERE verdict_id IN (${GOING_VERDICTS})`, ...thrice),
    runCount: yield* count('SELECT count(*) FROM runs WHERE sweep_id = ?', sweepRow),
    keptVerdictCount: shown - verdictCount,
  };
}

/** On the sweep's configurations, on content that some run of it had, by whatever code. */
const SHOWN_VERDICTS = `
  SELECT verdicts.id, verdicts.content_id, verdicts.configuration_id
  FROM verdicts
  JOIN sweep_configurations AS member ON member.sweep_id = ? AND member.configuration_id = verdicts.configuration_id
  WHERE verdicts.content_id IN (
    SELECT datasets.content_id FROM datasets JOIN runs ON runs.data_id = datasets.data_id WHERE runs.sweep_id = ?)`;

/** Those that no other sweep has, on content that some run of that other sweep had. */
const GOING_VERDICTS = `
  SELECT shown.id FROM (${SHOWN_VERDICTS}) AS shown
  WHERE NOT EXISTS (
    SELECT 1 FROM sweep_configurations AS other
    JOIN runs ON runs.sweep_id = other.sweep_id
    JOIN datasets ON datasets.data_id = runs.data_id AND datasets.content_id = shown.content_id
    WHERE other.configuration_id = shown.configuration_id AND other.sweep_id <> ?)`;

const GOING_FAILURES = `
  SELECT failures.id
  FROM failures
  JOIN sweep_configurations AS member ON member.sweep_id = ? AND member.configuration_id = failures.configuration_id
  WHERE failures.data_id IN (SELECT data_id FROM runs WHERE runs.sweep_id = ?)
    AND NOT EXISTS (
      SELECT 1 FROM sweep_configurations AS other
      JOIN runs ON runs.sweep_id = other.sweep_id AND runs.data_id = failures.data_id
      WHERE other.configuration_id = failures.configuration_id AND other.sweep_id <> ?)`;

const IS_GOING_RUN = `
  sweep_id = ?
  AND NOT EXISTS (SELECT 1 FROM verdicts WHERE verdicts.run_id = runs.id)
  AND NOT EXISTS (SELECT 1 FROM failures WHERE failures.run_id = runs.id)
  AND NOT EXISTS (SELECT 1 FROM conflicts WHERE conflicts.run_id = runs.id)`;
