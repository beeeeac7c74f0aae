import type { RegressorKind } from '../experiment/configuration.ts';
import { medianInPlace } from '../numerics/metrics/median.ts';
import type { JudgedConfiguration, RunHistory } from '../store/records.ts';
import type { VerdictStore } from '../store/verdict-store.ts';
import { NOMINAL_NS_PER_ROW } from '../sweep/nominal-costs.ts';

/** How long a sweep takes, for an estimate and nothing else. */
export type Rates = {
  /** reading and joining a baseline run */
  readonly readMs: number;
  /** building and preparing a dataset, of one thread */
  readonly datasetNsPerRow: number;
  /** judging a configuration, of one thread */
  readonly configurationNsPerRow: { readonly [kind in RegressorKind]: number };
  /** What runs took, over what these rates say of them. */
  readonly factor: number;
  /** What they rest on; null where nothing was judged yet, and they are those of another machine. */
  readonly basis: { readonly verdicts: number; readonly runs: number } | null;
};

/** Of the machine where they were measured (docs/benchmarks.md). Reading: one configuration from the cache without its start. */
export const BENCH_RATES: Rates = {
  readMs: 1400,
  datasetNsPerRow: NOMINAL_NS_PER_ROW.dataset,
  configurationNsPerRow: { huber: NOMINAL_NS_PER_ROW.huber, ridge: NOMINAL_NS_PER_ROW.ridge },
  factor: 1,
  basis: null,
};

export type RatedDataset = {
  readonly rows: number;
  readonly configurations: { readonly [kind in RegressorKind]: number };
};

/** What rates say of a sweep over these datasets. */
export function expectedMs(rates: Rates, datasets: readonly RatedDataset[], threads: number): number {
  const { readMs, datasetNsPerRow, configurationNsPerRow: perRow, factor } = rates;
  const workNs = datasets.reduce((sum, { rows, configurations: { huber, ridge } }) => {
    return sum + rows * (datasetNsPerRow + huber * perRow.huber + ridge * perRow.ridge);
  }, 0);
  return factor * (readMs + workNs / 1e6 / threads);
}

/** Rates by what the last sweeps of a store took; those of another machine where that says nothing. */
export async function learnRates(store: VerdictStore): Promise<Rates> {
  const sweeps = (await store.sweeps()).filter(({ configurationCount }) => configurationCount <= MOST_CONFIGURATIONS);
  const runs: RunHistory[] = [];
  const judged: JudgedConfiguration[] = [];
  for (const { name } of sweeps.slice(0, MOST_SWEEPS)) {
    runs.push(...(await store.history(name)));
    judged.push(...(await store.outcomes({ sweep: name })).judged);
  }
  return ratesFrom(runs, judged);
}

/**
 * The time of a configuration by the durations of verdicts, kind by kind; then the factor by which runs that finished took
 * longer than these rates say, the median of them. A run of which verdicts are missing says nothing.
 *
 * @param judged verdicts, among them those that the runs made
 */
export function ratesFrom(runs: readonly RunHistory[], judged: readonly JudgedConfiguration[]): Rates {
  const unique = [...new Map(judged.map((verdict) => [verdict.verdictId, verdict])).values()];
  const configurationNsPerRow = {
    huber: nsPerRow(unique, 'huber') ?? BENCH_RATES.configurationNsPerRow.huber,
    ridge: nsPerRow(unique, 'ridge') ?? BENCH_RATES.configurationNsPerRow.ridge,
  };
  const rates = { ...BENCH_RATES, configurationNsPerRow };
  const byRun = Map.groupBy(unique, ({ runId }) => runId);
  const told = runs.flatMap((run) => {
    const made = byRun.get(run.runId) ?? [];
    const tookMs = run.finishedAt === null ? 0 : Date.parse(run.finishedAt) - Date.parse(run.startedAt);
    const isWhole = run.outcome === 'finished' && made.length >= LEAST_VERDICTS && made.length === run.judgedCount;
    if (!isWhole || !(tookMs > 0)) return [];
    const factor = tookMs / expectedMs(rates, datasetsOf(made), threadsOf(run));
    return [{ factor, verdicts: made.length }];
  });
  if (told.length === 0) return BENCH_RATES;
  return {
    ...rates,
    factor: medianInPlace(Float64Array.from(told, ({ factor }) => factor)),
    basis: { verdicts: told.reduce((sum, { verdicts }) => sum + verdicts, 0), runs: told.length },
  };
}

function nsPerRow(judged: readonly JudgedConfiguration[], kind: RegressorKind): number | null {
  const each = judged.flatMap(({ configuration, dataset, durationMs }) => {
    const isOf = configuration.regressor.kind === kind && dataset.rowCount !== null && dataset.rowCount > 0;
    return isOf ? [(durationMs * 1e6) / Number(dataset.rowCount)] : [];
  });
  return each.length < LEAST_VERDICTS ? null : medianInPlace(Float64Array.from(each));
}

function datasetsOf(judged: readonly JudgedConfiguration[]): RatedDataset[] {
  return [...Map.groupBy(judged, ({ dataset }) => dataset.contentHash).values()].map((group) => {
    const ofKind = (kind: RegressorKind) => group.filter(({ configuration }) => configuration.regressor.kind === kind);
    const configurations = { huber: ofKind('huber').length, ridge: ofKind('ridge').length };
    return { rows: group[0]?.dataset.rowCount ?? 0, configurations };
  });
}

function threadsOf({ options }: RunHistory): number {
  const threads = typeof options === 'object' && options !== null && 'threads' in options ? options.threads : null;
  return typeof threads === 'number' && threads >= 1 ? threads : 1;
}

const MOST_SWEEPS = 3;
/** A larger one takes longer to be read than an estimate is worth. */
const MOST_CONFIGURATIONS = 20_000;
const LEAST_VERDICTS = 16;
