import type { StoredTest } from '../../ranked-outcomes.ts';
import type { SqlValue } from '../../sql/connection.ts';

/** A condition of a statement, and the values that stand in it as `?`. */
export type ConditionSql = { readonly sql: string; readonly values: readonly SqlValue[] };

/** Of a value that stands there as `name`. True or false, never NULL: what has no value meets a `not` alone. */
export function conditionSql(name: string, test: StoredTest, isText: boolean): ConditionSql {
  switch (test.kind) {
    case 'among': {
      const values = test.values.filter((value) => value !== null);
      const isNull = test.values.length > values.length ? `${name} IS NULL` : 'false';
      // As one value, however many there are; the server makes a hash table of a subquery, not of an array.
      const list = isText ? 'jsonb_array_elements_text(?::jsonb)' : 'jsonb_array_elements(?::jsonb)::double precision';
      return known(`(${isNull} OR ${name} IN (SELECT ${list}))`, [JSON.stringify(values)]);
    }
    case 'between':
      return known(`${name} BETWEEN ?::double precision AND ?::double precision`, [test.from, test.to]);
    case 'below':
      return known(`${name} < ?::double precision`, [test.limit]);
    case 'above':
      return known(`${name} > ?::double precision`, [test.limit]);
    case 'beginning':
      return known(`left(${name}, length(?::text)) = ?::text`, [test.text, test.text]);
    case 'member':
      return known(`(${name} = ?::text OR ?::text = ANY (string_to_array(${name}, ?::text)))`, [
        test.text,
        test.text,
        test.between,
      ]);
    case 'not': {
      const { sql, values } = conditionSql(name, test.test, isText);
      return { sql: `NOT ${sql}`, values };
    }
  }
}

function known(sql: string, values: readonly SqlValue[]): ConditionSql {
  return { sql: `coalesce(${sql}, false)`, values };
}
