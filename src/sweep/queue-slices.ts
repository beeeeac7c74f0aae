import { NOMINAL_NS_PER_ROW, nominalRows } from './nominal-costs.ts';
import type { PlannedConfiguration, PlannedDataset } from './plan.ts';
import { type SlicePayload, type SlicePurpose, slicePayload } from './slice-payload.ts';
import { axesOf, gridRuns } from './slices.ts';

/** A slice as a queue has it, and the configurations that it stands for, in the order of `expandSweep`. */
export type QueueSlice = { readonly payload: SlicePayload; readonly slice: PlannedDataset };

/** What judging takes on a planned host, in milliseconds, all of its threads at work. */
export type SliceRates = {
  /** building and preparing a dataset */
  readonly preparationMs: (dataset: PlannedDataset) => number;
  /** judging one configuration of it */
  readonly configurationMs: (dataset: PlannedDataset, kind: 'huber' | 'ridge') => number;
};

/** Long enough that what a queue does with a slice is nothing beside it, short enough to be lost with a machine. */
const SLICE_MS = 45_000;

/** Whoever takes a slice prepares its dataset first: that is to be a small part of it. */
const LEAST_PREPARATIONS = 10;

/** So many slices of a sweep keep machines busy to its end, where it is shorter than that many long ones. */
const LEAST_SLICES = 32;

/** Of a payload's JSON in UTF-8. */
export const MAX_PAYLOAD_BYTES = 1024;

/**
 * Cuts a sweep for a queue, dataset by dataset: each slice is a grid (`Slice`) of about 45 s on a planned host, shorter where
 * the sweep would be fewer than 32, and at least ten times its dataset's preparation where the dataset has so much. Any slice
 * whose axes are longer than a payload may be is halved along the longest of them until it is not.
 *
 * How a sweep is cut changes no result.
 *
 * @throws UserError when an ages set by itself is too long for a payload
 */
export function queueSlices(
  datasets: readonly PlannedDataset[],
  purpose: SlicePurpose,
  rates: SliceRates = NOMINAL_RATES,
): QueueSlice[] {
  const totalMs = datasets.reduce((sum, dataset) => sum + judgingMs(dataset, rates), 0);
  const wanted = Math.min(SLICE_MS, totalMs / LEAST_SLICES);
  return datasets.flatMap((dataset) =>
    (['huber', 'ridge'] as const).flatMap((kind) => {
      const own = dataset.configurations.filter(({ configuration }) => configuration.regressor.kind === kind);
      const least = Math.max(wanted, LEAST_PREPARATIONS * rates.preparationMs(dataset));
      const runs = own.length === 0 ? [] : gridRuns(own, rates.configurationMs(dataset, kind), least);
      // As they are expanded again: `gridRuns` has them epsilon by epsilon.
      const places = new Map(own.map((planned, place) => [planned, place]));
      const inOrder = (run: readonly PlannedConfiguration[]) =>
        [...run].sort((a, b) => places.get(a)! - places.get(b)!);
      return runs.flatMap((run) => withinPayload({ ...dataset, configurations: inOrder(run) }, purpose));
    }),
  );
}

/** Of the machine of docs/benchmarks.md with four threads, where nothing is known of the rows. */
const NOMINAL_RATES: SliceRates = {
  preparationMs: (dataset) => nominalMs(nominalRows(dataset) * NOMINAL_NS_PER_ROW.dataset),
  configurationMs: (dataset, kind) => nominalMs(nominalRows(dataset) * NOMINAL_NS_PER_ROW[kind]),
};

function nominalMs(nsPerNominalRow: number): number {
  const rows = 40_000;
  const threads = 4;
  return (nsPerNominalRow * rows) / threads / 1e6;
}

function judgingMs(dataset: PlannedDataset, { configurationMs }: SliceRates): number {
  return dataset.configurations.reduce(
    (sum, { configuration }) => sum + configurationMs(dataset, configuration.regressor.kind),
    0,
  );
}

function withinPayload(slice: PlannedDataset, purpose: SlicePurpose): QueueSlice[] {
  const { kind } = slice.configurations[0]!.configuration.regressor;
  const axes = axesOf(slice, slice.configurations, kind);
  const payload = slicePayload(purpose, axes, slice.configurations.length);
  if (Buffer.byteLength(JSON.stringify(payload), 'utf8') <= MAX_PAYLOAD_BYTES) return [{ payload, slice }];
  return halvesOf(slice).flatMap((configurations) => withinPayload({ ...slice, configurations }, purpose));
}

/** Along the axis whose values take most to be written. */
function halvesOf({ configurations }: PlannedDataset): PlannedConfiguration[][] {
  const [longest] = SPLIT_BY.map((read) => ({ read, values: [...new Set(configurations.map(read))] }))
    .filter(({ values }) => values.length > 1)
    .sort((a, b) => JSON.stringify(b.values).length - JSON.stringify(a.values).length);
  if (longest === undefined) throw new Error('a slice of one configuration is longer than a payload may be');
  const ascending = longest.values.sort((a, b) => a - b);
  const first = new Set(ascending.slice(0, Math.ceil(ascending.length / 2)));
  const isFirst = (planned: PlannedConfiguration) => first.has(longest.read(planned));
  return [configurations.filter(isFirst), configurations.filter((planned) => !isFirst(planned))];
}

const SPLIT_BY: readonly ((planned: PlannedConfiguration) => number)[] = [
  ({ configuration: { regressor } }) => (regressor.kind === 'huber' ? regressor.epsilon : 0),
  ({ configuration: { regressor } }) => regressor.alpha,
  ({ configuration: { regressionTargetClipBps } }) => regressionTargetClipBps,
  ({ configuration: { regressor } }) => regressor.maxIter,
];
