import { AUC_MIN, MAE_RATIO_MAX } from '../../experiment/gates.ts';
import type { Column } from '../../page-data/columns.ts';
import { ROW_VERDICTS, type RowVerdict, type SweepFacts } from '../../page-data/report.ts';
import { LOCKED_SPLITS, type LockedSplit, type SweepLosses } from '../../trust/losses.ts';
import { studentQuantile } from '../../trust/student-t.ts';
import { type SweepTrust, trustOfSweep } from '../../trust/trust-of-sweep.ts';
import type { TrustRow } from '../../trust/trust-row.ts';
import { outcomeWarnings, warnedOutcomes } from '../outcome-warnings.ts';
import { printable } from '../printable.ts';
import { type KnownLooks, sweepBudget, sweepLooks } from '../sweep-budget.ts';
import { trustAnswers } from '../trust-answers.ts';
import { unconvergedFitText } from '../unconverged-text.ts';
import { calibrationFacts } from './calibration-curves.ts';
import { carryOverFacts } from './carry-over.ts';
import { checkFacts, isStatement } from './checks.ts';
import { dayFacts, type NamedLosses } from './day-curves.ts';
import { type Embedding, embeddingOf } from './embedded-rows.ts';
import { gateMatrixFacts } from './gate-matrix.ts';
import { headlineFacts } from './headline.ts';
import { heatMapFacts } from './heat-maps.ts';
import { importanceFacts } from './importance.ts';
import { configurationOfModels, type FolderOfModels } from './model-coefficients.ts';
import { type NamedRow, namedRows, withRole } from './named-configurations.ts';
import { datasetFacts, datasetPlaces, failureFacts, reproduceFacts, runFacts, stateFacts } from './origin-facts.ts';
import type { ReportSource } from './report-source.ts';
import { type ReportTable, reportTable } from './report-table.ts';
import { type RowsTrust, rowColumns } from './row-columns.ts';
import { axisFacts, constantTexts } from './table-axes.ts';
import { configurationText, withRealMinus } from './words.ts';

export type FactOptions = {
  /** Whether processors and folders are said. */
  readonly withMachine: boolean;
  /** Words that name the store in a command, `--db FILE`; none for the default one. */
  readonly db: readonly string[];
  /** Models of configurations, to be shown where a sweep has judged them. */
  readonly models?: readonly FolderOfModels[] | undefined;
};

/** Facts of a sweep, and its columns; where these stand among a report's bytes is not known yet. */
export type ComputedSweep = {
  readonly facts: Omit<SweepFacts, 'rows'> & { readonly rows: UnplacedRows };
  readonly columns: readonly Column[];
};
export type UnplacedRows = Omit<SweepFacts['rows'], 'columns'>;

