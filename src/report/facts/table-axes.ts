import type { Configuration } from '../../experiment/configuration.ts';
import { parameterOf } from '../../experiment/parameters.ts';
import type { AxisFacts } from '../../page-data/report.ts';
import type { AxisName } from '../../sweep/axis-effects.ts';
import {
  type AxisConstant,
  type AxisValue,
  axisValueKey,
  axisValueOf,
  axisValueText,
  constantAxes,
  movesText,
  shortAxisName,
  varyingAxes,
} from '../axes.ts';
import { shortNumbers } from '../number-text.ts';

/** An axis that varies, with its values in order. */
export type TableAxis = {
  readonly name: AxisName;
  readonly label: string;
  /** Numbers ascending, ages by their lists, kinds as they are listed; last null, where it is no parameter of some row. */
  readonly values: readonly AxisValue[];
  readonly texts: readonly string[];
  /** Place of a configuration's value. */
  readonly placeOf: (configuration: Configuration) => number;
};

/** What a value is called where an axis says nothing. */
export const NONE = 'none';

export function tableAxes(configurations: readonly Configuration[]): TableAxis[] {
  return varyingAxes(configurations.map((configuration) => ({ configuration }))).map((name) =>
    axisOf(name, configurations),
  );
}

/** The other axes, as texts. */
export function constantTexts(
  configurations: readonly Configuration[],
  axes: readonly TableAxis[],
): { readonly label: string; readonly text: string }[] {
  const configured = configurations.map((configuration) => ({ configuration }));
  const varying = axes.map(({ name }) => name);
  return constantAxes(configured, varying).map(({ axis, value }: AxisConstant) => ({
    label: shortAxisName(axis),
    text: axisValueText(value),
  }));
}

export function axisFacts({ name, label, values, texts }: TableAxis): AxisFacts {
  return {
    name,
    label,
    column: axisColumn(name),
    values: values.map((value, i) => ({
      text: texts[i]!,
      number: typeof value === 'number' ? value : null,
      isNone: value === null,
    })),
    moves: movesText(name),
  };
}

export function axisColumn(name: AxisName): string {
  return `axis_${name}`;
}

function axisOf(name: AxisName, configurations: readonly Configuration[]): TableAxis {
  const byKey = new Map<string | number, Exclude<AxisValue, null>>();
  let hasNone = false;
  let last: AxisValue = null;
  for (const configuration of configurations) {
    const value = axisValueOf(configuration, name);
    if (value === null) hasNone = true;
    else if (value !== last) byKey.set(axisValueKey(value), value);
    last = value;
  }
  const values = [...byKey.values()].sort((a, b) => compare(name, a, b));
  const places = new Map(values.map((value, place) => [axisValueKey(value), place]));
  const numberText = shortNumbers(values.filter((value) => typeof value === 'number'));
  return {
    name,
    label: shortAxisName(name),
    values: hasNone ? [...values, null] : values,
    texts: [...values.map((value) => axisValueText(value, numberText)), ...(hasNone ? [NONE] : [])],
    placeOf: (configuration) => {
      const value = axisValueOf(configuration, name);
      return value === null ? values.length : places.get(axisValueKey(value))!;
    },
  };
}

/** Numbers by size, lists by one item after another, kinds as they are listed. */
function compare(name: AxisName, a: Exclude<AxisValue, null>, b: Exclude<AxisValue, null>): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'object' && typeof b === 'object') {
    const at = a.findIndex((item, i) => item !== b[i]);
    return at === -1 ? a.length - b.length : a[at]! - (b[at] ?? -Infinity);
  }
  const kinds: readonly string[] = parameterOf(name).kinds;
  return kinds.indexOf(String(a)) - kinds.indexOf(String(b));
}
