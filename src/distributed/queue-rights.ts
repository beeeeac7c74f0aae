import type { SchemaRights } from '../store/postgres/roles.ts';
import { SCHEMA } from './queue.ts';

/**
 * What a worker does with pg-boss's tables (12.38): slices that it takes, ends and gives back, and what pg-boss notes of each
 * queue when it looks for silent hosts and for what may go. It makes, changes and removes no queue.
 */
export const WORKERS_QUEUE: SchemaRights = {
  schema: SCHEMA,
  tables: {
    job: { insert: true, update: true, delete: true },
    job_common: { insert: true, update: true, delete: true },
    job_dependency: { delete: true },
    // When it was looked last, and instances that are registered, of which we have none: every supervisor clears them away.
    version: { update: { except: ['version'] } },
    instance: { update: true, delete: true },
    queue: {
      update: {
        except: [
          ...['name', 'policy', 'partition', 'table_name', 'dead_letter', 'notify', 'warning_queued', 'created_on'],
          ...['retry_limit', 'retry_delay', 'retry_backoff', 'retry_delay_max', 'heartbeat_seconds', 'updated_on'],
          ...['expire_seconds', 'retention_seconds', 'deletion_seconds'],
        ],
      },
    },
  },
};
