import { initialSchema } from './001-initial-schema.ts';
import { metricsInSql } from './002-metrics-in-sql.ts';
import type { Migration } from './migration.ts';

/** All of them, in order. */
export const MIGRATIONS: readonly Migration[] = [initialSchema, metricsInSql];
