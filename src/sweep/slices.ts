import type { RegressorKind, RegressorSettings } from '../experiment/configuration.ts';
import { NOMINAL_NS_PER_ROW, nominalRows } from './nominal-costs.ts';
import type { PlannedConfiguration, PlannedDataset } from './plan.ts';
import type { SweepAxes } from './sweep-definition.ts';

/**
 * A part of a sweep that is a grid again: one ages set, cap and kind of regressor, a run of neighbouring epsilons, all of
 * their clips, alphas and iteration limits. Fits start from those at their epsilon without a clip, so these stay together.
 * Only where one epsilon is too much by itself it has a run of the alphas.
 *
 * How a sweep is cut changes no result: one configuration, one answer.
 */
export type Slice = PlannedDataset & {
  readonly kind: RegressorKind;
  /** A definition with these axes has the slice's configurations and no others, but for what `--limit` has left out. */
  readonly axes: SweepAxes;
  /** What judging it takes, in nanoseconds a nominal row: for comparison with other slices alone. */
  readonly cost: number;
};

/** What judging configurations takes, in nanoseconds a nominal row, without the preparation of their dataset. */
export function judgingCost(dataset: PlannedDataset): number {
  const each = (kind: RegressorKind) => {
    return dataset.configurations.filter(({ configuration }) => configuration.regressor.kind === kind).length;
  };
  const perRow = each('huber') * NOMINAL_NS_PER_ROW.huber + each('ridge') * NOMINAL_NS_PER_ROW.ridge;
  return nominalRows(dataset) * perRow;
}

/** What building and preparing it takes, in the same unit. */
export function preparationCost(dataset: PlannedDataset): number {
  return nominalRows(dataset) * NOMINAL_NS_PER_ROW.dataset;
}

/** Whoever judges a slice prepares its dataset first: for less than this it is not worth that. */
const LEAST_SHARE = 1 / 8;

/**
 * Cuts datasets into slices, in their order. A pure function of the configurations.
 *
 * @param wanted the least cost of a slice, in nanoseconds a nominal row; it is at least `LEAST_SHARE` of a preparation.
 *   Slices are shorter where a dataset has no more, and below twice that where epsilons and alphas can be parted so
 */
export function slicesOf(datasets: readonly PlannedDataset[], wanted: number): Slice[] {
  return datasets.flatMap((dataset) =>
    // In the order in which `expandSweep` has them.
    (['huber', 'ridge'] as const).flatMap((kind) => {
      const own = dataset.configurations.filter(({ configuration }) => configuration.regressor.kind === kind);
      const one = nominalRows(dataset) * NOMINAL_NS_PER_ROW[kind];
      return gridRuns(own, one, Math.max(wanted, LEAST_SHARE * preparationCost(dataset))).map((configurations) => ({
        ...dataset,
        configurations,
        kind,
        axes: axesOf(dataset, configurations, kind),
        cost: configurations.length * one,
      }));
    }),
  );
}

/**
 * Cuts configurations of one dataset and kind into as many runs of epsilons as have that cost; where there are more than
 * epsilons, each of these into runs of alphas.
 *
 * @param one what a configuration costs
 */
export function gridRuns(
  configurations: readonly PlannedConfiguration[],
  one: number,
  least: number,
): PlannedConfiguration[][] {
  const runsOf = (own: readonly PlannedConfiguration[]) => Math.floor((own.length * one) / least);
  const byEpsilon = groupsBy(configurations, epsilonOf);
  if (runsOf(configurations) <= byEpsilon.length) return evenRuns(byEpsilon, runsOf(configurations));
  return byEpsilon.flatMap((group) => evenRuns(groupsBy(group, alphaOf), runsOf(group)));
}

/** The groups of a value, ascending. */
function groupsBy(
  configurations: readonly PlannedConfiguration[],
  read: (regressor: RegressorSettings) => number,
): PlannedConfiguration[][] {
  const groups = Map.groupBy(configurations, ({ configuration }) => read(configuration.regressor));
  return [...groups].sort(([a], [b]) => a - b).map(([, group]) => group);
}

function evenRuns(groups: readonly PlannedConfiguration[][], count: number): PlannedConfiguration[][] {
  const runs = Math.min(groups.length, Math.max(1, count));
  const boundary = (i: number) => Math.floor((i * groups.length) / runs);
  return groups.length === 0
    ? []
    : Array.from({ length: runs }, (_, i) => groups.slice(boundary(i), boundary(i + 1)).flat());
}

/** Ridge has none, and is one run. */
function epsilonOf(regressor: RegressorSettings): number {
  return regressor.kind === 'huber' ? regressor.epsilon : 0;
}

function alphaOf({ alpha }: RegressorSettings): number {
  return alpha;
}

/** The axes of configurations of one dataset and kind. */
export function axesOf(
  { agesMinutes, maxRowsPerSplit }: Pick<PlannedDataset, 'agesMinutes' | 'maxRowsPerSplit'>,
  configurations: readonly PlannedConfiguration[],
  kind: RegressorKind,
): SweepAxes {
  const values = (read: (planned: PlannedConfiguration) => number) => [...new Set(configurations.map(read))];
  const alphas = values(({ configuration }) => configuration.regressor.alpha);
  return {
    agesMinutes: [agesMinutes],
    maxRowsPerSplit: [maxRowsPerSplit],
    regressorKind: [kind],
    regressionTargetClipBps: values(({ configuration }) => configuration.regressionTargetClipBps),
    ...(kind === 'ridge'
      ? { ridgeAlpha: alphas }
      : {
          huberAlpha: alphas,
          huberEpsilon: values(({ configuration }) => epsilonOf(configuration.regressor)),
          huberMaxIter: values(({ configuration }) => configuration.regressor.maxIter),
        }),
  };
}
