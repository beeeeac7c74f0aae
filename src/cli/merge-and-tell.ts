import { missingShards } from '../execution/missing-shards.ts';
import { type MergedSweep, mergeConflictsText, mergeText } from '../report/merge-text.ts';
import { printableJson } from '../report/printable.ts';
import type { Allowance, MergeOptions, MergeReport } from '../store/merge-report.ts';
import { EXIT, type SetExitCode } from './exit-codes.ts';
import { migrationText, openStore } from './open-store.ts';
import { programName } from './program-name.ts';
import { note, print } from './terminal.ts';

/** @param wait seconds to wait for a run on the store that is written */
export type MergeChoices = { readonly allow: readonly Allowance[]; readonly wait: number; readonly json: boolean };

/** Brings what others have stored into a store, and tells what came of it: of files and of a database alike. */
export async function mergeAndTell(
  into: string,
  { allow, wait, json }: MergeChoices,
  merge: (options: MergeOptions) => Promise<MergeReport>,
  setExitCode: SetExitCode,
): Promise<void> {
  const report = await merge({
    allow,
    waitMs: wait * 1000,
    onWait: (holder) => note(`${into}: waiting for ${holder}`),
    onMigrate: (path, migration) => note(migrationText(path, migration)),
  });
  if (report.kind === 'refused') {
    setExitCode(EXIT.differs);
    print(json ? printableJson({ into, ...report }) : mergeConflictsText(report.conflicts));
    return;
  }
  const sweeps = await mergedSweeps(into, report.sweeps);
  if (json) print(printableJson({ into, sources: report.sources, sweeps: sweeps.map(sweepJson) }));
  else print(mergeText(into, report.sources, sweeps, programName()));
}

/** How far sweeps are of which something was brought into a store. */
async function mergedSweeps(into: string, names: readonly string[]): Promise<MergedSweep[]> {
  await using store = await openStore(into, { mode: 'read' });
  const found: MergedSweep[] = [];
  for (const summary of await store.sweeps()) {
    if (names.includes(summary.name)) found.push({ summary, missing: await missingShards(store, summary.name) });
  }
  return found;
}

function sweepJson({ summary, missing }: MergedSweep) {
  const { name, configurationCount, pendingCount, errorCount, shards } = summary;
  return {
    sweep: name,
    configurations: configurationCount,
    pending: pendingCount,
    error: errorCount,
    shards,
    missing: missing.map(({ shard, ...rest }) => ({ ...shard, ...rest })),
  };
}
