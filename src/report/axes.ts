import type { Configuration } from '../experiment/configuration.ts';
import { AXIS_EFFECTS, type AxisName } from '../sweep/axis-effects.ts';

/** What a configuration says of one axis of a sweep's definition; null where the axis is of the other kind. */
export type AxisValue = number | string | readonly number[] | null;

// The keys of a literal object are the union of its names; Object.keys only knows them as strings.
export const AXIS_NAMES = Object.keys(AXIS_EFFECTS) as readonly AxisName[];

/** What an axis is called where there is little room. */
export const AXIS_SHORT_NAMES: { readonly [axis in AxisName]: string } = {
  agesMinutes: 'ages',
  regressorKind: 'kind',
  huberAlpha: 'huber alpha',
  huberEpsilon: 'epsilon',
  huberMaxIter: 'max iter',
  ridgeAlpha: 'ridge alpha',
  regressionTargetClipBps: 'clip',
  maxRowsPerSplit: 'cap',
};

export function axisValueOf(configuration: Configuration, axis: AxisName): AxisValue {
  const { regressor } = configuration;
  switch (axis) {
    case 'agesMinutes':
      return configuration.agesMinutes;
    case 'regressorKind':
      return regressor.kind;
    case 'huberAlpha':
      return regressor.kind === 'huber' ? regressor.alpha : null;
    case 'huberEpsilon':
      return regressor.kind === 'huber' ? regressor.epsilon : null;
    case 'huberMaxIter':
      return regressor.kind === 'huber' ? regressor.maxIter : null;
    case 'ridgeAlpha':
      return regressor.kind === 'ridge' ? regressor.alpha : null;
    case 'regressionTargetClipBps':
      return configuration.regressionTargetClipBps;
    case 'maxRowsPerSplit':
      return configuration.maxRowsPerSplit;
  }
}

/** Equal values have equal keys, and no others of the same axis. */
export function axisValueKey(value: Exclude<AxisValue, null>): string | number {
  return typeof value === 'object' ? value.join() : value;
}

type Configured = { readonly configuration: Configuration };

/** The axes along which these differ. Where an axis is of the other kind it says nothing. */
export function varyingAxes(outcomes: readonly Configured[]): AxisName[] {
  return AXIS_NAMES.filter((axis) => {
    let first: AxisValue = null;
    return outcomes.some(({ configuration }) => {
      const value = axisValueOf(configuration, axis);
      if (value === null || value === first) return false;
      first ??= value;
      return axisValueKey(value) !== axisValueKey(first);
    });
  });
}

export type AxisConstant = { readonly axis: AxisName; readonly value: AxisValue };

/** The other axes, those that any of these have, and their one value. */
export function constantAxes(outcomes: readonly Configured[], varying: readonly AxisName[]): AxisConstant[] {
  return AXIS_NAMES.filter((axis) => !varying.includes(axis)).flatMap((axis) => {
    const example = outcomes.find(({ configuration }) => axisValueOf(configuration, axis) !== null);
    return example === undefined ? [] : [{ axis, value: axisValueOf(example.configuration, axis) }];
  });
}

/** In words, the metrics that an axis can move at all. */
export function movesText(axis: AxisName): string {
  const { moves, note } = AXIS_EFFECTS[axis];
  if (moves.length === 0) return `none${note === undefined ? '' : `: ${note}`}`;
  return moves.includes('continue_auc') ? 'all metrics' : 'edge metrics only';
}
