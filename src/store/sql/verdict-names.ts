import { countOf } from '../../counts.ts';
import { shortHash } from '../../short-hash.ts';
import { UserError } from '../../user-error.ts';
import type { VerdictChoice, VerdictName } from '../records.ts';
import { readCodes, referenced } from './codes.ts';
import type { Connection, Sql } from './connection.ts';
import { readContents } from './datasets.ts';
import { readRuns } from './read-runs.ts';
import { selectedBy } from './read-verdicts.ts';
import { codeRowsOf, dataRowsOf, sweepRowOf } from './sweeps.ts';
import { asNumber, asText } from './values.ts';
import { VERDICT_KEY_LENGTH, verdictKey } from './verdict-seal.ts';

export type Located = {
  readonly configurationRow: number;
  readonly configurationId: string;
  readonly canonicalText: string;
  readonly names: readonly Named[];
} & (({ readonly kind: 'completed' } & Named) | ({ readonly kind: 'failed' } & FailureKey));

/** A verdict, and where it stands. */
type Named = {
  readonly name: VerdictName;
  readonly row: number;
  readonly contentRow: number;
  readonly codeRow: number;
};
type FailureKey = { readonly dataRow: number; readonly codeRow: number; readonly runRow: number };

/**
 * The outcome that an id and a choice name.
 *
 * @throws UserError naming what there is when they name none or several
 */
export function* locate(connection: Connection, typed: string, choice: VerdictChoice): Sql<Located> {
  const { configurationPart, keyPart } = parseId(typed);
  const sweepRow = choice.sweep === undefined ? null : yield* sweepRowOf(connection, choice.sweep);
  const configuration = yield* configurationByPrefix(connection, typed, configurationPart, sweepRow);
  const { configurationId } = configuration;
  const names = yield* verdictsOf(connection, configuration.configurationRow, configurationId);
  const meant = names.filter(yield* meantBy(connection, choice, keyPart));
  const [verdict] = meant;
  if (verdict !== undefined) {
    if (meant.length > 1) throw severalVerdicts(typed, meant);
    return { ...configuration, names, kind: 'completed', ...verdict };
  }
  const failure = keyPart === null ? yield* failureOf(connection, configuration.configurationRow, choice) : undefined;
  if (failure !== undefined) return { ...configuration, names, kind: 'failed', ...failure };
  if (names.length > 0)
    throw new UserError(`${typed}: no such verdict of ${configurationId}. There is ${listOf(names)}`);
  throw new UserError(`${configurationId}: not judged yet. Run its sweep again, it continues where it stopped`);
}

function parseId(typed: string): { configurationPart: string; keyPart: string | null } {
  const match = /^([0-9a-f]+)(?:@([0-9a-f]+))?$/.exec(typed.toLowerCase());
  if (match === null) {
    throw new UserError(
      `id ${JSON.stringify(typed)}: expected the first characters of an id, 0-9 and a-f. See \`sweep report\``,
    );
  }
  return { configurationPart: match[1] ?? '', keyPart: match[2] ?? null };
}

function* configurationByPrefix(connection: Connection, typed: string, prefix: string, sweepRow: number | null) {
  const member = 'AND id IN (SELECT configuration_id FROM sweep_configurations WHERE sweep_id = ?)';
  // 'g' comes after every hexadecimal digit.
  const rows = yield* connection.all(
    `SELECT id, configuration_id, canonical FROM configurations
     WHERE configuration_id >= ? AND configuration_id < ? ${sweepRow === null ? '' : member}
     ORDER BY configuration_id LIMIT ${MAX_CANDIDATES + 1}`,
    prefix,
    `${prefix}g`,
    ...(sweepRow === null ? [] : [sweepRow]),
  );
  const exact = rows.find((row) => row[1] === prefix) ?? rows[0];
  if (exact === undefined) {
    const where = sweepRow === null ? 'in this store' : 'in this sweep';
    throw new UserError(`id ${typed}: no such configuration ${where}. See \`sweep report\``);
  }
  if (rows.length > 1 && exact[1] !== prefix) {
    const ids = rows.map((row) => asText(row[1]));
    const named = ids.slice(0, MAX_CANDIDATES).join(', ') + (ids.length > MAX_CANDIDATES ? ', …' : '');
    throw new UserError(`id ${typed}: ambiguous, it may be ${named}. Give more characters`);
  }
  const [row, id, canonical] = exact;
  return { configurationRow: asNumber(row), configurationId: asText(id), canonicalText: asText(canonical) };
}

const MAX_CANDIDATES = 5;

