import { initialSchema } from './001-initial-schema.ts';
import type { Migration } from './migration.ts';

/** All of them, in order. */
export const MIGRATIONS: readonly Migration[] = [initialSchema];
