import type { Json } from '../../canonical-json.ts';
import { type DailyLosses, type ExperimentResult, MODEL_KEYS } from '../../experiment/results.ts';
import type { Verdict } from '../../experiment/verdict.ts';
import { UserError } from '../../user-error.ts';
import { decodeDailyLosses } from '../daily-losses-codec.ts';
import type { Judgement, OutcomeOrigin, OutcomeQuery, StoredOutcome } from '../records.ts';
import { summaryOf } from '../verdict-summary.ts';
import type { Connection } from './connection.ts';
import { readConfiguration, readDataset } from './read-configuration.ts';
import { sweepRowOf } from './read-outcomes.ts';
import { readRun } from './read-runs.ts';
import { DamagedValue } from './sqlite-errors.ts';
import { asBytes, asJson, asNumber, asText } from './values.ts';
import { canonicalChecksum, verdictChecksum } from './verdict-row.ts';
import { documentDigest } from './write-outcomes.ts';

/** See `VerdictStore.find`. */
export function findOutcome(
  connection: Connection,
  idPrefix: string,
  query: Pick<OutcomeQuery, 'sweep'>,
): StoredOutcome {
  return connection.read(() => {
    const sweepRow = query.sweep === undefined ? null : sweepRowOf(connection, query.sweep);
    const { row, configurationId, canonical } = configurationByPrefix(connection, idPrefix, sweepRow);
    const keys = outcomeKeys(connection, row);
    const key = keys.find((found) => sweepRow === null || isShownBy(connection, sweepRow, row, found));
    if (key === undefined) {
      throw new UserError(`${configurationId}: not judged yet. Run its sweep again, it continues where it stopped`);
    }
    const dataset = readDataset(connection, key.datasetRow);
    const common = {
      configurationId,
      configuration: readConfiguration(connection, row, dataset),
      dataset,
      canonical,
      sweeps: sweepsOf(connection, row),
      others: keys
        .filter((other) => other !== key)
        .map(({ datasetHash, codeVersion }) => ({ datasetHash, codeVersion })),
    };
    return key.kind === 'completed' ? readCompleted(connection, key, common) : readFailed(connection, key, common);
  });
}

/** See `VerdictStore.shortIdLength`. */
export function shortIdLength(connection: Connection, configurationIds: Iterable<string>): number {
  let length = SHORTEST_ID;
  connection.read(() => {
    for (const id of configurationIds) {
      for (const sql of [NEIGHBOUR_BELOW, NEIGHBOUR_ABOVE]) {
        const neighbour = connection.get(sql, id)?.[0];
        if (neighbour !== undefined) length = Math.max(length, commonPrefixLength(id, asText(neighbour)) + 1);
      }
    }
  });
  return length;
}

const SHORTEST_ID = 7;
const NEIGHBOUR_BELOW =
  'SELECT configuration_id FROM configurations WHERE configuration_id < ? ORDER BY configuration_id DESC LIMIT 1';
const NEIGHBOUR_ABOVE =
  'SELECT configuration_id FROM configurations WHERE configuration_id > ? ORDER BY configuration_id LIMIT 1';

function commonPrefixLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

type FoundConfiguration = { readonly row: number; readonly configurationId: string; readonly canonical: Json };

function configurationByPrefix(connection: Connection, typed: string, sweepRow: number | null): FoundConfiguration {
  const prefix = typed.toLowerCase();
  if (!/^[0-9a-f]+$/.test(prefix)) {
    throw new UserError(
      `id ${JSON.stringify(typed)}: expected the first characters of an id, 0-9 and a-f. See \`sweep report\``,
    );
  }
  const member = 'AND id IN (SELECT configuration_id FROM sweep_configurations WHERE sweep_id = ?)';
  // 'g' comes after every hexadecimal digit.
  const rows = connection.all(
    `SELECT id, configuration_id, canonical, canonical_checksum FROM configurations
     WHERE configuration_id >= ? AND configuration_id < ? ${sweepRow === null ? '' : member}
     ORDER BY configuration_id LIMIT ${MAX_CANDIDATES + 1}`,
    prefix,
    `${prefix}g`,
    ...(sweepRow === null ? [] : [sweepRow]),
  );
  const [found] = rows;
  if (found === undefined)
    throw new UserError(
      `id ${typed}: no such configuration ${sweepRow === null ? 'in this store' : 'in this sweep'}. See \`sweep report\``,
    );
  const exact = rows.find((row) => row[1] === prefix);
  if (rows.length > 1 && exact === undefined)
    throw ambiguous(
      typed,
      rows.map((row) => asText(row[1])),
    );
  const [row, configurationId, canonical, checksum] = exact ?? found;
  if (canonicalChecksum(asText(configurationId), asText(canonical)) !== checksum) {
    throw new DamagedValue(`configuration ${asText(configurationId)} differs from its checksum`);
  }
  // What JSON.parse gives is Json.
  return { row: asNumber(row), configurationId: asText(configurationId), canonical: asJson(canonical) as Json };
}

const MAX_CANDIDATES = 5;

function ambiguous(typed: string, ids: readonly string[]): UserError {
  const named = ids.slice(0, MAX_CANDIDATES).join(', ') + (ids.length > MAX_CANDIDATES ? ', …' : '');
  return new UserError(`id ${typed}: ambiguous, it may be ${named}. Give more characters`);
}

type OutcomeKey = {
  readonly kind: 'completed' | 'failed';
  readonly outcomeRow: number;
  readonly runRow: number;
  readonly datasetRow: number;
  readonly codeVersionRow: number;
  readonly datasetHash: string | null;
  readonly codeVersion: string;
};

