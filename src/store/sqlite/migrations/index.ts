import { initialSchema } from './001-initial-schema.ts';
import { metricChecksums } from './002-metric-checksums.ts';
import { oneDocument } from './003-one-document.ts';
import { datasetDays } from './004-dataset-days.ts';
import { cellsOfDays } from './005-cells-of-days.ts';
import { sealedVerdicts } from './006-sealed-verdicts.ts';
import { runShards } from './007-run-shards.ts';
import { sealOfLosses } from './008-losses-seal.ts';
import { lockedLooks } from './009-locked-looks.ts';
import type { Migration } from './migration.ts';

/** All of them, in order. */
export const MIGRATIONS: readonly Migration[] = [
  initialSchema,
  metricChecksums,
  oneDocument,
  datasetDays,
  cellsOfDays,
  sealedVerdicts,
  runShards,
  sealOfLosses,
  lockedLooks,
];
