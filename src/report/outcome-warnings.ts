import { countOf } from '../counts.ts';
import { shortHash } from '../short-hash.ts';
import type { OutcomeSet } from '../store/records.ts';
import { shardsSentence } from './shard-text.ts';

/** What is warned of: an `OutcomeSet` without the outcomes, and what their verdicts are by and on. */
export type WarnedOutcomes = Omit<OutcomeSet, 'judged' | 'failed'> & {
  readonly judgedCount: number;
  readonly failedCount: number;
  readonly codeHashes: ReadonlySet<string>;
  readonly baselineRunIds: ReadonlySet<string>;
};

export function warnedOutcomes(outcomes: OutcomeSet): WarnedOutcomes {
  return {
    ...outcomes,
    judgedCount: outcomes.judged.length,
    failedCount: outcomes.failed.length,
    codeHashes: new Set(outcomes.judged.map(({ code }) => code.hash)),
    baselineRunIds: new Set(outcomes.judged.map(({ dataset }) => dataset.baselineRunId)),
  };
}

/**
 * What to bear in mind when reading outcomes, one sentence each: conflicts, shards that are not here, verdicts that are not shown, several codes or
 * baseline runs.
 *
 * @param spent what was done with locked splits to pick or sort them
 */
export function outcomeWarnings(outcomes: WarnedOutcomes, spent: readonly string[] = []): string[] {
  const warnings: string[] = [];
  const [conflict] = outcomes.conflicts;
  if (conflict !== undefined) {
    const count = countOf(outcomes.conflicts.length, 'verdict');
    warnings.push(
      `CONFLICT: ${count} came out otherwise when judged again, such as ${conflict.verdictId}; the first ones are shown`,
    );
  }
  if (outcomes.shards.length > 0 && outcomes.pendingCount > 0) {
    const all = outcomes.judgedCount + outcomes.failedCount + outcomes.pendingCount;
    warnings.push(`${shardsSentence(outcomes.shards, all)}; sweep merge brings stores of shards together`);
  }
  for (const { dataHash, code, sameData, count } of outcomes.earlier) {
    const by = `--code ${shortHash(code.hash)}`;
    warnings.push(
      sameData
        ? `${countOf(count, 'verdict')} by earlier code are not shown; ${by} shows them`
        : `${countOf(count, 'verdict')} on earlier data are not shown; --data ${shortHash(dataHash)} ${by} shows them`,
    );
  }
  warnings.push(...spent);
  const codes = new Set([...outcomes.codeHashes].map(shortHash));
  if (codes.size > 1) warnings.push(`verdicts by ${countOf(codes.size, 'code')}: ${[...codes].join(', ')}`);
  const baselines = outcomes.baselineRunIds;
  if (baselines.size > 1) {
    warnings.push(
      `verdicts on ${countOf(baselines.size, 'baseline run')} (${[...baselines].join(', ')}): their figures do not compare`,
    );
  }
  return warnings;
}
