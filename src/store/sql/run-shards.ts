import type { RunId, RunShard } from '../records.ts';
import type { Connection, Sql } from './connection.ts';
import { checkSeal, sealOf } from './seal.ts';
import type { View } from './sweeps.ts';
import { asNumber, asText } from './values.ts';

export function* putRunShard(connection: Connection, runRow: number, runId: RunId, shard: RunShard): Sql<void> {
  const { number, count, configurationCount } = shard;
  const values = [number, count, configurationCount] as const;
  yield* connection.put('INSERT INTO run_shards VALUES (?, ?, ?, ?, ?)', runRow, ...values, sealOf([runId, ...values]));
}

/** The shards of runs, by the run's row: there are few. */
export function* readRunShards(connection: Connection): Sql<ReadonlyMap<number, RunShard>> {
  const rows = yield* connection.all(
    `SELECT run_id, runs.uuid, shard, shard_count, run_shards.configuration_count, run_shards.seal
     FROM run_shards JOIN runs ON runs.id = run_id ORDER BY run_id`,
  );
  return new Map(
    rows.map(([runRow, runId, ...row]) => {
      const [number, count, configurationCount] = row.slice(0, 3).map(asNumber);
      const shard: RunShard = { number: number!, count: count!, configurationCount: configurationCount! };
      checkSeal(`the shard of run ${asText(runId)}`, row[3], [asText(runId), number!, count!, configurationCount!]);
      return [asNumber(runRow), shard];
    }),
  );
}

/** See `SweepSummary.shards`. */
export function* shardsOf(connection: Connection, sweepRow: number, { dataRow, codeRow }: View): Sql<RunShard[]> {
  const shards = yield* readRunShards(connection);
  const runs = yield* connection.all(
    'SELECT id FROM runs WHERE sweep_id = ? AND data_id = ? AND code_id = ? ORDER BY id',
    sweepRow,
    dataRow,
    codeRow,
  );
  const found = new Map<string, RunShard>();
  for (const [id] of runs) {
    const shard = shards.get(asNumber(id));
    if (shard === undefined) return [];
    found.set(`${shard.number} ${shard.count}`, shard);
  }
  return [...found.values()].sort((a, b) => a.count - b.count || a.number - b.number);
}
