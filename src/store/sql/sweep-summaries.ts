import type { SweepSummary } from '../records.ts';
import { EASED_GATES_BITS } from '../unconverged-fits.ts';
import { type Connection, inTurn, type Sql } from './connection.ts';
import { readDatasetContents } from './datasets.ts';
import { NOT_JUDGED_SINCE, readEarlier } from './read-outcomes.ts';
import { readRun } from './read-runs.ts';
import { shardsOf } from './run-shards.ts';
import { IS_OPEN } from './sealed-verdicts.ts';
import { memberCount, readSweepRow, VERDICT_OF_MEMBER } from './sweeps.ts';
import { asNumber } from './values.ts';

/** See `VerdictStore.sweeps`. */
export function readSweeps(connection: Connection): Sql<SweepSummary[]> {
  return summariesOf(connection, 'sweep_id IS NOT NULL');
}

/** See `VerdictStore.summary`. */
export function* readSummary(connection: Connection, name: string): Sql<SweepSummary | null> {
  const ofSweep = 'sweep_id = (SELECT id FROM sweeps WHERE name = ?)';
  return (yield* summariesOf(connection, ofSweep, name))[0] ?? null;
}

/** @param condition on the runs whose sweeps are meant */
function* summariesOf(connection: Connection, condition: string, ...values: readonly string[]): Sql<SweepSummary[]> {
  return yield* connection.read(function* () {
    const lastRuns = yield* connection.all(
      `SELECT runs.sweep_id, runs.id, last.run_count, runs.data_id, runs.code_id
       FROM (SELECT max(id) AS id, count(*) AS run_count FROM runs WHERE ${condition} GROUP BY sweep_id) AS last
       JOIN runs ON runs.id = last.id ORDER BY runs.id DESC`,
      ...values,
    );
    return yield* inTurn(lastRuns, ([sweepRow, runRow, runCount, dataRow, codeRow]) =>
      summaryOf(connection, {
        sweepRow: asNumber(sweepRow),
        runRow: asNumber(runRow),
        runCount: asNumber(runCount),
        dataRow: asNumber(dataRow),
        codeRow: asNumber(codeRow),
      }),
    );
  });
}

type LastRun = {
  readonly sweepRow: number;
  readonly runRow: number;
  readonly runCount: number;
  readonly dataRow: number;
  readonly codeRow: number;
};

function* summaryOf(
  connection: Connection,
  { sweepRow, runRow, runCount, dataRow, codeRow }: LastRun,
): Sql<SweepSummary> {
  const { name, createdAt } = yield* readSweepRow(connection, sweepRow);
  const lastRun = yield* readRun(connection, runRow);
  const configurationCount = yield* memberCount(connection, sweepRow);
  const { judged, passed, unconverged, sealed, failed } = yield* countOutcomes(connection, {
    sweepRow,
    dataRow,
    codeRow,
  });
  const contents = [...(yield* readDatasetContents(connection, dataRow, codeRow)).values()].filter(
    (row) => row !== null,
  );
  return {
    name,
    createdAt,
    configurationCount,
    passedCount: passed,
    notReadyCount: judged - passed - unconverged - sealed,
    unconvergedCount: unconverged,
    sealedCount: sealed,
    errorCount: failed,
    pendingCount: configurationCount - judged - failed,
    baselineRunIds: [lastRun.data.baselineRunId],
    dataHash: lastRun.data.hash,
    code: lastRun.code,
    earlier: yield* readEarlier(connection, sweepRow, {
      shownDataRow: dataRow,
      contentRows: new Set(contents),
      codeRows: new Set([codeRow]),
    }),
    shards: yield* shardsOf(connection, sweepRow, { dataRow, codeRow }),
    runCount,
    lastRun,
  };
}

/** How many outcomes of each kind a sweep shows; of verdicts that are not sealed, `unconverged` is not `passed`. */
export type OutcomeCounts = {
  readonly judged: number;
  readonly passed: number;
  readonly unconverged: number;
  readonly sealed: number;
  readonly failed: number;
};

export function* countOutcomes(
  connection: Connection,
  { sweepRow, dataRow, codeRow }: Pick<LastRun, 'sweepRow' | 'dataRow' | 'codeRow'>,
): Sql<OutcomeCounts> {
  const [judged = 0, passed = 0, unconverged = 0, sealed = 0] = (
    (yield* connection.get(COUNT_JUDGED, sweepRow, dataRow, codeRow)) ?? []
  ).map(asNumber);
  const failed = asNumber((yield* connection.get(COUNT_FAILED, sweepRow, dataRow, codeRow))?.[0]);
  return { judged, passed, unconverged, sealed, failed };
}

const MEMBERS = `
  FROM sweep_configurations AS member
  JOIN configurations ON configurations.id = member.configuration_id`;

const countOf = (condition: string) => `count(CASE WHEN ${condition} THEN 1 END)`;
const IS_EASED = `(verdicts.fit_statuses & ${EASED_GATES_BITS} <> 0)`;
const COUNT_JUDGED = `
  SELECT count(*), ${countOf(`verdicts.passed = 1 AND NOT ${IS_EASED} AND ${IS_OPEN}`)},
    ${countOf(`${IS_EASED} AND ${IS_OPEN}`)}, ${countOf(`NOT ${IS_OPEN}`)} ${MEMBERS} ${VERDICT_OF_MEMBER}
  WHERE member.sweep_id = ? AND datasets.data_id = ? AND datasets.code_id = ?`;

const COUNT_FAILED = `
  SELECT count(*) ${MEMBERS}
  JOIN failures ON failures.configuration_id = member.configuration_id
  WHERE member.sweep_id = ? AND failures.data_id = ? AND failures.code_id = ?
    AND ${NOT_JUDGED_SINCE}`;
