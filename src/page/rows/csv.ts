import type { SweepView } from './sweep-view.ts';

/**
 * The rows given, in their order, as CSV (RFC 4180, lines end as in the program's own): settings as they are written, every
 * measure in full, so that another program reads back the numbers that the report has. What does not exist is empty; text
 * that a spreadsheet would take for a formula has an apostrophe in front.
 */
export function selectionCsv({ facts, rows }: SweepView, order: ArrayLike<number>): string {
  const measures = [
    'mae_tune',
    'mae_validation_locked',
    'mae_latest_stress',
    'auc_tune',
    'margin',
    ...facts.gates.gates.map((_, gate) => `margin_${gate}`),
  ].filter((name) => rows.has(name));
  const nameOf = (column: string): string => {
    const gate = /^margin_(\d)$/.exec(column)?.[1];
    return gate === undefined ? column : `margin ${facts.gates.gates[Number(gate)]!.name}`;
  };
  const head = [
    'rank',
    'id',
    ...facts.axes.map(({ name }) => name),
    'verdict',
    'gates',
    'weakest_gate',
    ...measures.map(nameOf),
  ];
  const lines = [head];
  for (let i = 0; i < order.length; i += 1) {
    const row = order[i]!;
    const hasGates = rows.hasGates(row);
    lines.push([
      String(rows.number('rank', row) || ''),
      rows.ids[row]!,
      ...facts.axes.map(({ column, values }) => {
        const value = values[rows.number(column, row)];
        return value === undefined || value.isNone ? '' : value.text;
      }),
      rows.verdict(row),
      hasGates ? String(rows.number('gates', row)) : '',
      hasGates ? (facts.gates.gates[rows.number('weakest', row)]?.name ?? '') : '',
      ...measures.map((name) => numberText(rows.number(name, row))),
    ]);
  }
  return lines.map((cells) => `${cells.map(cellText).join(',')}\n`).join('');
}

function numberText(value: number): string {
  return Number.isNaN(value) ? '' : String(value);
}

function cellText(text: string): string {
  const isFormula = /^[=+\-@]/.test(text) && Number.isNaN(Number(text));
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