/** Every outcome of a configuration, the latest run's first. */
function outcomeKeys(connection: Connection, configurationRow: number): OutcomeKey[] {
  // Through datasets and code versions, of which there are few: so the unique index serves.
  const select = (table: 'verdicts' | 'failures', kind: OutcomeKey['kind']) => `
    SELECT '${kind}', outcome.id, outcome.run_id, datasets.id, code_versions.id, datasets.content_hash, code_versions.name
    FROM datasets CROSS JOIN code_versions
    CROSS JOIN ${table} AS outcome ON outcome.dataset_id = datasets.id
      AND outcome.code_version_id = code_versions.id AND outcome.configuration_id = ?`;
  const sql = `${select('verdicts', 'completed')} UNION ALL ${select('failures', 'failed')} ORDER BY 3 DESC, 1, 2 DESC`;
  return connection.all(sql, configurationRow, configurationRow).map((row) => ({
    kind: row[0] === 'completed' ? 'completed' : 'failed',
    outcomeRow: asNumber(row[1]),
    runRow: asNumber(row[2]),
    datasetRow: asNumber(row[3]),
    codeVersionRow: asNumber(row[4]),
    datasetHash: asText(row[5]) || null,
    codeVersion: asText(row[6]),
  }));
}

function isShownBy(connection: Connection, sweepRow: number, configurationRow: number, key: OutcomeKey): boolean {
  const row = connection.get(
    `SELECT 1 FROM sweep_configurations
     WHERE sweep_id = ? AND configuration_id = ? AND dataset_id = ? AND code_version_id = ?`,
    sweepRow,
    configurationRow,
    key.datasetRow,
    key.codeVersionRow,
  );
  return row !== undefined;
}

function sweepsOf(connection: Connection, configurationRow: number): string[] {
  const rows = connection.all(
    `SELECT name FROM sweeps
     WHERE EXISTS (SELECT 1 FROM sweep_configurations WHERE sweep_id = sweeps.id AND configuration_id = ?)
     ORDER BY name`,
    configurationRow,
  );
  return rows.map((row) => asText(row[0]));
}

type Common = Omit<OutcomeOrigin, 'codeVersion' | 'durationMs'> &
  Pick<StoredOutcome, 'canonical' | 'sweeps' | 'others'>;

function readCompleted(connection: Connection, key: OutcomeKey, common: Common): StoredOutcome {
  const row = connection.get('SELECT duration_ms, checksum FROM verdicts WHERE id = ?', key.outcomeRow) ?? [];
  const judgement = readJudgement(connection, key.outcomeRow);
  const summary = summaryOf(judgement.result, judgement.verdict);
  const origin = { ...common, codeVersion: key.codeVersion, durationMs: asNumber(row[0]) };
  // With the summary made anew from the documents: so they are held against what the leaderboard shows of them.
  if (verdictChecksum({ ...origin, ...summary }) !== asNumber(row[1])) {
    throw new DamagedValue(`the verdict of ${common.configurationId} differs from its checksum`);
  }
  return { ...origin, kind: 'completed', run: readRun(connection, key.runRow), summary, ...judgement };
}

/** The documents of a verdict, after their digest was checked. */
export function readJudgement(connection: Connection, verdictRow: number): Judgement {
  const row = connection.get(
    'SELECT result, verdict, daily_losses, digest FROM verdict_documents WHERE verdict_id = ?',
    verdictRow,
  );
  if (row === undefined) throw new DamagedValue(`the documents of verdict ${verdictRow} are missing`);
  const dailyLosses = asBytes(row[2]);
  const digest = documentDigest(asText(row[0]), asText(row[1]), dailyLosses);
  if (Buffer.compare(digest, asBytes(row[3])) !== 0) {
    throw new DamagedValue(`the documents of verdict ${verdictRow} differ from their digest`);
  }
  const result = asJson(row[0]);
  const verdict = asJson(row[1]);
  if (!isResult(result) || !isVerdict(verdict)) {
    throw new DamagedValue(`the documents of verdict ${verdictRow} are not a result and a verdict`);
  }
  return { result, verdict, dailyLosses: readDailyLosses(dailyLosses) };
}

// The digest says that these are the bytes that `record` wrote, from a value of the type; this guards against a store
// that was made by hand.
function isResult(value: unknown): value is ExperimentResult {
  return isObject(value) && MODEL_KEYS.every((key) => isObject(value[key]));
}

function isVerdict(value: unknown): value is Verdict {
  return isObject(value) && Array.isArray(value['reasons']) && Array.isArray(value['passed_checks']);
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

function readDailyLosses(bytes: Uint8Array): DailyLosses[] {
  try {
    return decodeDailyLosses(bytes);
  } catch (error) {
    throw new DamagedValue('daily losses cannot be decoded', { cause: error });
  }
}

function readFailed(connection: Connection, key: OutcomeKey, common: Common): StoredOutcome {
  const row =
    connection.get(
      'SELECT duration_ms, attempts, error_name, error_message FROM failures WHERE id = ?',
      key.outcomeRow,
    ) ?? [];
  return {
    ...common,
    codeVersion: key.codeVersion,
    durationMs: asNumber(row[0]),
    kind: 'failed',
    run: readRun(connection, key.runRow),
    attempts: asNumber(row[1]),
    error: { name: asText(row[2]), message: asText(row[3]) },
  };
}
