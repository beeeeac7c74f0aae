import { waypointIndex } from '../numerics/huber/path.ts';
import type { PlannedConfiguration } from '../sweep/plan.ts';

/** Configurations of one dataset that one worker runs in a row, ordered so that neighbours start near each other. */
export type Batch = readonly PlannedConfiguration[];

/** So many batches a thread, at least, where there are enough configurations: the last one to end is then a short one. */
const BATCHES_PER_THREAD = 4;
/** Below this a batch's fixed cost, its waypoints, outweighs what it does. */
const SMALLEST_SPLIT = 32;

/**
 * Orders configurations by clip, kind and their way along the path of waypoints, and cuts the list into batches, the
 * longest first. Waypoints are shared within a batch, so cuts are made between clips and at the root of the path, where
 * nothing is lost; longer runs are cut only to keep every thread busy. How it is cut changes no result.
 */
export function planBatches(configurations: readonly PlannedConfiguration[], threads: number): Batch[] {
  const groups = new Map<string, PlannedConfiguration[]>();
  for (const planned of configurations) {
    const key = groupKey(planned);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [planned]);
    else group.push(planned);
  }
  const longest = Math.max(SMALLEST_SPLIT, Math.ceil(configurations.length / (threads * BATCHES_PER_THREAD)));
  return [...groups.values()]
    .flatMap((group) => cut([...group].sort(byPath), longest))
    .sort((a, b) => b.length - a.length || compareText(a[0]!.id, b[0]!.id));
}

/** Clip and kind, and for Huber the arm of the path: epsilons up from the root, or down from it. */
function groupKey({ configuration }: PlannedConfiguration): string {
  const { regressor, regressionTargetClipBps } = configuration;
  const arm = regressor.kind === 'huber' && waypointIndex(regressor.epsilon) < 0 ? 'down' : 'up';
  return `${regressionTargetClipBps} ${regressor.kind} ${arm}`;
}

function byPath(a: PlannedConfiguration, b: PlannedConfiguration): number {
  const left = a.configuration.regressor;
  const right = b.configuration.regressor;
  if (left.kind === 'huber' && right.kind === 'huber') {
    const distance = Math.abs(waypointIndex(left.epsilon)) - Math.abs(waypointIndex(right.epsilon));
    return distance || left.epsilon - right.epsilon || left.alpha - right.alpha || compareText(a.id, b.id);
  }
  return left.alpha - right.alpha || compareText(a.id, b.id);
}

/** Pieces of about equal length, none longer than `longest`. */
function cut(group: PlannedConfiguration[], longest: number): Batch[] {
  const pieces = Math.ceil(group.length / longest);
  const size = Math.ceil(group.length / pieces);
  return Array.from({ length: pieces }, (_, i) => group.slice(i * size, (i + 1) * size)).filter(
    (piece) => piece.length > 0,
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
