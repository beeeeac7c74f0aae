import type { RunId, SweepSummary } from '../store/records.ts';
import type { Alongside, VerdictStore } from '../store/verdict-store.ts';
import { idsOf } from '../sweep/ids-of.ts';
import type { PlannedDataset, SweepPlan } from '../sweep/plan.ts';
import { queueSlices } from '../sweep/queue-slices.ts';
import { expandSlice, type SlicePurpose } from '../sweep/slice-payload.ts';
import { auditsOf } from './audit.ts';
import type { SliceQueue } from './queue.ts';
import { QUEUE_TIMES } from './queue-names.ts';
import type { OpenSlices } from './queue-states.ts';
import { pause } from './waiting.ts';

export type SweepOnQueueSetup = {
  readonly plan: SweepPlan;
  readonly store: VerdictStore;
  readonly queue: SliceQueue;
  /** Its name. */
  readonly queueName: string;
  readonly run: RunId;
  readonly dataHash: string;
  readonly seals: boolean;
  readonly retryErrors: boolean;
  /** How often it looks how far it is. */
  readonly pollMs?: number | undefined;
  readonly signal: AbortSignal;
  readonly onNotice: (sentence: string) => void;
  readonly onProgress: (progress: QueueProgress) => void;
};

export type QueueProgress = {
  readonly configurations: number;
  /** Judged, or stored as an error. */
  readonly settled: number;
  readonly slicesLeft: number;
};

/** Slices that were to be judged again, each by another host than the one that had judged it. */
export type AuditSummary = {
  readonly sent: number;
  /** Not judged again when the run was left: they stay in the queue. */
  readonly left: number;
  /** Given up, or judged by a host that has kept its name to itself. */
  readonly missed: number;
};

/** How often it is looked how far a sweep is. */
export const POLL_MS = 1_000;
/** Looking counts the outcomes of a whole sweep: of millions that takes the server seconds, and is not what it is there for. */
const LOOKS_SHARE = 0.1;
/** Never seldomer than that: a look that waited for hours for a server that was lost says nothing of how long the next one takes. */
const LONGEST_PAUSE_MS = 120_000;
/** So often it is seen that audits wait and nobody judges, before that is told: there is no other host, most likely. */
const MOST_QUIET_LOOKS = 15;

/** A sweep whose slices a queue takes to workers, as the process that has begun its run sees it. */
export class SweepOnQueue {
  readonly #setup: SweepOnQueueSetup;
  /** Configurations of slices that were given up. */
  lost = 0;
  #lostAudits = 0;
  #lookMs = 0;

  constructor(setup: SweepOnQueueSetup) {
    this.#setup = setup;
  }

