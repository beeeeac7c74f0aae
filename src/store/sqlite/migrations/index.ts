import { initialSchema } from './001-initial-schema.ts';
import { metricChecksums } from './002-metric-checksums.ts';
import type { Migration } from './migration.ts';

/** All of them, in order. */
export const MIGRATIONS: readonly Migration[] = [initialSchema, metricChecksums];
