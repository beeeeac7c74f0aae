import { compareText } from '../compare-text.ts';
import { REGRESSOR_KINDS } from '../experiment/configuration.ts';
import { CONFIGURATIONS_PER_PASS, MODELS } from '../experiment/model-judge.ts';
import type { ModelKey } from '../experiment/results.ts';
import { compareAlongTrail } from '../numerics/solvers/huber/trail.ts';
import type { PlannedConfiguration } from '../sweep/plan.ts';

/**
 * What one worker runs in a row: one model of some configurations of a dataset, in an order in which neighbours start near
 * each other. The configurations of a chunk have a batch for each of their models, and are judged once these have ended.
 */
export type Batch = {
  readonly chunk: number;
  readonly model: ModelKey;
  readonly configurations: readonly PlannedConfiguration[];
};

/** Rows times configurations of a chunk: what a Ctrl-C waits for at the most, some seconds of work. */
const CHUNK_ROWS = 4e7;
const SMALLEST_CHUNK = 16;
const LARGEST_CHUNK = CONFIGURATIONS_PER_PASS;

/** The models with more columns first, so that what is left for the end is small; the two sides take turns. */
const MODEL_ORDER: readonly ModelKey[] = [
  'long_market_plus_state',
  'short_market_plus_state',
  'long_market_only',
  'short_market_only',
];

/**
 * Orders configurations of a kind along the trail of stops that their fits share, and cuts the list into chunks of four
 * batches each. How it is cut changes no result.
 *
 * @param rowCount of the dataset
 */
export function planBatches(
  configurations: readonly PlannedConfiguration[],
  rowCount: number,
  threads: number,
): Batch[] {
  const sorted = [...configurations].sort(byTrail);
  const short = Math.max(SMALLEST_CHUNK, Math.floor(CHUNK_ROWS / rowCount));
  // Threads beyond one a model share its configurations; each walks the trail's beginning for itself.
  const share = Math.ceil(sorted.length / Math.ceil(threads / MODELS.length));
  const size = Math.max(1, Math.min(short, LARGEST_CHUNK, share));
  // One kind of regressor a chunk: the two share nothing.
  const chunks = REGRESSOR_KINDS.flatMap((kind) => {
    const own = sorted.filter(({ configuration }) => configuration.regressor.kind === kind);
    return Array.from({ length: Math.ceil(own.length / size) }, (_, i) => own.slice(i * size, (i + 1) * size));
  });
  return chunks.flatMap((part, chunk) => MODEL_ORDER.map((model) => ({ chunk, model, configurations: part })));
}

type Queued = { readonly batch: Batch; readonly attempt: number };

/**
 * A lane does not go further ahead of the others than so many chunks: what it judges waits in memory, not stored, until the
 * others have judged their models of the same configurations.
 */
const MOST_AHEAD = 2;

/**
 * Batches that wait for a worker. Fits of a model share what they pass on their way, so each lane has models of its own,
 * whose batches it takes chunk by chunk; one that has no more of them helps another from the end, and one that is too far
 * ahead helps where the others are.
 */
export class BatchQueue {
  readonly #lanes: number;
  #waiting: Queued[] = [];

  /** @param lanes numbered from 0 */
  constructor(lanes: number) {
    this.#lanes = Math.min(lanes, MODELS.length);
  }

  add(batch: Batch, attempt: number): void {
    this.#waiting.push({ batch, attempt });
  }

  /** Takes out the batches of which `isUnwanted` says so, and returns how many they were. */
  drop(isUnwanted: (batch: Batch) => boolean): number {
    const before = this.#waiting.length;
    this.#waiting = this.#waiting.filter(({ batch }) => !isUnwanted(batch));
    return before - this.#waiting.length;
  }

  /** What a lane is to run next. */
  take(lane: number): Queued | undefined {
    const next = firstOf(this.#waiting.filter(({ batch }) => this.#isOf(lane, batch)));
    const last = firstOf(this.#waiting);
    const isAhead = next !== undefined && next.batch.chunk > last!.batch.chunk + MOST_AHEAD;
    const taken = isAhead ? last : (next ?? this.#waiting.at(-1));
    this.#waiting = this.#waiting.filter((queued) => queued !== taken);
    return taken;
  }

  #isOf(lane: number, { model }: Batch): boolean {
    return MODEL_ORDER.indexOf(model) % this.#lanes === lane % this.#lanes;
  }
}

/** Of the first chunk, as they stand in it. */
function firstOf(queue: readonly Queued[]): Queued | undefined {
  return queue.reduce<Queued | undefined>((first, queued) => {
    return first === undefined || queued.batch.chunk < first.batch.chunk ? queued : first;
  }, undefined);
}

/** Huber: as stops are shared, outwards from the root of the trail, along clips and alphas at each of its stops. */
function byTrail(a: PlannedConfiguration, b: PlannedConfiguration): number {
  const left = a.configuration.regressor;
  const right = b.configuration.regressor;
  return (
    (left.kind === 'huber' && right.kind === 'huber' ? compareAlongTrail(left, right) : 0) ||
    a.configuration.regressionTargetClipBps - b.configuration.regressionTargetClipBps ||
    left.alpha - right.alpha ||
    compareText(a.id, b.id)
  );
}
