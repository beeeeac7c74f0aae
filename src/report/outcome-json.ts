import { sha256Json } from '../canonical-json.ts';
import type { Provenance, StoredOutcome } from '../store/records.ts';
import { printableJson } from './printable.ts';
import type { OutcomeTrust } from './stored-trust.ts';

/**
 * One outcome for programs: `{id, configuration, status, verdict, result, provenance, trust}`; a failure has `error` instead of
 * verdict and result. While it is sealed its verdict is null, and so are the locked splits of its result.
 *
 * @param trust what may be believed of it; null where nothing can be said
 */
export function outcomeJson(outcome: StoredOutcome, trust: OutcomeTrust | null): string {
  const document = {
    id: outcome.configurationId,
    configuration: outcome.canonical,
    status: outcome.kind === 'completed' ? (outcome.verdict?.status ?? 'sealed') : 'error',
    ...(outcome.kind === 'completed'
      ? {
          verdictId: outcome.verdictId,
          digest: outcome.digest,
          conflicts: outcome.conflicts,
          notes: outcome.notes,
          verdict: outcome.verdict,
          result: outcome.result,
        }
      : { error: outcome.error, attempts: outcome.attempts }),
    provenance: provenanceOf(outcome),
    trust: trust && { sweep: trust.sweep, ...trust.row, ...(trust.budget === null ? {} : { budget: trust.budget }) },
  };
  return printableJson(document);
}

function provenanceOf({ run, dataset, code, durationMs, sweeps, others }: StoredOutcome) {
  const { gitCommit, gitDirty, nodeVersion, packages, cpuModel, platform, definition, options, startedAt }: Provenance =
    run;
  return {
    codeVersion: code.version,
    codeHash: code.hash,
    gitCommit,
    gitDirty,
    nodeVersion,
    packages,
    cpuModel,
    platform,
    run: { id: run.runId, sweep: run.sweepName, startedAt, finishedAt: run.finishedAt, outcome: run.outcome },
    definition,
    definitionSha256: sha256Json(definition),
    options,
    dataset,
    durationMs,
    sweeps,
    otherOutcomes: others,
  };
}
