import { hash } from 'node:crypto';
import { type DailyLosses, GATE_SPLITS, type GateSplitId, MODEL_KEYS } from '../../experiment/results.ts';
import type { DatasetDays, RunId, StoredLook, StoredLooks } from '../records.ts';
import { referenced } from './codes.ts';
import type { Connection, Row, Sql } from './connection.ts';
import { DamagedValue } from './damaged-value.ts';
import { readAllData } from './data.ts';
import { readDaysOfContents } from './dataset-days.ts';
import { readContents } from './datasets.ts';
import { lockedSplitOf, readEvaluations } from './evaluations.ts';
import { checkSeal, isSame, sealOf, toHex } from './seal.ts';
import { asBytes, asNumber, asText } from './values.ts';

/** A verdict's looks, one a locked split: what is shown of it from now on. */
export type CountedVerdict = {
  readonly dataRow: number;
  readonly dataHash: string;
  readonly contentRow: number;
  readonly contentHash: string;
  readonly configurationRow: number;
  readonly configurationId: string;
  readonly sweep: string;
  readonly runId: RunId;
};

/**
 * Counts what verdicts show of locked splits, where it was not seen before to the last bit on these data: whoever reads
 * takes sums that agree to 1e-6 for one look.
 */
export function* countLooks(
  connection: Connection,
  verdicts: readonly (readonly [verdict: CountedVerdict, losses: readonly DailyLosses[]])[],
): Sql<void> {
  const looks = verdicts.flatMap(([verdict, losses]) => {
    const { dataRow, contentRow, configurationRow, sweep, runId } = verdict;
    return GATE_SPLITS.flatMap((split) => {
      const sums = sumsOf(losses, split);
      if (sums.length === 0) return [];
      const bytes = new Uint8Array(sums.buffer);
      const digest = digestOfSums(bytes);
      const seal = sealOf(sealedLook({ ...verdict, split }, digest));
      return [[dataRow, split, contentRow, configurationRow, sweep, runId, bytes, digest, seal]];
    });
  });
  yield* connection.runEach(
    `INSERT INTO locked_looks (data_id, split, content_id, configuration_id, sweep, run, sums, digest, seal)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
    looks,
  );
}

/** Of four models, in the order of `MODEL_KEYS`, each in the order of its days. */
function sumsOf(losses: readonly DailyLosses[], split: GateSplitId): Float64Array {
  const parts = MODEL_KEYS.flatMap((key) => losses.find((one) => one.modelKey === key && one.split === split) ?? []);
  return Float64Array.from(parts.flatMap(({ absErrorSums }) => Array.from(absErrorSums)));
}

function digestOfSums(sums: Uint8Array): Uint8Array {
  return new Uint8Array(hash('sha256', sums, 'buffer').subarray(0, DIGEST_BYTES));
}

const DIGEST_BYTES = 16;

type SealedLook = Pick<CountedVerdict, 'dataHash' | 'contentHash' | 'configurationId' | 'sweep' | 'runId'> & {
  readonly split: string;
};

function sealedLook({ dataHash, split, contentHash, configurationId, sweep, runId }: SealedLook, digest: Uint8Array) {
  return [dataHash, split, contentHash, configurationId, sweep, runId, toHex(digest)];
}

/** See `VerdictStore.lockedLooks`. */
export function* readLockedLooks(connection: Connection): Sql<StoredLooks> {
  return yield* connection.read(function* () {
    const [data, contents] = [yield* readAllData(connection), yield* readContents(connection)];
    const evaluations = yield* readEvaluations(connection);
    const looked = new Set<number>();
    const looks = (yield* connection.all(SELECT_LOOKS)).map((row): StoredLook => {
      const { baselineRunId, hash: dataHash } = referenced(data, asNumber(row[0]), 'data');
      const contentRow = asNumber(row[2]);
      const { contentHash } = referenced(contents, contentRow, 'dataset');
      looked.add(contentRow);
      const split = lockedSplitOf(asText(row[1]));
      const [configurationId, sweep, runId] = [asText(row[3]), asText(row[4]), asText(row[5])];
      return {
        split,
        baselineRunId,
        dataHash,
        contentHash,
        configurationId,
        sweep,
        runId,
        sums: checkedSums(row, { split, dataHash, contentHash, configurationId, sweep, runId }),
      };
    });
    const datasets = new Map<string, DatasetDays>();
    for (const [contentRow, days] of yield* readDaysOfContents(connection, looked)) {
      datasets.set(referenced(contents, contentRow, 'dataset').contentHash, days);
    }
    return { looks, evaluations, datasets };
  });
}

/** See `VerdictStore.lookedBy`. */
export function* readLookedBy(connection: Connection): Sql<string[]> {
  return (yield* connection.all('SELECT DISTINCT sweep FROM locked_looks')).map(([sweep]) => asText(sweep));
}

function checkedSums(row: Row, look: SealedLook): Float64Array {
  const [sums, digest] = [asBytes(row[6]), asBytes(row[7])];
  const what = `a look of ${look.configurationId} at ${look.split}`;
  checkSeal(what, row[8], sealedLook(look, digest));
  if (sums.length % 8 !== 0 || !isSame(digestOfSums(sums), digest))
    throw new DamagedValue(`${what} is not as it was stored`);
  // Copied, since a Float64Array has to begin at a multiple of eight bytes.
  return new Float64Array(sums.slice().buffer);
}

const SELECT_LOOKS = `
  SELECT locked_looks.data_id, split, content_id, configurations.configuration_id, sweep, run, sums, digest, seal
  FROM locked_looks JOIN configurations ON configurations.id = locked_looks.configuration_id
  ORDER BY locked_looks.id`;
