import { countOf, countText, wordFor } from '../counts.ts';
import type { MissingShard } from '../execution/missing-shards.ts';
import type { MergeConflict, MergedSource } from '../store/merge-report.ts';
import { isPostgresUrl } from '../store/postgres/url.ts';
import type { SweepSummary } from '../store/records.ts';
import { shardText } from '../sweep/shards.ts';
import { commandLine } from './command-line.ts';
import { printable } from './printable.ts';
import { shardsText } from './shard-text.ts';

/** A sweep after a merge: how far it is, and what is missing. */
export type MergedSweep = { readonly summary: SweepSummary; readonly missing: readonly MissingShard[] };

const MOST_LISTED = 20;

/** What `sweep merge` prints when it is done. */
export function mergeText(
  into: string,
  sources: readonly MergedSource[],
  sweeps: readonly MergedSweep[],
  program: string,
): string {
  return [
    ...sources.map(sourceLine),
    ...sweeps.flatMap(({ summary, missing }) => [sweepLine(summary), ...missingLines(missing, program)]),
    ...sweeps.map(({ summary }) => {
      return `leaderboard: ${commandLine(program, ['report', '--sweep', summary.name, '--db', into])}`;
    }),
  ].join('\n');
}

function sourceLine({ location, isRunning, ...counts }: MergedSource): string {
  const { addedVerdicts, knownVerdicts, addedFailures, addedRuns } = counts;
  const parts = [countOf(addedVerdicts, 'new verdict'), `${countText(knownVerdicts)} already there`];
  if (addedFailures > 0) parts.push(`${countText(addedFailures)} error`);
  parts.push(countOf(addedRuns, 'new run'));
  const how = isPostgresUrl(location) ? 'pull' : 'merge';
  const going = isRunning ? `; a run of it is not over: ${how} it again when it is` : '';
  return `${printable(location)}: ${parts.join(', ')}${going}`;
}

function sweepLine({ name, shards, configurationCount, pendingCount, errorCount }: SweepSummary): string {
  const judged = configurationCount - pendingCount - errorCount;
  const which = shards.length === 0 ? '' : `, ${wordFor(shards.length, 'shard')} ${shardsText(shards)}`;
  const rest = [
    ...(errorCount > 0 ? [`${countText(errorCount)} error`] : []),
    ...(pendingCount > 0 ? [`${countText(pendingCount)} pending`] : []),
  ];
  const more = rest.length === 0 ? '' : `, ${rest.join(', ')}`;
  return `${printable(name)}${which}: ${countText(judged)} of ${countOf(configurationCount, 'configuration')} judged${more}`;
}

function missingLines(missing: readonly MissingShard[], program: string): string[] {
  const lines = missing.slice(0, MOST_LISTED).map(({ shard, configurationCount, pendingCount, limit, file }) => {
    const limited = limit === null ? [] : ['--limit', String(limit)];
    const run = ['run', file ?? 'FILE', '--shard', shardText(shard), ...limited, '--db', `s${shard.number}.db`];
    const part = `${countText(pendingCount)} of ${countOf(configurationCount, 'configuration')}`;
    return `missing: shard ${shardText(shard)} (${part}): ${commandLine(program, run)}`;
  });
  const more = missing.length - lines.length;
  return more > 0 ? [...lines, `missing: ${countOf(more, 'shard')} more`] : lines;
}

/** What it prints when stores say different things under one key. */
export function mergeConflictsText(conflicts: readonly MergeConflict[]): string {
  const lines = conflicts.slice(0, MOST_LISTED).map(({ kind, name, one, other }) => {
    const sides = [one, other].map(
      ({ location, digest }) => `${digest.slice(0, SHORT_DIGEST)} in ${printable(location)}`,
    );
    return `${kind} ${name}: ${sides.join(', ')}`;
  });
  const more = conflicts.length - lines.length;
  return [
    `CONFLICT: ${countOf(conflicts.length, 'result')} came out otherwise in one store than in another; nothing was merged`,
    ...lines,
    ...(more > 0 ? [`and ${countText(more)} more`] : []),
    'One of the machines computes otherwise, or a store was changed: judge one of them again with sweep reproduce',
  ].join('\n');
}

const SHORT_DIGEST = 12;