/** Everything that a report says of one sweep. */
export async function sweepFacts(
  source: ReportSource,
  { withMachine, db, models = [] }: FactOptions,
): Promise<ComputedSweep> {
  const { sweep, outcomes, runs, losses } = source;
  const table = reportTable(source);
  const { judged, failed } = table;
  const first = namedRows(table);
  const embedding = embeddingOf(table, first);
  const trust = losses === null ? null : trustOf(losses, table, embedding);
  const named = withPlainest(first, trust, table, embedding);
  const shortIdLength = await source.shortIdLength(named.map(({ row }) => judged[row]!.configurationId));
  const trusted = new Map<string, TrustRow>(
    isStatement(trust) ? trust.rows.map((row) => [row.configuration, row]) : [],
  );
  const done = judged.length + failed.length;
  const configurations = done + table.pendingCount;
  const state = stateFacts(runs, done, configurations);
  const { isFinal } = state;
  const gates = gateMatrixFacts(table, embedding.isSampled);
  const carryOver = carryOverFacts(table, embedding.isSampled);
  const checks = checkFacts({
    table,
    gates: gates.gates,
    carryOver,
    trust,
    rows: trusted,
    looks: judgedOnTheseData(source),
    budget: source.looks !== null && isStatement(trust) ? sweepBudget(source.looks, trust.blocks) : null,
    isFinal,
  });
  const { datasets, placeOf } = datasetPlaces(outcomes);
  const runPlaces = new Map(runs.map(({ runId }, place) => [runId, place]));
  const columns = rowColumns(table, {
    judged: embedding.judged,
    failed: failed.slice(0, embedding.failedCount),
    hasMetrics: embedding.hasMetrics,
    datasetOf: ({ dataset }) => placeOf(dataset),
    runOf: ({ runId }) => runPlaces.get(runId) ?? NO_RUN,
    trust: rowsTrust(trust, trusted),
  });
  const shown = firstToShow(table);
  const opened = new Set(judged.flatMap(({ isSealed, dataset }) => (isSealed ? [] : [placeOf(dataset)])));
  return {
    facts: {
      name: printable(sweep.name),
      state,
      counts: countsOf(table, configurations),
      headline: headlineFacts({ table, checks, rows: trusted, configurations, shortIdLength, isFinal }),
      checks,
      answers: answersOf(trust, judged.length, source.looks),
      warnings: outcomeWarnings(warnedOutcomes(outcomes)).map(printable),
      leftOut: embedding.leftOut,
      axes: table.axes.map(axisFacts),
      gates,
      heatMaps: heatMapFacts(table),
      importance: importanceFacts(table),
      carryOver,
      named: named.map(({ row, roles }) => ({
        configuration: judged[row]!.configurationId,
        row: embedding.judged.indexOf(row),
        roles,
        text: configurationText(judged[row]!.configuration, table.axes),
      })),
      days: dayFacts(await lossesOf(named, table, source)),
      calibration: calibrationFacts(datasets, losses?.datasets ?? [], (dataset) => opened.has(placeOf(dataset))),
      rows: {
        count: embedding.judged.length + embedding.failedCount,
        of: done,
        shortIdLength,
        hasMetrics: embedding.hasMetrics,
        hasTrust: isStatement(trust),
        trusted: trusted.size,
        ...rowTexts(table, embedding),
        constant: constantTexts(
          [...judged, ...failed].map(({ configuration }) => configuration),
          table.axes,
        ),
      },
      datasets: datasetFacts(datasets, withMachine),
      runs: runFacts(runs, withMachine),
      failures: failureFacts(failed, withMachine),
      reproduce: reproduceFacts(
        sweep,
        shown && { id: judged[shown.row]!.configurationId.slice(0, shortIdLength), what: shown.what },
        db,
        withMachine,
      ),
      coefficients: models.flatMap((folder) => {
        const configuration = configurationOfModels(folder, judged);
        return configuration === null ? [] : [{ configuration, models: folder.models }];
      }),
    },
    columns,
  };
}

/** In the column of runs: made by a run of another sweep. */
const NO_RUN = 65_535;

function trustOf(losses: SweepLosses, { judged }: ReportTable, { trusted }: Embedding): SweepTrust {
  const limits = { aucMin: AUC_MIN, maeRatioMax: MAE_RATIO_MAX };
  const shown = trusted.map((row) => judged[row]!.configurationId);
  return trustOfSweep(losses, limits, { shown, byPlace: true });
}

/** Names the plainest of those that may be the best, where it stands in the report. */
function withPlainest(
  named: readonly NamedRow[],
  trust: SweepTrust | null,
  { judged }: ReportTable,
  embedding: Embedding,
): readonly NamedRow[] {
  const plainest = isStatement(trust) ? (trust.plateau?.plainest ?? null) : null;
  if (plainest === null) return named;
  const row = judged.findIndex(({ configurationId }) => configurationId === plainest.configuration);
  if (!embedding.judged.includes(row)) return named;
  return withRole(named, row, 'plainest of those that may be the best');
}

