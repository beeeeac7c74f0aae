import type { MadeBy } from '../experiment/manifest.ts';
import type { Provenance } from '../store/records.ts';

/** What a manifest says of the program and machine that made it. */
export function madeBy(provenance: Provenance): MadeBy {
  return {
    code_version: provenance.code.version,
    code_hash: provenance.code.hash,
    git_commit: provenance.gitCommit,
    git_dirty: provenance.gitDirty,
    node_version: provenance.nodeVersion,
    packages: provenance.packages,
    cpu_model: provenance.cpuModel,
    platform: provenance.platform,
  };
}
