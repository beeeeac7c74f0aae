import { fixed, signed } from '../parts/number-text.ts';
import type { Dimension } from './dimensions.ts';
import type { Rows } from './rows.ts';
import type { SweepView } from './sweep-view.ts';

/** A column of the table of configurations: what it shows, and what it is sorted by. */
export type TableColumn = {
  readonly name: string;
  readonly label: string;
  readonly isNumber: boolean;
  readonly text: (row: number) => string;
  /** Undefined: the rank, in which rows stand anyway. */
  readonly sortValues: ArrayLike<number> | undefined;
};

/** All of a sweep's, the most asked for first: rank and id, settings, measures, gates. */
export function tableColumns(view: SweepView): TableColumn[] {
  const { rows, dimensions, facts } = view;
  const number = (name: string, label: string, text: (value: number) => string): TableColumn[] =>
    rows.has(name)
      ? [{ name, label, isNumber: true, text: (row) => text(rows.number(name, row)), sortValues: rows.numbers(name) }]
      : [];
  return [
    {
      name: 'rank',
      label: '#',
      isNumber: true,
      text: (row) => String(rows.number('rank', row) || '–'),
      sortValues: undefined,
    },
    { name: 'id', label: 'id', isNumber: false, text: (row) => rows.shortId(row), sortValues: idOrder(rows) },
    {
      name: 'verdict',
      label: 'verdict',
      isNumber: false,
      text: (row) => rows.verdict(row),
      sortValues: rows.numbers('verdict'),
    },
    ...dimensions.flatMap((dimension) => (dimension.kind === 'steps' ? stepColumn(dimension) : [])),
    {
      name: 'mae_tune',
      label: 'tune MAE',
      isNumber: true,
      text: (row) => withHalf(rows.number('mae_tune', row), rows.numberIfThere('tune_half', row)),
      sortValues: rows.numbers('mae_tune'),
    },
    ...number('gain', 'gain', (value) => signed(value, 3)),
    ...number('mae_validation_locked', 'locked MAE', (value) => fixed(value, 5)),
    ...number('mae_latest_stress', 'stress MAE', (value) => fixed(value, 5)),
    ...number('auc_tune', 'tune AUC', (value) => fixed(value, 4)),
    {
      name: 'gates',
      label: 'gates',
      isNumber: true,
      text: (row) => (rows.hasGates(row) ? `${rows.number('gates', row)}/${facts.gates.gates.length}` : '–'),
      sortValues: rows.numbers('gates'),
    },
    ...number('margin', 'margin', (value) => signed(value)),
    {
      name: 'weakest',
      label: 'weakest gate',
      isNumber: false,
      text: (row) => (rows.hasGates(row) ? view.gateLabel(rows.number('weakest', row)) : '–'),
      sortValues: rows.numbers('weakest'),
    },
    ...(rows.has('word')
      ? [
          {
            name: 'word',
            label: 'says',
            isNumber: false,
            text: (row: number) => rows.word('word', row) ?? '–',
            sortValues: rows.numbers('word'),
          },
        ]
      : []),
  ];
}

function stepColumn(dimension: Extract<Dimension, { kind: 'steps' }>): TableColumn {
  const { name, label, steps, places } = dimension;
  return {
    name,
    label,
    isNumber: steps.every(({ text }) => text === 'none' || !Number.isNaN(Number(text))),
    text: (row) => steps[places[row]!]?.text.replace(/^none$/, '–') ?? '–',
    sortValues: places,
  };
}

function withHalf(value: number, half: number): string {
  return Number.isNaN(half) ? fixed(value, 5) : `${fixed(value, 5)} ±${fixed(half, 3)}`;
}

/** Places of ids among all of them. */
function idOrder({ ids }: Rows): Float64Array {
  return Float64Array.from(ids, (id) => Number.parseInt(id, 16));
}
