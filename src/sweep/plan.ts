import { countOf, countText } from '../counts.ts';
import type { Configuration, RegressorKind } from '../experiment/configuration.ts';
import { PARAMETER_NAMES, type ParameterValue, parameterOf } from '../experiment/parameters.ts';
import { UserError } from '../user-error.ts';
import { type AxisName, axisEffect, type MetricName } from './axis-effects.ts';
import { type ConfigurationId, configurationId } from './configuration-id.ts';
import { countOfAxes, expandAxes, type ResolvedAxes, resolveAxes } from './expand.ts';
import type { BaselineReference, SweepDefinition } from './sweep-definition.ts';

/** Everything a sweep will run, complete: nothing behind it asks the definition again. */
export type SweepPlan = {
  readonly name: string;
  readonly baseline: BaselineReference;
  /** In the order of `expandSweep`: the configurations of one dataset stand together. */
  readonly configurations: readonly PlannedConfiguration[];
  /** The same configurations by the dataset they run on, in the same order. */
  readonly datasets: readonly PlannedDataset[];
  /** The axes that multiply this grid, of the whole grid even when only its first configurations are taken. */
  readonly axes: readonly PlannedAxis[];
  /** Axes that the definition gives but no configuration uses: those of a kind that `regressorKind` leaves out. */
  readonly unusedAxes: readonly AxisName[];
  /** Whether gates are sealed where the command line does not say. */
  readonly seals: boolean;
};

export type PlannedConfiguration = {
  /** Made when it is first read: a hash takes longer than everything else that a plan does with a configuration. */
  readonly id: ConfigurationId;
  readonly configuration: Configuration;
};

/** One ages set and cap: what has to be built once for all of its configurations. */
export type PlannedDataset = {
  /** `ages=3,5,10;maxRowsPerSplit=0`: equal for the same dataset in every sweep over a baseline run. */
  readonly key: string;
  readonly agesMinutes: readonly number[];
  readonly maxRowsPerSplit: number;
  readonly configurations: readonly PlannedConfiguration[];
};

export type PlannedAxis = {
  readonly name: AxisName;
  /** Ascending; the axis varies when there are two or more. */
  readonly values: readonly ParameterValue[];
  /** The kinds of this grid whose configurations it multiplies. */
  readonly kinds: readonly RegressorKind[];
  /** The metrics it can move; every other metric is equal along it. */
  readonly moves: readonly MetricName[];
  readonly note?: string;
};

export type PlanLimits = {
  /** Only the first so many configurations; a whole number ≥ 1. */
  readonly limit?: number | undefined;
  /** More than this are refused. */
  readonly maxConfigurations?: number | undefined;
};

export const MAX_CONFIGURATIONS = 1_000_000;

/**
 * What a definition asks for, as data.
 *
 * @throws UserError when there are more configurations than `maxConfigurations`; nothing is expanded before that
 */
export function planSweep(definition: SweepDefinition, limits: PlanLimits = {}): SweepPlan {
  const { limit = Infinity, maxConfigurations = MAX_CONFIGURATIONS } = limits;
  if (!(limit === Infinity || (Number.isInteger(limit) && limit >= 1))) {
    throw new UserError(`limit: expected a whole number ≥ 1, got ${limit}`);
  }
  const axes = resolveAxes(definition.axes);
  const count = countOfAxes(axes);
  if (Math.min(count, limit) > maxConfigurations) {
    throw new UserError(
      `${definition.name}: expected at most ${countOf(maxConfigurations, 'configuration')}, got ` +
        `${countText(Math.min(count, limit))}. Take the first N with --limit N, or give the axes fewer values`,
    );
  }
  const datasets = plannedDatasets(expandAxes(axes, limit));
  const configurations = datasets.flatMap((dataset) => dataset.configurations);
  const isUsed = (name: AxisName) => parameterOf(name).kinds.some((kind) => axes.regressorKind.includes(kind));
  return {
    name: definition.name,
    baseline: definition.baseline,
    configurations,
    datasets,
    axes: PARAMETER_NAMES.filter(isUsed).map((name) => plannedAxis(name, axes)),
    unusedAxes: PARAMETER_NAMES.filter((name) => definition.axes[name] !== undefined && !isUsed(name)),
    seals: definition.seal ?? false,
  };
}

/** Configurations by the dataset they run on, in their order. */
export function plannedDatasets(configurations: readonly Configuration[]): PlannedDataset[] {
  return datasetsOf(configurations.map(planned));
}

/** An own property, not a class's, so that a copy for another thread has the id, too. */
function planned(configuration: Configuration): PlannedConfiguration {
  let id: ConfigurationId | undefined;
  return {
    get id() {
      id ??= configurationId(configuration);
      return id;
    },
    configuration,
  };
}

export function datasetKey(agesMinutes: readonly number[], maxRowsPerSplit: number): string {
  return `ages=${agesMinutes.join()};maxRowsPerSplit=${maxRowsPerSplit}`;
}

function datasetsOf(configurations: readonly PlannedConfiguration[]): PlannedDataset[] {
  const byKey = new Map<string, PlannedConfiguration[]>();
  for (const planned of configurations) {
    const key = datasetKey(planned.configuration.agesMinutes, planned.configuration.maxRowsPerSplit);
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, [planned]);
    else group.push(planned);
  }
  return [...byKey].map(([key, group]) => {
    const { agesMinutes, maxRowsPerSplit } = group[0]!.configuration;
    return { key, agesMinutes, maxRowsPerSplit, configurations: group };
  });
}

function plannedAxis(name: AxisName, axes: ResolvedAxes): PlannedAxis {
  const effect = axisEffect(name);
  return {
    name,
    values: axes[name],
    ...effect,
    kinds: effect.kinds.filter((kind) => axes.regressorKind.includes(kind)),
  };
}
