import { compareText } from '../../../compare-text.ts';
import { PARAMETER_NAMES, type ParameterName, type ParameterValue } from '../../../experiment/parameters.ts';
import type { MetricValue } from '../../metric-columns.ts';
import type {
  CountedReason,
  NumberRange,
  ParameterSummary,
  RankedCount,
  RankedFacts,
  RankedOutcomes,
  RankedVerdict,
  StoredCondition,
  StoredValue,
  SweepView,
  WantedRows,
} from '../../ranked-outcomes.ts';
import type { FailedConfiguration } from '../../records.ts';
import { readCodes, referenced } from '../../sql/codes.ts';
import type { Connection, Sql } from '../../sql/connection.ts';
import { readAllData } from '../../sql/data.ts';
import { readConflictsShown } from '../../sql/read-conflicts.ts';
import { readBeside, readFailures, shownData } from '../../sql/read-outcomes.ts';
import { type Selected, selectedBy, verdictReader } from '../../sql/read-verdicts.ts';
import { countOutcomes, type OutcomeCounts } from '../../sql/sweep-summaries.ts';
import { memberCount, sweepRowOf } from '../../sql/sweeps.ts';
import { asMetric, asNumber, asNumberOrNull, asText } from '../../sql/values.ts';
import { allEntriesSql, entriesSql, type SourceSql, tablesSql } from './entries-sql.ts';
import { isTextValue, RANK_ORDER } from './value-sql.ts';

/** Does what reads, see `SqlVerdictStore`. */
type Reading = <T>(work: (connection: Connection) => Sql<T>) => Promise<T>;

/**
 * What a join or a sort of millions may hold before it goes by way of the disk: of 3 million a leaderboard took 57 s with the
 * 4 MB that a server has by itself, 39 s with these. For the transaction alone.
 */
const WITH_ROOM = "SET LOCAL work_mem = '128MB'";

const RANK: StoredValue = { of: 'outcome', name: 'rank' };
const ID: StoredValue = { of: 'outcome', name: 'configurationId' };
const RATIO: StoredValue = { of: 'outcome', name: 'tuneEdgeMaeRatio' };

/** A sweep's outcomes as a PostgreSQL server counts, filters and ranks them. */
export class PostgresRankedOutcomes implements RankedOutcomes {
  readonly #reading: Reading;

  /** @param reading of a transaction of its own, or of one that is held */
  constructor(reading: Reading) {
    this.#reading = (work) =>
      reading(function* (connection) {
        yield* connection.run(WITH_ROOM);
        return yield* work(connection);
      });
  }

