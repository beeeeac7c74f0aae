import { shortHash } from '../short-hash.ts';

/** How long a host may be silent, and how often a slice is begun anew. Times are the database's. */
export type QueueTimes = {
  /** A host that has said nothing for so long has died. */
  readonly heartbeatSeconds: number;
  /** After so many attempts beyond the first a slice is given up. */
  readonly retryLimit: number;
  /** The wait before the second attempt; it doubles. */
  readonly retryDelaySeconds: number;
  /** How often a coordinator looks for dead hosts. */
  readonly superviseSeconds: number;
  /** How often a worker does, of which there may be a thousand: where no coordinator is there. */
  readonly workerSuperviseSeconds: number;
};

/** For a heartbeat of so many seconds: a dead host's slice is another's within one and a half of them. */
export function queueTimes(heartbeatSeconds: number): QueueTimes {
  return {
    heartbeatSeconds,
    retryLimit: 3,
    retryDelaySeconds: 1,
    superviseSeconds: Math.ceil(heartbeatSeconds / 6),
    workerSuperviseSeconds: Math.ceil(heartbeatSeconds),
  };
}

export const QUEUE_TIMES = queueTimes(30);

/** Of the names of all queues of ours. */
export const QUEUE_PREFIX = 'sweep-';

/** The queue of the slices that one code judges on some data: whoever has others is given none of them. */
export function queueName(codeHash: string, dataHash: string): string {
  return `${QUEUE_PREFIX}${shortHash(codeHash)}-${shortHash(dataHash)}`;
}

/** Where slices go that are given up. */
export function deadLetterOf(queue: string): string {
  return `${queue}-dead`;
}
