import type { RunEvaluations } from '../execution/evaluations.ts';
import type { HostOptions, HostWork } from '../execution/host.ts';
import type { SweepPhase } from '../execution/observer.ts';
import type { DatasetDays, OutcomeRecord } from '../store/records.ts';
import type { PlannedDataset } from '../sweep/plan.ts';
import { UnfitHost } from '../unfit-host.ts';
import { UserError } from '../user-error.ts';

/** What crosses between a worker's process and the child that judges for it, copied as `serialization: 'advanced'` does. */

export type ToChild =
  /** The first one: opens the host. */
  | { readonly kind: 'open'; readonly work: HostWork; readonly options: HostOptions }
  /** One for each `wants-slice`. */
  | { readonly kind: 'slice'; readonly part: number; readonly slice: PlannedDataset }
  /** Of a call. */
  | { readonly kind: 'answer'; readonly call: number; readonly opened: OpenedSlice | null }
  /** What is in hand is judged, nothing else begins; `stopped` says when that is so. */
  | { readonly kind: 'stop' };

/** What is to be done of a slice, as `OpenSlice` has it. */
export type OpenedSlice = { readonly remaining: readonly string[]; readonly wantsDays: boolean };

export type FromChild =
  | { readonly kind: 'ready'; readonly evaluations: RunEvaluations; readonly memoryBytes: number }
  /** It cannot go on, and ends. */
  | { readonly kind: 'threw'; readonly error: SentError }
  | { readonly kind: 'wants-slice' }
  | { readonly kind: 'stopped' }
  | ({ readonly kind: 'call'; readonly call: number; readonly part: number } & SliceCall)
  | ({ readonly kind: 'tell'; readonly part: number } & SliceNews)
  | { readonly kind: 'phase'; readonly phase: SweepPhase }
  | { readonly kind: 'cache-problem'; readonly message: string }
  | { readonly kind: 'batch-lost'; readonly reason: string; readonly configurations: number; readonly attempt: number };

/** What the child waits for an answer to. */
export type SliceCall =
  | { readonly asks: 'open'; readonly rows: SentRows }
  | { readonly asks: 'days'; readonly days: DatasetDays }
  | { readonly asks: 'stored' }
  | { readonly asks: 'close' };

export type SliceNews =
  | { readonly says: 'begin' }
  | { readonly says: 'settle'; readonly outcome: OutcomeRecord }
  | { readonly says: 'fail'; readonly error: SentError };

/** `SliceRows`, with the error as it is sent. */
export type SentRows =
  | { readonly kind: 'built'; readonly contentHash: string; readonly rowCount: number }
  | { readonly kind: 'unbuilt'; readonly error: SentError };

/** An error without its class, which a copy loses: by what it is to whoever tells a user of it. */
export type SentError = {
  readonly is: 'unfit' | 'user' | 'bug';
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** Node's or the system's. */
  readonly code: string | undefined;
};

export function sentError(thrown: unknown): SentError {
  const is = thrown instanceof UnfitHost ? 'unfit' : thrown instanceof UserError ? 'user' : 'bug';
  if (!(thrown instanceof Error))
    return { is, name: 'Error', message: String(thrown), stack: undefined, code: undefined };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return { is, name: thrown.name, message: thrown.message, stack: thrown.stack, code };
}

/** The error again, as its class where that says something. */
export function receivedError({ is, name, message, stack, code }: SentError): Error {
  // A message of several lines is several problems.
  if (is === 'unfit') return new UnfitHost(message.split('\n'));
  if (is === 'user') return new UserError(message.split('\n'));
  const error = Object.assign(new Error(message), code === undefined ? {} : { code });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
