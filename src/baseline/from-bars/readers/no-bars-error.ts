import { UserError } from '../../../user-error.ts';

/** A file that is no table at all: prose, a page, an answer without bars. A table that is damaged is never one of these. */
export class NoBarsError extends UserError {}

/** A file that stood beside bars and was left out. */
export type StrayFile = { readonly file: string; readonly reason: string };

/** A download that failed leaves a page, or an answer without bars, under the name of the data. */
const DATA_NAME = /\.(?:csv|tsv|json|jsonl|ndjson|parquet|pq|feather|arrow|ipc|zip|gz|gzip|zst|dat|bin)$/i;

/**
 * Whether a file that is no table may be left out where it stands beside bars, in an archive or a folder: a README, a
 * licence. By its content and by its name, for a day that failed to come must not be passed over.
 */
export function isStray(file: string, thrown: unknown): thrown is NoBarsError {
  return thrown instanceof NoBarsError && !DATA_NAME.test(file);
}
