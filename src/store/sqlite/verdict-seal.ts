import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Configuration } from '../../experiment/configuration.ts';
import type { Code } from '../records.ts';
import { fitStatusBits } from '../unconverged-fits.ts';
import type { VerdictSummary } from '../verdict-summary.ts';
import type { Content } from './datasets.ts';
import { sealOfBytes } from './seal.ts';

/** All that the seal of a verdict's row covers, the rows that it points to included. */
export type SealedVerdict = VerdictSummary & {
  readonly digest: Uint8Array;
  readonly configurationId: string;
  readonly configuration: Configuration;
  readonly content: Content;
  readonly code: Code;
  readonly runRow: number;
  readonly durationMs: number;
};

const DIGEST_BYTES = 32;
const ID_BYTES = 24;
const NUMBERS = 13;
const BYTES = 2 * DIGEST_BYTES + ID_BYTES + NUMBERS * 8;
// One buffer for all of them: 100,000 rows are checked whenever a leaderboard is read.
const buffer = Buffer.alloc(BYTES);

/**
 * The layout is part of every store that exists; another needs a migration:
 *
 *   32 bytes  SHA-256 of content and code
 *   32 bytes  the verdict's digest
 *   24 bytes  the configuration's id, ASCII
 *   13 float64, little-endian, NaN for null: clip, alpha, epsilon, iteration limit, run's row, duration, passed, gates
 *     passed, smallest margin, weakest gate, tune's MAE ratio, tune's AUC, fit statuses
 */
export function verdictSeal(verdict: SealedVerdict): Uint8Array {
  const { regressor, regressionTargetClipBps } = verdict.configuration;
  buffer.set(keyDigest(verdict.content, verdict.code), 0);
  buffer.set(verdict.digest, DIGEST_BYTES);
  buffer.fill(0, 2 * DIGEST_BYTES, 2 * DIGEST_BYTES + ID_BYTES);
  buffer.write(verdict.configurationId, 2 * DIGEST_BYTES, ID_BYTES, 'latin1');
  let at = 2 * DIGEST_BYTES + ID_BYTES;
  const put = (value: number | null): void => {
    // -0 counts as 0, since SQLite keeps whole numbers as integers.
    at = buffer.writeDoubleLE(value === null ? Number.NaN : value + 0, at);
  };
  put(regressionTargetClipBps);
  put(regressor.alpha);
  put(regressor.kind === 'huber' ? regressor.epsilon : null);
  put(regressor.maxIter);
  put(verdict.runRow);
  put(verdict.durationMs);
  put(verdict.passed ? 1 : 0);
  put(verdict.gatesPassed);
  put(verdict.smallestMargin);
  put(verdict.weakestGate);
  put(verdict.tuneEdgeMaeRatio);
  put(verdict.tuneAuc);
  put(fitStatusBits(verdict.unconverged));
  return sealOfBytes(buffer);
}

/** The seal of a verdict's metrics: its digest goes in, so that metrics which came under another verdict are found. */
export function metricsSeal(digest: Uint8Array, metrics: Uint8Array): Uint8Array {
  return sealOfBytes(Buffer.concat([digest, metrics]));
}

/** Hexadecimal: what tells a configuration's verdicts from each other. */
export function verdictKey(contentHash: string, code: Code): string {
  return createHash('sha256').update(`${contentHash} ${code.hash}`).digest('hex').slice(0, VERDICT_KEY_LENGTH);
}

export const VERDICT_KEY_LENGTH = 8;

/** What many verdicts in a row have in common: made once for them. */
function keyDigest(content: Content, code: Code): Uint8Array {
  if (latest.content !== content || latest.code !== code) {
    const { agesMinutes, maxRowsPerSplit, contentHash, rowCount } = content;
    const text = JSON.stringify([agesMinutes, maxRowsPerSplit, contentHash, rowCount, code.hash]);
    latest = { content, code, digest: createHash('sha256').update(text).digest() };
  }
  return latest.digest;
}

let latest: { content: Content | null; code: Code | null; digest: Uint8Array } = {
  content: null,
  code: null,
  digest: new Uint8Array(DIGEST_BYTES),
};
