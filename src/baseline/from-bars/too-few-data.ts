import { countOf, wordFor } from '../../counts.ts';
import { FIT_SPLIT, SIDES } from '../splits.ts';
import type { SplitSummary } from './split-summary.ts';

/**
 * Days that a split needs: minutes of one day are one story told many times, so that days, not rows, are what a figure
 * rests on. A fit of some sixty features needs more of them than a judgement.
 */
const LEAST_FIT_DAYS = 14;
const LEAST_DAYS = 3;
/** With 100 of the rarer class an AUC is known to about ±0.03, with 10 to ±0.09 (Hanley and McNeil, Radiology 143, 1982). */
const LEAST_OF_A_CLASS = 100;

/** Where a build has too few data to mean anything: what there is and what is needed. */
export function tooFewData(splits: readonly SplitSummary[]): string[] {
  const warnings: string[] = [];
  for (const { id, days, entries } of splits) {
    const least = id === FIT_SPLIT ? LEAST_FIT_DAYS : LEAST_DAYS;
    if (days < least)
      warnings.push(
        `${id} has ${countOf(days, 'day')} of bars; at least ${least} are needed for its figures to mean anything`,
      );
    for (const side of SIDES) {
      const { labels, positives } = entries[side];
      const rarer = Math.min(positives, labels - positives);
      if (rarer >= LEAST_OF_A_CLASS) continue;
      const isEntries = positives <= labels - positives;
      const what = isEntries ? wordFor(rarer, 'entry', 'entries') : `${wordFor(rarer, 'minute')} without entry`;
      warnings.push(`${id} has ${rarer} ${side.toLowerCase()} ${what}; at least ${LEAST_OF_A_CLASS} are needed`);
    }
  }
  return warnings;
}
