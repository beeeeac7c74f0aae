import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Code, JudgedConfiguration } from '../records.ts';
import { fitStatusBits } from '../unconverged-fits.ts';
import type { VerdictSummary } from '../verdict-summary.ts';
import type { Content } from './datasets.ts';

/** What the seal of a verdict's row covers beside its content, code and run. */
export type CheckedVerdict = Pick<JudgedConfiguration, 'configurationId' | 'configuration' | 'durationMs'> &
  VerdictSummary;

const ID_BYTES = 24;
const NUMBERS = 14;
// One buffer for all of them: 100,000 rows are checked whenever a leaderboard is read.
const bytes = Buffer.alloc(ID_BYTES + NUMBERS * 8);
const numbers = new DataView(bytes.buffer, bytes.byteOffset + ID_BYTES, NUMBERS * 8);

/**
 * The layout is part of every store that exists; another needs a migration: the configuration's id in ASCII, padded with
 * zeros to 24 bytes, then float64, little-endian, NaN for null: content and code, run's row, clip, alpha, epsilon,
 * iteration limit, duration, passed, gates passed, smallest margin, weakest gate, tune's MAE ratio, tune's AUC, fit
 * statuses.
 */
export function verdictSeal(verdict: CheckedVerdict, content: Content, code: Code, runRow: number): number {
  const { regressor, regressionTargetClipBps } = verdict.configuration;
  bytes.fill(0, 0, ID_BYTES);
  bytes.write(verdict.configurationId, 0, ID_BYTES, 'latin1');
  put(0, keySeal(content, code));
  put(1, runRow);
  put(2, regressionTargetClipBps);
  put(3, regressor.alpha);
  put(4, regressor.kind === 'huber' ? regressor.epsilon : null);
  put(5, regressor.maxIter);
  put(6, verdict.durationMs);
  put(7, verdict.passed ? 1 : 0);
  put(8, verdict.gatesPassed);
  put(9, verdict.smallestMargin);
  put(10, verdict.weakestGate);
  put(11, verdict.tuneEdgeMaeRatio);
  put(12, verdict.tuneAuc);
  put(13, fitStatusBits(verdict.unconverged));
  return crc32(bytes);
}

/** -0 counts as 0, since SQLite keeps whole numbers as integers. */
function put(place: number, value: number | null): void {
  numbers.setFloat64(place * 8, value === null ? Number.NaN : value + 0, true);
}

/** The seal of a verdict's metrics: its digest goes in, so that metrics which came under another verdict are found. */
export function metricsSeal(digest: Uint8Array, metrics: Uint8Array): number {
  return crc32(metrics, crc32(digest));
}

/** The seal of a verdict's losses by day, which its digest covers too: of a verdict's own, as that of its metrics. */
export function lossesSeal(digest: Uint8Array, losses: Uint8Array): number {
  return crc32(losses, crc32(digest));
}

/** Hexadecimal: what tells a configuration's verdicts from each other. */
export function verdictKey(contentHash: string, code: Code): string {
  return createHash('sha256').update(`${contentHash} ${code.hash}`).digest('hex').slice(0, VERDICT_KEY_LENGTH);
}

export const VERDICT_KEY_LENGTH = 8;

/** What many verdicts in a row have in common: made once for them. */
function keySeal(content: Content, code: Code): number {
  if (latest.content !== content || latest.code !== code) {
    const { agesMinutes, maxRowsPerSplit, contentHash, rowCount } = content;
    const seal = crc32(JSON.stringify([agesMinutes, maxRowsPerSplit, contentHash, rowCount, code.hash]));
    latest = { content, code, seal };
  }
  return latest.seal;
}

let latest: { content: Content | null; code: Code | null; seal: number } = { content: null, code: null, seal: 0 };
