import { CONFIGURATIONS_PER_PASS } from '../experiment/model-judge.ts';
import { compareAlongTrail } from '../numerics/solvers/huber/trail.ts';
import type { PlannedConfiguration } from '../sweep/plan.ts';

/** Configurations of one dataset that one worker runs in a row, ordered so that neighbours start near each other. */
export type Batch = readonly PlannedConfiguration[];

/** So many batches a thread, at least, where there are enough configurations: no thread waits long for the last one. */
const BATCHES_PER_THREAD = 16;
/** A batch holds at most so many passes, so that a worker that is lost costs little. */
const MAX_PASSES = 4;

/**
 * Orders configurations by clip, kind and their way along the path of waypoints, and cuts the list into batches of whole
 * passes. How it is cut changes no result.
 */
export function planBatches(configurations: readonly PlannedConfiguration[], threads: number): Batch[] {
  const groups = new Map<string, PlannedConfiguration[]>();
  for (const planned of configurations) {
    const key = pathOf(planned);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [planned]);
    else group.push(planned);
  }
  const share = configurations.length / (threads * BATCHES_PER_THREAD * CONFIGURATIONS_PER_PASS);
  const size = CONFIGURATIONS_PER_PASS * Math.min(Math.max(Math.ceil(share), 1), MAX_PASSES);
  return [...groups.values()].flatMap((group) => {
    const sorted = group.sort(byPath);
    return Array.from({ length: Math.ceil(sorted.length / size) }, (_, i) => sorted.slice(i * size, (i + 1) * size));
  });
}

type Queued = { readonly batch: Batch; readonly attempt: number };

/**
 * Batches that wait for a worker. Stops along a path are shared by what a worker runs in a row, so a lane stays on its
 * path as long as there is something left of it, then takes one that nobody is on, and only then helps another lane.
 */
export class BatchQueue {
  readonly #paths = new Map<string, Queued[]>();
  readonly #pathOfLane = new Map<number, string>();

  add(batch: Batch, attempt: number): void {
    const first = batch[0];
    if (first === undefined) throw new Error('a batch without configurations');
    const path = pathOf(first);
    const waiting = this.#paths.get(path);
    if (waiting === undefined) this.#paths.set(path, [{ batch, attempt }]);
    else waiting.push({ batch, attempt });
  }

  /** What a lane is to run next. */
  take(lane: number): Queued | undefined {
    const own = this.#pathOfLane.get(lane);
    const taken = new Set(this.#pathOfLane.values());
    const waiting = [...this.#paths].filter(([, batches]) => batches.length > 0);
    const [path, batches] =
      waiting.find(([candidate]) => candidate === own) ??
      waiting.find(([candidate]) => !taken.has(candidate)) ??
      waiting.sort(([, a], [, b]) => b.length - a.length)[0] ??
      [];
    if (path === undefined) return undefined;
    this.#pathOfLane.set(lane, path);
    // Whoever is on the path goes on from its front; a helper takes what that would come to last.
    return own === path || !taken.has(path) ? batches?.shift() : batches?.pop();
  }
}

/** Clip and kind: what a path's root depends on. */
function pathOf({ configuration }: PlannedConfiguration): string {
  return `${configuration.regressionTargetClipBps} ${configuration.regressor.kind}`;
}

/** Huber: epsilons up from the root, then down from it; along alpha within each. */
function byPath(a: PlannedConfiguration, b: PlannedConfiguration): number {
  const left = a.configuration.regressor;
  const right = b.configuration.regressor;
  if (left.kind === 'huber' && right.kind === 'huber') {
    return compareAlongTrail(left, right) || left.alpha - right.alpha || compareText(a.id, b.id);
  }
  return left.alpha - right.alpha || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
