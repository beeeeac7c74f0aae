import { countOf, countText } from '../counts.ts';
import type { Reproduction } from '../execution/reproduce.ts';
import { printable } from './printable.ts';

const MOST_SHOWN = 20;

/** What `sweep reproduce` prints: what was compared, what differs, and what may be why. */
export function reproductionText(reproduction: Reproduction): string {
  const { configurationId, compared, differences, changes, folder, status, datasetHash } = reproduction;
  const lines = [`${configurationId}: ${status}`];
  if (differences.length === 0) {
    lines.push(
      `reproduced: ${countOf(compared, 'value')} agree with the stored verdict to 1e-9, dataset ${datasetHash.now.slice(0, 12)}… is the same`,
    );
  } else {
    lines.push(`NOT reproduced: ${countText(differences.length)} of ${countOf(compared, 'value')} differ`);
    for (const { what, stored, now } of differences.slice(0, MOST_SHOWN)) {
      lines.push(`  ${what}: stored ${printable(stored)}, now ${printable(now)}`);
    }
    if (differences.length > MOST_SHOWN) lines.push(`  and ${countText(differences.length - MOST_SHOWN)} more`);
    lines.push(
      changes.length > 0 ? 'changed since:' : 'nothing known has changed since: same data, code and environment',
    );
  }
  if (differences.length > 0) lines.push(...changes.map((change) => `  ${printable(change)}`));
  lines.push(`files: ${printable(folder)}`);
  return lines.join('\n');
}