  size(sweep: string | null): Promise<number> {
    return this.#reading(function* (connection) {
      if (sweep !== null) return yield* memberCount(connection, yield* sweepRowOf(connection, sweep));
      const sql = 'SELECT (SELECT count(*) FROM verdicts) + (SELECT count(*) FROM failures)';
      return asNumber((yield* connection.get(sql))?.[0]);
    });
  }

  lookCount(): Promise<number> {
    return this.#reading(function* (connection) {
      return asNumber((yield* connection.get('SELECT count(*) FROM looks'))?.[0]);
    });
  }

  facts(query: SweepView): Promise<RankedFacts> {
    return this.#reading(function* (connection) {
      const selected = yield* selectedBy(connection, query);
      const { judged, failed, passed, unconverged, sealed } = yield* countsOf(connection, selected);
      return {
        judgedCount: judged,
        failedCount: failed,
        passedCount: passed,
        unconvergedCount: unconverged,
        sealedCount: sealed,
        baselineRunId: referenced(yield* readAllData(connection), selected.shownDataRow!, 'data').baselineRunId,
        codeHash: referenced(yield* readCodes(connection), selected.shownCodeRow!, 'code').hash,
        ...(yield* readBeside(connection, selected, judged + failed)),
        conflicts: yield* readConflictsShown(connection, selected),
      };
    });
  }

  values(query: SweepView, value: StoredValue, most: number): Promise<readonly MetricValue[] | null> {
    return this.#reading(function* (connection) {
      const all = bothSides(yield* selectedBy(connection, query), value);
      // A measured number is another one in almost every row: that shows early, and all of them are many.
      const early = `SELECT count(DISTINCT value) FROM (SELECT value FROM ${all.sql} LIMIT ${EARLY * most}) AS early`;
      if (asNumber((yield* connection.get(early, ...all.values))?.[0]) > most) return null;
      const sql = `SELECT DISTINCT value FROM ${all.sql} LIMIT ${most + 1}`;
      const rows = yield* connection.all(sql, ...all.values);
      return rows.length > most ? null : rows.map(([found]) => asMetric(found));
    });
  }

  numbersOf(query: SweepView, value: StoredValue, number: number): Promise<NumberRange> {
    return this.#reading(function* (connection) {
      const all = bothSides(yield* selectedBy(connection, query), value);
      const sql = `SELECT min(value), max(value), coalesce(bool_or(value = ?::double precision), false) FROM ${all.sql}`;
      const [least, greatest, has] = (yield* connection.get(sql, number, ...all.values)) ?? [];
      return { least: asNumberOrNull(least ?? null), greatest: asNumberOrNull(greatest ?? null), has: has === 1 };
    });
  }

  textsBeside(query: SweepView, value: StoredValue, text: string, most: number): Promise<readonly string[]> {
    return this.#reading(function* (connection) {
      const all = bothSides(yield* selectedBy(connection, query), value);
      const texts = `SELECT DISTINCT value COLLATE "C" AS text FROM ${all.sql} WHERE value COLLATE "C"`;
      const sql = `(${texts} < ? ORDER BY text DESC LIMIT ${most}) UNION ALL (${texts} > ? ORDER BY text LIMIT ${most}) ORDER BY text`;
      const rows = yield* connection.all(sql, ...all.values, text, ...all.values, text);
      return rows.map(([found]) => asText(found));
    });
  }

  count(query: SweepView, conditions: readonly StoredCondition[]): Promise<RankedCount> {
    return this.#reading(function* (connection) {
      const selected = yield* selectedBy(connection, query);
      const [judged, failed] = [
        entriesSql('judged', selected, { one: '1' }, conditions),
        entriesSql('failed', selected, { one: '1' }, conditions),
      ];
      return { judged: yield* countOf(connection, judged), failed: yield* countOf(connection, failed) };
    });
  }

  first(query: SweepView, wanted: WantedRows): Promise<readonly RankedVerdict[]> {
    return this.#reading(function* (connection) {
      const selected = yield* selectedBy(connection, query);
      const rows = yield* firstRows(connection, selected, wanted);
      const reader = yield* verdictReader(connection);
      const outcomes = yield* reader.some(
        rows.map(({ row }) => row),
        query.metrics ?? [],
        yield* shownData(connection, selected),
      );
      return outcomes.map((outcome, i) => ({ outcome, rank: rows[i]!.rank }));
    });
  }

  failures(
    query: SweepView,
    conditions: readonly StoredCondition[],
    count: number,
  ): Promise<readonly FailedConfiguration[]> {
    return this.#reading(function* (connection) {
      const selected = yield* selectedBy(connection, query);
      const { sql, values } = entriesSql('failed', selected, { row_id: 'failures.id', id: ID }, conditions);
      const rows = yield* connection.all(
        `SELECT row_id FROM ${sql} ORDER BY id LIMIT ?`,
        ...values,
        Math.min(count, ALL),
      );
      const found = yield* readFailures(
        connection,
        selected,
        rows.map(([row]) => asNumber(row)),
      );
      return found.sort((a, b) => compareText(a.configurationId, b.configurationId));
    });
  }

  reasons(query: SweepView, conditions: readonly StoredCondition[]): Promise<readonly CountedReason[]> {
    return this.#reading(function* (connection) {
      const selected = yield* selectedBy(connection, query);
      const columns = { id: ID, reason: `failures.error_name || ': ' || failures.error_message` };
      const { sql, values } = entriesSql('failed', selected, columns, conditions);
      const rows = yield* connection.all(
        `SELECT reason, count(*) FROM ${sql} GROUP BY reason ORDER BY count(*) DESC, min(id)`,
        ...values,
      );
      return rows.map(([reason, count]) => ({ reason: asText(reason), count: asNumber(count) }));
    });
  }

  parameters(
    query: SweepView,
    conditions: readonly StoredCondition[],
  ): Promise<ReadonlyMap<ParameterName, readonly ParameterSummary[]>> {
    return this.#reading(function* (connection) {
      const selected = yield* selectedBy(connection, query);
      const { sql, values } = summariesSql(selected, conditions);
      const rows = yield* connection.all(sql, ...values);
      const summaries = new Map<ParameterName, ParameterSummary[]>(PARAMETER_NAMES.map((name) => [name, []]));
      for (const [place, value, count, lower, upper, best, worst] of rows) {
        const name = PARAMETER_NAMES[asNumber(place)]!;
        const ratios =
          count === 0
            ? null
            : {
                count: asNumber(count),
                median: (asNumber(lower) + asNumber(upper)) / 2,
                best: asNumber(best),
                worst: asNumber(worst),
              };
        summaries.get(name)!.push({ value: parameterOf(name, asText(value)), ratios });
      }
      return summaries;
    });
  }
}

/** `LIMIT` takes no infinity. */
const ALL = Number.MAX_SAFE_INTEGER;

/** Of how many times as many rows the different values are counted first. */
const EARLY = 4;

