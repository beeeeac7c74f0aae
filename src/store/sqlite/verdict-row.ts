import type { JudgedConfiguration } from '../records.ts';
import { addNumber, addText, CHECKSUM_START, checksumOf } from './row-checksum.ts';

/** All that the checksum of a verdict's narrow row covers, the rows that it points to included. */
export type VerdictRow = Omit<JudgedConfiguration, 'metrics'>;

/** The order is part of every store that exists: append only, and with a migration that makes the checksums again. */
export function verdictChecksum(row: VerdictRow): number {
  const { regressor, regressionTargetClipBps } = row.configuration;
  let sum = addText(contentSum(row.dataset, row.codeVersion), row.configurationId);
  sum = addNumber(sum, regressionTargetClipBps);
  sum = addNumber(sum, regressor.alpha);
  sum = addNumber(sum, regressor.kind === 'huber' ? regressor.epsilon : null);
  sum = addNumber(sum, regressor.maxIter);
  sum = addNumber(sum, row.durationMs);
  sum = addNumber(sum, row.passed ? 1 : 0);
  sum = addNumber(sum, row.gatesPassed);
  sum = addNumber(sum, row.smallestMargin);
  sum = addNumber(sum, row.weakestGate);
  sum = addNumber(sum, row.tuneEdgeMaeRatio);
  return checksumOf(addNumber(sum, row.tuneAuc));
}

/** The checksum beside a configuration's canonical form. */
export function canonicalChecksum(configurationId: string, canonical: string): number {
  return checksumOf(addText(addText(CHECKSUM_START, configurationId), canonical));
}

type Dataset = VerdictRow['dataset'];

/** What many verdicts in a row have in common: made once for them. Not where the data lies, which may change. */
function contentSum(dataset: Dataset, codeVersion: string): number {
  if (latest.dataset !== dataset || latest.codeVersion !== codeVersion) {
    let sum = addText(CHECKSUM_START, codeVersion);
    sum = addText(sum, dataset.contentHash ?? '');
    sum = addNumber(sum, dataset.rowCount);
    sum = addNumber(sum, dataset.maxRowsPerSplit);
    for (const age of dataset.agesMinutes) sum = addNumber(sum, age);
    latest = { dataset, codeVersion, sum };
  }
  return latest.sum;
}

let latest: { dataset: Dataset | null; codeVersion: string; sum: number } = { dataset: null, codeVersion: '', sum: 0 };
