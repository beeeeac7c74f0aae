import type { StoredCondition, StoredValue } from '../../ranked-outcomes.ts';
import type { SqlValue } from '../../sql/connection.ts';
import { NOT_JUDGED_SINCE } from '../../sql/read-outcomes.ts';
import type { Selected } from '../../sql/read-verdicts.ts';
import { rowList } from '../../sql/values.ts';
import { conditionSql } from './condition-sql.ts';
import { isTextValue, type Side, valueSql } from './value-sql.ts';

/** Something to select from, as in `SELECT … FROM ${sql}`, and the values that stand in it as `?`. */
export type SourceSql = { readonly sql: string; readonly values: readonly SqlValue[] };

/** Columns by name: values, or SQL of a table that is there. */
export type Columns = Readonly<Record<string, StoredValue | string>>;

/** What of a sweep meets all conditions. */
export function entriesSql(
  side: Side,
  selected: Selected,
  columns: Columns,
  conditions: readonly StoredCondition[] = [],
): SourceSql {
  const { sql, values, meets } = testedSql(side, selected, columns, conditions);
  return { sql: meets === null ? sql : `${sql} WHERE ${meets}`, values };
}

/** All of a sweep, with a column `meets` that says whether an entry meets all conditions. */
export function allEntriesSql(
  side: Side,
  selected: Selected,
  columns: Columns,
  conditions: readonly StoredCondition[] = [],
): SourceSql {
  const { sql, values, meets } = testedSql(side, selected, columns, conditions);
  const names = Object.keys(columns).join(', ');
  return { sql: `(SELECT ${names}, ${meets ?? 'true'} AS meets FROM ${sql}) AS entries`, values };
}

type TestedSql = SourceSql & {
  /** Stands behind `sql` in the statement; null where there is no condition. */
  readonly meets: string | null;
};

function testedSql(
  side: Side,
  selected: Selected,
  columns: Columns,
  conditions: readonly StoredCondition[],
): TestedSql {
  const listed = [
    ...Object.entries(columns).map(([name, value]) => {
      return `${typeof value === 'string' ? value : valueSql(value, side)} AS ${name}`;
    }),
    ...conditions.map(({ value }, i) => `${valueSql(value, side)} AS tested_${i}`),
  ].join(', ');
  const tests = conditions.map(({ value, test }, i) => conditionSql(`tested_${i}`, test, isTextValue(value)));
  return {
    sql: `(SELECT ${listed} FROM ${tablesSql(side, selected, listed)}) AS entries`,
    values: tests.flatMap(({ values }) => values),
    meets: tests.length === 0 ? null : tests.map(({ sql }) => sql).join(' AND '),
  };
}

/**
 * The tables that the values of a side stand in, joined, and which of their rows a sweep shows.
 *
 * @param used SQL that is made of them: what it does not name is not joined
 */
export function tablesSql(side: Side, selected: Selected, used: string): string {
  // Row numbers are our own.
  const { sweepRow, shownDataRow, shownCodeRow } = selected;
  const where = (table: string, join: string) => (used.includes(`${table}.`) ? join : '');
  const shown = `JOIN (
    SELECT data.baseline_run_id AS baseline, data.hash AS data, codes.hash AS code, sweeps.name AS sweep
    FROM data, codes, sweeps
    WHERE data.id = ${shownDataRow} AND codes.id = ${shownCodeRow} AND sweeps.id = ${sweepRow}) AS shown ON true`;
  const members = `sweep_configurations AS member
    JOIN configurations ON configurations.id = member.configuration_id
    ${where('selections', `JOIN ${SELECTIONS} ON selections.id = configurations.selection_id`)}
    ${where('shown', shown)}`;
  if (side === 'judged') {
    return `${members}
      JOIN verdicts ON verdicts.configuration_id = configurations.id
        AND verdicts.content_id IN (${rowList(selected.contentRows ?? [])}) AND verdicts.code_id = ${shownCodeRow}
      ${where('contents', 'JOIN contents ON contents.id = verdicts.content_id')}
      ${where('verdict_metrics', 'JOIN verdict_metrics ON verdict_metrics.verdict_id = verdicts.id')}
      WHERE member.sweep_id = ${sweepRow}`;
  }
  return `${members}
    JOIN failures ON failures.configuration_id = configurations.id
      AND failures.data_id = ${shownDataRow} AND failures.code_id = ${shownCodeRow}
    LEFT JOIN datasets AS built ON built.data_id = failures.data_id AND built.code_id = failures.code_id
      AND built.selection_id = configurations.selection_id
    LEFT JOIN contents ON contents.id = built.content_id
    WHERE member.sweep_id = ${sweepRow} AND ${NOT_JUDGED_SINCE}`;
}

/** Ages sets in their order, by one age after another, which is an array's. */
const SELECTIONS = `(
  SELECT id, ages_minutes, max_rows_per_split,
    dense_rank() OVER (ORDER BY string_to_array(btrim(ages_minutes, '[]'), ',')::double precision[]) AS place
  FROM selections) AS selections`;