  /** Sends the slices of which something is not known. @returns how many were sent now */
  async send(): Promise<number> {
    const { plan, queue, queueName, retryErrors } = this.#setup;
    const known = await this.#known();
    const isOpen = ({ configurations }: PlannedDataset) => configurations.some(({ id }) => !known.has(id));
    const slices = queueSlices(plan.datasets, this.#purpose(retryErrors ? 'errors' : 'new'));
    const open = slices.filter(({ slice }) => isOpen(slice));
    return queue.publish(
      queueName,
      open.map(({ payload }) => payload),
    );
  }

  /** Until nothing is on its way and everything has an outcome, or it is to be left. */
  async judged(): Promise<void> {
    const { signal } = this.#setup;
    while (!signal.aborted) {
      const [{ slices }, pending] = await this.#look(({ slices }) => slices);
      if (slices === 0 && pending === 0) return;
      // Nothing was on its way when this was asked, and a slice ends with its last verdicts: what is nowhere is sent once more.
      if (slices === 0) await this.send();
      await this.#pause();
    }
  }

  /** Sends a share of the slices to other hosts, and waits until they are judged again, or it is to be left. */
  async audited(share: number): Promise<AuditSummary> {
    const { plan, store, queue, queueName, run, signal, onNotice } = this.#setup;
    const slices = queueSlices(plan.datasets, this.#purpose('all'));
    const { audits, unnamed } = await auditsOf(store, run, slices, share);
    if (unnamed > 0) {
      onNotice(
        `audit: ${unnamed} of the slices cannot be: the hosts that have judged them keep their names to themselves (--no-machine)`,
      );
    }
    const sent = await queue.publishAudits(queueName, audits);
    const judges = [...new Set(audits.map(({ judgedBy }) => judgedBy))];
    let left = sent;
    for (let quietLooks = 0; !signal.aborted; quietLooks += 1) {
      const [open] = await this.#look((each) => each.slices + each.audits);
      left = open.audits;
      if (left === 0) break;
      if (open.active > 0) quietLooks = 0;
      if (quietLooks === MOST_QUIET_LOOKS) {
        onNotice(
          `audit: what is left (${left}) waits for another host than the one that has judged it (${judges.join(', ')}). ` +
            'Start a worker on another machine; Ctrl-C leaves them in the queue',
        );
      }
      await this.#pause();
    }
    return { sent, left, missed: unnamed + this.#lostAudits };
  }

  async summary(): Promise<SweepSummary> {
    const { plan, store } = this.#setup;
    const summary = await store.summary(plan.name);
    if (summary === null) throw new Error(`sweep ${plan.name} has begun and is not there`);
    return summary;
  }

  #purpose(judges: SlicePurpose['judges']): SlicePurpose {
    const { plan, run, dataHash, seals } = this.#setup;
    return { runId: run, sweep: plan.name, dataHash, seals, judges };
  }

  /** Settles what was given up, and tells how far it is. @returns what is on its way, and how many configurations have no outcome */
  async #look(leftOf: (open: OpenSlices) => number): Promise<[open: OpenSlices, pending: number]> {
    const { plan, queue, queueName, onProgress } = this.#setup;
    const began = performance.now();
    await this.#settleDeadLetters();
    const open = await queue.open(queueName, plan.name);
    const { configurationCount, pendingCount } = await this.summary();
    const settled = configurationCount - pendingCount;
    onProgress({ configurations: configurationCount, settled, slicesLeft: leftOf(open) });
    this.#lookMs = performance.now() - began;
    return [open, pendingCount];
  }

  #pause(): Promise<void> {
    return pause(pauseMs(this.#lookMs, this.#setup.pollMs), this.#setup.signal);
  }

  /** Configurations that need not be judged. */
  async #known(): Promise<ReadonlySet<string>> {
    const { plan, store, run, retryErrors } = this.#setup;
    const known = new Set<string>();
    for (const dataset of plan.datasets) {
      for (const [id, kind] of await store.outcomesOf(run, dataset))
        if (kind === 'completed' || !retryErrors) known.add(id);
    }
    return known;
  }

  /** What a slice was given up with is stored as errors. */
  async #settleDeadLetters(): Promise<void> {
    const { plan, queue, queueName, onNotice } = this.#setup;
    for (const { job, settle } of await queue.deadLetters(queueName)) {
      // Of another sweep on these data: it stays until that one is run.
      if (job.slice.sweep !== plan.name) continue;
      this.lost += await this.#storeLost(expandSlice(job.slice), settle);
      if (job.judgedBy === null) continue;
      this.#lostAudits += 1;
      onNotice('audit: a slice was not judged again, since every host that was given it died or failed over it');
    }
  }

  async #storeLost(slice: PlannedDataset, settle: Alongside): Promise<number> {
    const { store, run } = this.#setup;
    const known = await store.outcomesOf(run, slice, idsOf(slice));
    const datasetHash = await store.datasetHash(run, slice);
    const left = slice.configurations.filter(({ id }) => !known.has(id));
    const error = { name: 'SliceLost', message: 'every host that was given its slice died or failed over it' };
    const failure = {
      kind: 'failed',
      datasetHash,
      durationMs: 0,
      attempts: QUEUE_TIMES.retryLimit + 1,
      error,
    } as const;
    const { failed } = await store.record(
      run,
      left.map(({ id }) => ({ ...failure, configurationId: id })),
      settle,
    );
    return failed;
  }
}

/** How long nothing is asked after a look that took so long. */
export function pauseMs(lookMs: number, pollMs = POLL_MS): number {
  return Math.max(pollMs, Math.min(lookMs / LOOKS_SHARE, LONGEST_PAUSE_MS));
}
