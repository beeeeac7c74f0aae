import type { AxisFacts, SweepFacts } from '../../page-data/report.ts';
import type { Rows } from './rows.ts';

/**
 * What rows can be narrowed by: an axis of the grid, whose values are steps at equal distances whatever they are (so that
 * powers of ten, words and `none` need nothing of their own), or a measure, best at the top.
 */
export type Dimension = {
  readonly name: string;
  readonly label: string;
  /** Of each row: 0 at the bottom, 1 at the top, NaN where there is no value. */
  readonly heights: Float32Array;
} & (
  | { readonly kind: 'steps'; readonly steps: readonly Step[]; readonly places: ArrayLike<number> }
  | {
      readonly kind: 'measure';
      readonly values: ArrayLike<number>;
      readonly least: number;
      readonly greatest: number;
      readonly isLowBest: boolean;
      readonly digits: number;
    }
);

export type Step = { readonly text: string; readonly height: number };
export type MeasureDimension = Extract<Dimension, { kind: 'measure' }>;
export type StepsDimension = Extract<Dimension, { kind: 'steps' }>;

type Measure = Pick<MeasureDimension, 'name' | 'label' | 'isLowBest' | 'digits'>;

const MEASURES: readonly Measure[] = [
  { name: 'mae_tune', label: 'tune MAE', isLowBest: true, digits: 4 },
  { name: 'mae_validation_locked', label: 'locked MAE', isLowBest: true, digits: 4 },
  { name: 'mae_latest_stress', label: 'stress MAE', isLowBest: true, digits: 4 },
  { name: 'auc_tune', label: 'tune AUC', isLowBest: false, digits: 4 },
  { name: 'margin', label: 'weakest margin', isLowBest: false, digits: 4 },
];

/** Axes that vary, as they stand in the report, then the measures that any row has. */
export function dimensionsOf(facts: Pick<SweepFacts, 'axes'>, rows: Rows): Dimension[] {
  const axes = facts.axes.map((axis) => stepsOf(axis, rows));
  return [...axes, ...MEASURES.flatMap((measure) => (rows.has(measure.name) ? measureOf(measure, rows) : []))];
}

function stepsOf({ name, label, column, values }: AxisFacts, rows: Rows): Dimension {
  const places = rows.numbers(column);
  const count = values.length;
  const heightOf = (place: number) => (count === 1 ? 0.5 : place / (count - 1));
  // `none` is the last value of an axis and stands at its bottom: it is less than any.
  const noneAt = values.findIndex(({ isNone }) => isNone);
  const heights = values.map((_, place) => {
    if (noneAt === -1) return heightOf(place);
    return place === noneAt ? 0 : heightOf(place < noneAt ? place + 1 : place);
  });
  return {
    kind: 'steps',
    name,
    label,
    steps: values.map(({ text }, place) => ({ text, height: heights[place]! })),
    places,
    heights: Float32Array.from(places, (place) => heights[place] ?? Number.NaN),
  };
}

function measureOf(measure: Measure, rows: Rows): Dimension[] {
  const values = rows.numbers(measure.name);
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < rows.count; row += 1) {
    const value = values[row]!;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (least > greatest) return [];
  const span = greatest - least;
  const heights = Float32Array.from(values, (value) => {
    const height = span === 0 ? 0.5 + 0 * value : (value - least) / span;
    return measure.isLowBest ? 1 - height : height;
  });
  return [{ kind: 'measure', ...measure, values, least, greatest, heights }];
}

/** The measure's value at a height; its ends are the ends to the last bit, so that a band beyond them holds them. */
export function valueAt({ least, greatest, isLowBest }: MeasureDimension, height: number): number {
  const share = isLowBest ? 1 - height : height;
  return share === 1 ? greatest : least + share * (greatest - least);
}

/** And the height of a value. */
export function heightAt({ least, greatest, isLowBest }: MeasureDimension, value: number): number {
  const height = greatest === least ? 0.5 : (value - least) / (greatest - least);
  return isLowBest ? 1 - height : height;
}