function rowsTrust(trust: SweepTrust | null, rows: ReadonlyMap<string, TrustRow>): RowsTrust | null {
  if (!isStatement(trust)) return null;
  const [validation, stress] = LOCKED_SPLITS.map((split) => halfWidth(trust.blocks[split]));
  const halfWidths: Record<LockedSplit, number> = { validation_locked: validation!, latest_stress: stress! };
  return { rows, halfWidth: halfWidths };
}

/** Of a 95 % interval over so many blocks, in standard errors. */
function halfWidth(blocks: number): number {
  return blocks < 2 ? Number.NaN : studentQuantile(0.975, blocks - 1);
}

/** Configurations that were ever judged on the data that the sweep shows. */
function judgedOnTheseData({ sweep, outcomes }: ReportSource): number {
  const shown = outcomes.looks.filter(({ dataHash }) => dataHash === sweep.data.hash);
  return shown.reduce((sum, { configurationCount }) => sum + configurationCount, 0);
}

function countsOf({ verdicts, failed, pendingCount }: ReportTable, configurations: number): SweepFacts['counts'] {
  const count = (word: RowVerdict) => verdicts.filter((verdict) => verdict === word).length;
  const [pass, notReady, unconverged, , sealed] = ROW_VERDICTS.map(count);
  return {
    configurations,
    pass: pass!,
    notReady: notReady!,
    unconverged: unconverged!,
    sealed: sealed!,
    error: failed.length,
    pending: pendingCount,
  };
}

function answersOf(trust: SweepTrust | null, judged: number, looks: KnownLooks | null): SweepFacts['answers'] {
  if (trust === null) {
    const refused =
      judged === 0
        ? 'nothing is judged yet'
        : 'the days of the sweep’s datasets are not in the store; running it again adds them';
    return { about: [], answers: [], refused, statistics: null };
  }
  if (!isStatement(trust)) return { about: [], answers: [], refused: trust.refused, statistics: trust.statistics };
  const { about, answers } = trustAnswers(trust, looks && sweepLooks(looks));
  return {
    about: about.map(withRealMinus),
    answers: answers.map(({ question, answer }) => ({ question, answer: withRealMinus(answer) })),
    refused: null,
    statistics: trust.statistics,
  };
}

async function lossesOf(
  named: readonly NamedRow[],
  { judged }: ReportTable,
  { find, losses }: ReportSource,
): Promise<NamedLosses[]> {
  const datasets = new Map(losses?.datasets.map((dataset) => [dataset.id, dataset]));
  const found: NamedLosses[] = [];
  for (const { row, roles } of named) {
    const { configurationId, dataset } = judged[row]!;
    const outcome = await find(configurationId);
    if (outcome.kind !== 'completed') continue;
    found.push({
      configuration: configurationId,
      role: roles[0]!,
      dailyLosses: outcome.dailyLosses,
      dataset: datasets.get(dataset.contentHash ?? '') ?? null,
    });
  }
  return found;
}

/** What some rows have to say in words, by their place among those embedded. */
function rowTexts({ judged }: ReportTable, embedding: Embedding): Pick<UnplacedRows, 'tags' | 'unconverged'> {
  const tags: Record<string, string[]> = {};
  const unconverged: Record<string, string[]> = {};
  embedding.judged.forEach((row, i) => {
    const outcome = judged[row]!;
    if (outcome.tags.length > 0) tags[i] = outcome.tags.map(printable);
    if (outcome.unconverged.length > 0) unconverged[i] = outcome.unconverged.map(unconvergedFitText);
  });
  return { tags, unconverged };
}

function firstToShow({ verdicts }: ReportTable): { readonly row: number; readonly what: string } | null {
  const pass = verdicts.indexOf('pass');
  if (pass !== -1) return { row: pass, what: 'the best that passes' };
  return verdicts.length === 0 ? null : { row: 0, what: 'the best by tune; none passes' };
}
