import type { MetricValue } from '../store/metric-columns.ts';
import type { ColumnPlaces, Entry, Field } from './fields.ts';

/** Rows that read the same but for the values of some parameters, which take every combination of those listed. */
export type Fold<Row extends Entry = Entry> = {
  /** In the order in which they came; the first stands for all. */
  readonly rows: readonly [Row, ...Row[]];
  /** Of each parameter the values in it, ascending; one where it does not differ. */
  readonly values: ReadonlyMap<Field, readonly MetricValue[]>;
};

/**
 * Folds neighbours of equal figures: of a clip that moves nothing to the digits shown, one row says `0 60 120`. Lazily,
 * since only the first few folds of a long list are wanted.
 *
 * @param figuresOf what has to be equal, as it is shown
 */
export function* foldRows<Row extends Entry>(
  rows: Iterable<Row>,
  parameters: readonly Field[],
  figuresOf: (row: Row) => string,
): Generator<Fold<Row>> {
  let block: Row[] = [];
  let figures: string | undefined;
  for (const row of rows) {
    const own = figuresOf(row);
    if (own !== figures) yield* foldBlock(block, parameters);
    if (own !== figures) block = [];
    figures = own;
    block.push(row);
  }
  yield* foldBlock(block, parameters);
}

/** Each row by itself. */
export function unfolded<Row extends Entry>(rows: readonly Row[], parameters: readonly Field[]): Fold<Row>[] {
  return rows.map((row) => single(row, parameters));
}

/** Merges along one parameter after another, the last first, so that what is merged is a product of values. */
function foldBlock<Row extends Entry>(block: readonly Row[], parameters: readonly Field[]): Fold<Row>[] {
  let folds = block.map((row) => single(row, parameters));
  for (const parameter of parameters.toReversed()) {
    const groups = Map.groupBy(folds, ({ values }) =>
      JSON.stringify(parameters.filter((other) => other !== parameter).map((other) => values.get(other))),
    );
    folds = [...groups.values()].flatMap((group) => merged(group, parameter));
  }
  return folds;
}

function single<Row extends Entry>(row: Row, parameters: readonly Field[]): Fold<Row> {
  return { rows: [row], values: new Map(parameters.map((field) => [field, [field.read(row, NO_METRICS)]])) };
}

// Parameters are read of the configuration alone.
const NO_METRICS: ColumnPlaces = new Map();

function merged<Row extends Entry>(group: readonly Fold<Row>[], along: Field): Fold<Row>[] {
  const [first, ...others] = group;
  if (first === undefined || others.length === 0) return [...group];
  const values = group.flatMap((fold) => fold.values.get(along) ?? []);
  // The same values twice are verdicts on other content or by other code: two rows, not one.
  if (new Set(values).size < values.length) return [...group];
  const rows: [Row, ...Row[]] = [...first.rows];
  for (const fold of others) rows.push(...fold.rows);
  return [{ rows, values: new Map([...first.values, [along, values.sort(compareValues)]]) }];
}

function compareValues(a: MetricValue, b: MetricValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return String(a) < String(b) ? -1 : 1;
}
