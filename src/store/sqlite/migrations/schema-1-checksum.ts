import type { Content } from '../../sql/datasets.ts';
import type { CheckedVerdict } from '../../sql/verdict-seal.ts';
import { addNumber, addText, CHECKSUM_START, checksumOf } from './row-checksum.ts';

/** The checksum that schema 1 and 2 have of a verdict's row and of those that it points to. */
export function schema1Checksum(row: CheckedVerdict, content: Content, codeVersion: string): number {
  const { regressor, regressionTargetClipBps } = row.configuration;
  let sum = addText(contentSum(content, codeVersion), row.configurationId);
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

function contentSum({ agesMinutes, maxRowsPerSplit, contentHash, rowCount }: Content, codeVersion: string): number {
  let sum = addText(CHECKSUM_START, codeVersion);
  sum = addText(sum, contentHash);
  sum = addNumber(sum, rowCount);
  sum = addNumber(sum, maxRowsPerSplit);
  for (const age of agesMinutes) sum = addNumber(sum, age);
  return sum;
}
