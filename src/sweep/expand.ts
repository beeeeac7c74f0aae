import {
  type Configuration,
  DEFAULTS,
  REGRESSOR_KINDS,
  type RegressorKind,
  type RegressorSettings,
} from '../experiment/configuration.ts';
import { type NumericParameterName, PARAMETER_NAMES, parameterOf } from '../experiment/parameters.ts';
import type { AxisName } from './axis-effects.ts';
import { axisValues, uniqueAscending } from './axis-values.ts';
import type { SweepAxes, SweepDefinition } from './sweep-definition.ts';

/** Every axis with its values: sorted, without duplicates, the defaults filled in. */
export type ResolvedAxes = {
  readonly [axis in keyof SweepAxes]-?: axis extends 'agesMinutes'
    ? readonly (readonly number[])[]
    : axis extends 'regressorKind'
      ? readonly RegressorKind[]
      : readonly number[];
};

/**
 * The configurations of a definition: the product of its axes, where the axes of the other regressor kind do not
 * multiply. No configuration comes twice. The order is that of the values, not that of the file, so that two spellings
 * of a grid give one list: by ages set, cap, clip, kind, then epsilon, alpha, iterations, each ascending. Neighbours
 * differ little, and the configurations of one dataset stand together.
 *
 * @param limit only the first so many. Without it ask `countConfigurations` first: the list takes memory.
 */
export function expandSweep(definition: SweepDefinition, limit = Infinity): Configuration[] {
  return expandAxes(resolveAxes(definition.axes), limit);
}

/** `expandSweep` of axes whose values are known. */
export function expandAxes(axes: ResolvedAxes, limit = Infinity): Configuration[] {
  const configurations: Configuration[] = [];
  for (const configuration of configurationsOf(axes)) {
    if (configurations.length >= limit) break;
    configurations.push(configuration);
  }
  return configurations;
}

/**
 * How many configurations `expandSweep` gives, exactly (up to 2^53), without making them:
 *
 *   ages sets · caps · clips · (Huber's alphas · epsilons · iteration limits + ridge's alphas)
 *
 * with a term only for the kinds that are asked for.
 */
export function countConfigurations(definition: SweepDefinition): number {
  return countOfAxes(resolveAxes(definition.axes));
}

/** `countConfigurations` of axes whose values are known. */
export function countOfAxes(axes: ResolvedAxes): number {
  const isShared = (name: AxisName) => parameterOf(name).kinds.length === REGRESSOR_KINDS.length;
  const product = (names: readonly AxisName[]) => names.reduce((count, name) => count * axes[name].length, 1);
  const own = (kind: RegressorKind) =>
    PARAMETER_NAMES.filter((name) => !isShared(name) && parameterOf(name).kinds.includes(kind));
  const regressors = axes.regressorKind.reduce((sum, kind) => sum + product(own(kind)), 0);
  return product(PARAMETER_NAMES.filter((name) => isShared(name) && name !== 'regressorKind')) * regressors;
}

export function resolveAxes(axes: SweepAxes): ResolvedAxes {
  const numeric = (name: NumericParameterName) => axisValues(axes[name] ?? [DEFAULTS[name]]);
  const kinds = axes.regressorKind ?? [DEFAULTS.regressorKind];
  return {
    agesMinutes: uniqueAgesSets(axes.agesMinutes ?? [DEFAULTS.agesMinutes]),
    regressorKind: REGRESSOR_KINDS.filter((kind) => kinds.includes(kind)),
    huberAlpha: numeric('huberAlpha'),
    huberEpsilon: numeric('huberEpsilon'),
    huberMaxIter: numeric('huberMaxIter'),
    ridgeAlpha: numeric('ridgeAlpha'),
    regressionTargetClipBps: numeric('regressionTargetClipBps'),
    maxRowsPerSplit: numeric('maxRowsPerSplit'),
  };
}

function* configurationsOf(axes: ResolvedAxes): Generator<Configuration> {
  for (const agesMinutes of axes.agesMinutes) {
    for (const maxRowsPerSplit of axes.maxRowsPerSplit) {
      for (const regressionTargetClipBps of axes.regressionTargetClipBps) {
        for (const regressor of regressorsOf(axes)) {
          yield { agesMinutes, regressor, regressionTargetClipBps, maxRowsPerSplit };
        }
      }
    }
  }
}

function* regressorsOf(axes: ResolvedAxes): Generator<RegressorSettings> {
  for (const kind of axes.regressorKind) {
    if (kind === 'ridge') {
      // A ridge fit has no iterations to limit: whatever the definition says, it is one configuration.
      for (const alpha of axes.ridgeAlpha) yield { kind, alpha, maxIter: DEFAULTS.huberMaxIter };
      continue;
    }
    for (const epsilon of axes.huberEpsilon) {
      for (const alpha of axes.huberAlpha) {
        for (const maxIter of axes.huberMaxIter) yield { kind, alpha, epsilon, maxIter };
      }
    }
  }
}

/** Each set ascending and unique; the sets without duplicates, in the order of their first ages, then second, … */
function uniqueAgesSets(sets: readonly (readonly number[])[]): number[][] {
  const byText = new Map(sets.map(uniqueAscending).map((set) => [set.join(), set]));
  return [...byText.values()].sort(compareLists);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
