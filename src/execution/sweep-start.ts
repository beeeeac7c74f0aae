import type { Json } from '../canonical-json.ts';
import { countOf, wordFor } from '../counts.ts';
import { shortHash } from '../short-hash.ts';
import { codeText } from '../store/code-text.ts';
import type { Code, DataRecord, RunShard, StoredSweep, SweepSummary } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { type DefinitionChange, definitionChange, storedDefinition } from '../sweep/definition-change.ts';
import { shardText } from '../sweep/shards.ts';
import { UserError } from '../user-error.ts';
import { changesText } from './data-changes.ts';

export type SweepStart = {
  /** What this run changes of a sweep that is there: a sentence each. */
  readonly notices: readonly string[];
};

type StartOf = {
  readonly definition: Json;
  readonly code: Code;
  readonly data: DataRecord;
};

/**
 * How a run that is not refused stands to the sweep of its name that is in the store, before anything is changed: whether it
 * extends it, and what it will judge again, and why.
 */
export async function sweepStart(
  store: VerdictStore,
  name: string,
  { definition, code, data }: StartOf,
): Promise<SweepStart> {
  const stored = await store.sweep(name);
  if (stored === null) return { notices: [] };
  const change = changeOf(stored, definition);
  const summary = (await store.sweeps()).find((sweep) => sweep.name === name);
  return { notices: [...definitionNotices(name, change), ...againNotices(stored, summary, data, code)] };
}

/**
 * What can be refused of a run before its data are read.
 *
 * @throws UserError when the sweep of its name has another definition, unless this one is to take its place; when the store
 *   has another shard of it, unless shards are to be mixed
 */
export async function refuseOtherSweep(
  store: VerdictStore,
  name: string,
  { definition, shard }: { readonly definition: Json; readonly shard: RunShard | null },
  { replace, mixShards }: { readonly replace: boolean; readonly mixShards: boolean },
): Promise<void> {
  const stored = await store.sweep(name);
  if (stored === null || replace) return;
  const change = changeOf(stored, definition);
  if (change.kind === 'other') {
    throw new UserError(
      `sweep ${JSON.stringify(name)}: has another definition in ${store.location} (${change.differences.join('; ')}). ` +
        'Give this one another name, or let it take the place of that one with --replace; verdicts stay',
    );
  }
  if (shard !== null && !mixShards) await refuseOtherShard(store, name, shard);
}

/** Two shards that write one store are most often two jobs that were given one name for it. */
async function refuseOtherShard(store: VerdictStore, name: string, shard: RunShard): Promise<void> {
  for (const { shard: stored } of await store.history(name)) {
    if (stored === null || (stored.number === shard.number && stored.count === shard.count)) continue;
    throw new UserError(
      `sweep ${JSON.stringify(name)}: ${store.location} holds shard ${shardText(stored)} of it, this is ` +
        `shard ${shardText(shard)}. Give each shard a store of its own with --db, or let this one take both with --mix-shards`,
    );
  }
}

function changeOf(stored: StoredSweep, definition: Json): DefinitionChange {
  try {
    const parsed = (json: Json) => storedDefinition(json, stored.name);
    return definitionChange(parsed(stored.definition), parsed(definition));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return { kind: 'other', differences: [`the stored one cannot be read by this version: ${error.message}`] };
  }
}

function definitionNotices(name: string, change: DefinitionChange): string[] {
  if (change.kind === 'same') return [];
  if (change.kind === 'extension') return [`${name} is extended: ${change.added.join('; ')}`];
  return [`${name} is replaced: ${change.differences.join('; ')}`];
}

function againNotices(
  { name, code: oldCode, data: oldData }: StoredSweep,
  summary: SweepSummary | undefined,
  data: DataRecord,
  code: Code,
): string[] {
  const judged =
    (summary?.passedCount ?? 0) +
    (summary?.notReadyCount ?? 0) +
    (summary?.unconvergedCount ?? 0) +
    (summary?.sealedCount ?? 0);
  if (judged === 0) return [];
  const notices: string[] = [];
  if (oldCode.hash !== code.hash) {
    notices.push(
      `${name}: ${countOf(judged, 'verdict')} ${wordFor(judged, 'is', 'are')} by earlier code (${codeText(oldCode)}, now ${codeText(code)}) and ${wordFor(judged, 'is', 'are')} judged again; ` +
        `they stay, reached by --code ${shortHash(oldCode.hash)}`,
    );
  }
  if (oldData.baselineRunId === data.baselineRunId && oldData.hash !== data.hash && oldData.files !== null) {
    notices.push(
      `${name}: baseline run ${data.baselineRunId} is not what it was (${changesText(oldData, data)}): up to ${judged} ` +
        `configurations are judged again, those on rows that changed; earlier verdicts stay, reached by --data ${shortHash(oldData.hash)}`,
    );
  }
  return notices;
}