/** Every verdict of a configuration, the one that was made last first. */
function* verdictsOf(connection: Connection, configurationRow: number, configurationId: string): Sql<Named[]> {
  const [contents, codes, runs] = [
    yield* readContents(connection),
    yield* readCodes(connection),
    yield* readRuns(connection),
  ];
  // Through contents and codes, of which there are few: so the unique index serves.
  const rows = yield* connection.all(
    `SELECT verdicts.id, verdicts.content_id, verdicts.code_id, verdicts.run_id
     FROM contents CROSS JOIN codes
     CROSS JOIN verdicts ON verdicts.content_id = contents.id AND verdicts.code_id = codes.id
       AND verdicts.configuration_id = ?
     ORDER BY verdicts.id DESC`,
    configurationRow,
  );
  return rows.map(([row, contentRow, codeRow, runRow]) => {
    const { contentHash } = referenced(contents, asNumber(contentRow), 'dataset');
    const code = referenced(codes, asNumber(codeRow), 'code');
    const { data } = referenced(runs, asNumber(runRow), 'run');
    const name: VerdictName = {
      verdictId: `${configurationId}@${verdictKey(contentHash, code)}`,
      baselineRunId: data.baselineRunId,
      dataHash: data.hash,
      datasetHash: contentHash,
      code,
    };
    return { name, row: asNumber(row), contentRow: asNumber(contentRow), codeRow: asNumber(codeRow) };
  });
}

function* meantBy(
  connection: Connection,
  choice: VerdictChoice,
  keyPart: string | null,
): Sql<(named: Named) => boolean> {
  const { sweep, baseline, data, code } = choice;
  const shown = sweep === undefined ? null : yield* selectedBy(connection, choice);
  const codeRows = sweep === undefined && code !== undefined ? yield* codeRowsOf(connection, code) : null;
  if (data !== undefined) yield* dataRowsOf(connection, data);
  return ({ name, contentRow, codeRow }) =>
    (keyPart === null || name.verdictId.split('@')[1]!.startsWith(keyPart.slice(0, VERDICT_KEY_LENGTH))) &&
    (shown?.contentRows?.has(contentRow) ?? true) &&
    (shown?.codeRows?.has(codeRow) ?? true) &&
    (baseline === undefined || name.baselineRunId === baseline) &&
    (sweep !== undefined || data === undefined || name.dataHash.startsWith(data)) &&
    (codeRows === null || codeRows.has(codeRow));
}

function severalVerdicts(typed: string, meant: readonly Named[]): UserError {
  return new UserError(
    `id ${typed}: has ${countOf(meant.length, 'verdict')}: ${listOf(meant)}. Name one by its own id, or with --sweep, --baseline, --data or --code`,
  );
}

function listOf(names: readonly Named[]): string {
  const texts = names.slice(0, MAX_CANDIDATES).map(({ name: { verdictId, baselineRunId, dataHash, code } }) => {
    return `${verdictId} (baseline run ${baselineRunId}, data ${shortHash(dataHash)}, code ${shortHash(code.hash)})`;
  });
  return texts.join(', ') + (names.length > texts.length ? ', …' : '');
}

/** The failure that was made last, of those that are meant. */
function* failureOf(
  connection: Connection,
  configurationRow: number,
  choice: VerdictChoice,
): Sql<FailureKey | undefined> {
  const shown = choice.sweep === undefined ? null : yield* selectedBy(connection, choice);
  const dataRows =
    shown !== null
      ? new Set([shown.shownDataRow])
      : choice.data === undefined
        ? null
        : yield* dataRowsOf(connection, choice.data);
  const codeRows = shown?.codeRows ?? (choice.code === undefined ? null : yield* codeRowsOf(connection, choice.code));
  const runs = yield* readRuns(connection);
  // Through data and codes, of which there are few: so the primary key serves.
  const rows = yield* connection.all(
    `SELECT failures.data_id, failures.code_id, failures.run_id
     FROM data CROSS JOIN codes
     CROSS JOIN failures ON failures.data_id = data.id AND failures.code_id = codes.id
       AND failures.configuration_id = ?
     ORDER BY failures.run_id DESC`,
    configurationRow,
  );
  return rows
    .map(([dataRow, codeRow, runRow]) => ({
      dataRow: asNumber(dataRow),
      codeRow: asNumber(codeRow),
      runRow: asNumber(runRow),
    }))
    .find(
      ({ dataRow, codeRow, runRow }) =>
        (dataRows?.has(dataRow) ?? true) &&
        (codeRows?.has(codeRow) ?? true) &&
        (choice.baseline === undefined || referenced(runs, runRow, 'run').data.baselineRunId === choice.baseline),
    );
}

/** The row of the one verdict that is meant. @throws UserError when it is a failure */
export function* verdictRowOf(
  connection: Connection,
  typed: string,
  choice: VerdictChoice,
): Sql<{ row: number; verdictId: string }> {
  const found = yield* locate(connection, typed, choice);
  if (found.kind === 'failed')
    throw new UserError(`${found.configurationId}: could not be judged, there is no verdict`);
  return { row: found.row, verdictId: found.name.verdictId };
}

/** See `VerdictStore.shortIdLength`. */
export function* shortIdLength(connection: Connection, configurationIds: Iterable<string>): Sql<number> {
  let length = SHORTEST_ID;
  yield* connection.read(function* () {
    for (const id of configurationIds) {
      for (const sql of [NEIGHBOUR_BELOW, NEIGHBOUR_ABOVE]) {
        const neighbour = (yield* connection.get(sql, id))?.[0];
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