function* countsOf(connection: Connection, selected: Selected): Sql<OutcomeCounts> {
  const { sweepRow, shownDataRow, shownCodeRow } = selected;
  return yield* countOutcomes(connection, { sweepRow: sweepRow!, dataRow: shownDataRow!, codeRow: shownCodeRow! });
}

function* countOf(connection: Connection, { sql, values }: SourceSql): Sql<number> {
  return asNumber((yield* connection.get(`SELECT count(*) FROM ${sql}`, ...values))?.[0]);
}

/** Every `value` of verdicts and failures. */
function bothSides(selected: Selected, value: StoredValue): SourceSql {
  const judged = entriesSql('judged', selected, { value });
  const failed = entriesSql('failed', selected, { value });
  return {
    sql: `(SELECT value FROM ${judged.sql} UNION ALL SELECT value FROM ${failed.sql}) AS both_sides`,
    values: [...judged.values, ...failed.values],
  };
}

type RankedRow = { readonly row: number; readonly rank: number };

function* firstRows(
  connection: Connection,
  selected: Selected,
  { conditions, sort, count }: WantedRows,
): Sql<RankedRow[]> {
  const limit = Math.min(count, ALL);
  if (conditions.length === 0 && sort === null) {
    // The first of all are numbered as they come: a heap of them does, where ranks for all would be a sort of all.
    const sql = `SELECT verdicts.id FROM ${tablesSql('judged', selected, RANK_ORDER)} ORDER BY ${RANK_ORDER} LIMIT ?`;
    const rows = yield* connection.all(sql, limit);
    return rows.map(([row], i) => ({ row: asNumber(row), rank: i + 1 }));
  }
  const columns = { row_id: 'verdicts.id', rank: RANK, ...(sort === null ? {} : { sorted: sort.value }) };
  const { sql, values } = entriesSql('judged', selected, columns, conditions);
  const order =
    sort === null ? 'rank' : `${sortedSql(sort.value)} ${sort.descending ? 'DESC' : 'ASC'} NULLS LAST, rank`;
  const rows = yield* connection.all(`SELECT row_id, rank FROM ${sql} ORDER BY ${order} LIMIT ?`, ...values, limit);
  return rows.map(([row, rank]) => ({ row: asNumber(row), rank: asNumber(rank) }));
}

/** Of the column `sorted`, see `compareMissingLast` (`src/report/rank.ts`). */
function sortedSql(value: StoredValue): string {
  if (!isTextValue(value)) return 'to_seven_digits(sorted)';
  const mayHoldAnything = value.of === 'outcome' && value.name === 'tags';
  return `${mayHoldAnything ? IN_UTF_16 : 'sorted'} COLLATE "C"`;
}

/**
 * Text in the order of its UTF-16 units (`compareText`): characters beyond U+FFFF are surrogates there, behind U+D7FF, which
 * is no character, and before U+E000.
 */
const IN_UTF_16 = `regexp_replace(sorted, '([\\U00010000-\\U0010FFFF])', '\uD7FF\\1', 'g')`;

/** All outcomes are gone through once and put aside; then one parameter after another. */
function summariesSql(selected: Selected, conditions: readonly StoredCondition[]): SourceSql {
  const parameters = PARAMETER_NAMES.map((name, i): [string, StoredValue] => [
    `parameter_${i}`,
    { of: 'parameter', names: [name] },
  ]);
  const columns = { ...Object.fromEntries(parameters), ratio: RATIO };
  const judged = allEntriesSql('judged', selected, columns, conditions);
  const failed = entriesSql('failed', selected, columns);
  const each = parameters.map(
    ([name], i) => `
      SELECT ${i}, parameter, number, middle[1], middle[2], best, worst FROM (
        SELECT ${name}::text AS parameter, count(ratio) AS number, min(ratio) AS best, max(ratio) AS worst, ${MIDDLE} AS middle
        FROM gathered WHERE ${name} IS NOT NULL GROUP BY ${name}) AS summaries`,
  );
  // What does not meet the conditions lends its values alone.
  const sql = `WITH gathered AS MATERIALIZED (
      SELECT ${parameters.map(([name]) => name).join(', ')}, CASE WHEN meets THEN ratio END AS ratio FROM ${judged.sql}
      UNION ALL SELECT ${Object.keys(columns).join(', ')} FROM ${failed.sql})
    ${each.join(' UNION ALL ')}`;
  return { sql, values: [...judged.values, ...failed.values] };
}

/**
 * Of the figures that there are the two middle ones, which are one where their number is odd: the second is the next one
 * where it is even, below 10^9 of them.
 */
const MIDDLE = 'percentile_disc(ARRAY[0.5, 0.500000001]) WITHIN GROUP (ORDER BY ratio)';

/** As text of the database. */
function parameterOf(name: ParameterName, text: string): ParameterValue {
  if (name === 'agesMinutes') return text.split(',').map(Number);
  return name === 'regressorKind' ? text : Number(text);
}
