/** Tables as `docs/benchmarks.md` has them. */

export type Column<Row> = readonly [heading: string, cell: (row: Row) => string | number];

/** A number is written with three digits, whole ones as they are. */
export function markdownTable<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const isNumber = columns.map(([, cell]) => rows.every((row) => typeof cell(row) === 'number'));
  return [
    line(columns.map(([heading]) => heading)),
    line(isNumber.map((right) => (right ? '---:' : '---'))),
    ...rows.map((row) => line(columns.map(([, cell]) => cellText(cell(row))))),
  ].join('\n');
}

function cellText(value: string | number): string {
  if (typeof value === 'string') return value;
  if (!Number.isFinite(value)) return '';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return Number.isInteger(value) || digits === 0 ? Math.round(value).toLocaleString('en-US') : value.toFixed(digits);
}
