import type { Configuration } from '../experiment/configuration.ts';
import { PARAMETER_NAMES, type ParameterValue, parameterOf } from '../experiment/parameters.ts';
import { type AxisName, axisEffect } from '../sweep/axis-effects.ts';
import { MISSING } from './number-text.ts';

/** What a configuration says of one axis of a sweep's definition; null where the axis is of the other kind. */
export type AxisValue = ParameterValue | null;

/** What an axis is called where there is little room: its column, and the kind where kinds share it. */
export function shortAxisName(axis: AxisName): string {
  const { column, kinds } = parameterOf(axis);
  const isShared = PARAMETER_NAMES.some((other) => other !== axis && parameterOf(other).column === column);
  return isShared ? `${kinds.join(' ')} ${column}` : column;
}

export function axisValueOf(configuration: Configuration, axis: AxisName): AxisValue {
  return parameterOf(axis).read(configuration);
}

/** Equal values have equal keys, and no others of the same axis. */
export function axisValueKey(value: Exclude<AxisValue, null>): string | number {
  return typeof value === 'object' ? value.join() : value;
}

export function axisValueText(value: AxisValue, numberText: (value: number) => string = String): string {
  if (value === null) return MISSING;
  return typeof value === 'number' ? numberText(value) : String(axisValueKey(value));
}

type Configured = { readonly configuration: Configuration };

/** The axes along which these differ. Where an axis is of the other kind it says nothing. */
export function varyingAxes(outcomes: readonly Configured[]): AxisName[] {
  return PARAMETER_NAMES.filter((axis) => {
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
  return PARAMETER_NAMES.filter((axis) => !varying.includes(axis)).flatMap((axis) => {
    const example = outcomes.find(({ configuration }) => axisValueOf(configuration, axis) !== null);
    return example === undefined ? [] : [{ axis, value: axisValueOf(example.configuration, axis) }];
  });
}

/** In words, the metrics that an axis can move at all. */
export function movesText(axis: AxisName): string {
  const { moves, note } = axisEffect(axis);
  if (moves.length === 0) return `none${note === undefined ? '' : `: ${note}`}`;
  return moves.includes('continue_auc') ? 'all metrics' : 'edge metrics only';
}
