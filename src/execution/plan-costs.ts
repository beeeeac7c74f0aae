import type { CacheOptions } from '../dataset/cache-folder.ts';
import { openStateRows } from '../dataset/open-state-rows.ts';
import { canonicalConfiguration } from '../sweep/configuration-id.ts';
import { datasetKey, type SweepPlan } from '../sweep/plan.ts';
import { planBatches } from './batches.ts';
import { BENCH_RATES, expectedMs, type Rates } from './learned-rates.ts';
import { type MemoryLimit, type MemoryPlan, planMemory } from './memory-plan.ts';

/** What running a plan would take, from the baseline run's row counts. */
export type PlanCosts = {
  readonly threads: number;
  /** in the plan's order; rows before any is dropped, an upper bound */
  readonly datasets: readonly { readonly rows: number; readonly configurations: number; readonly batches: number }[];
  readonly memory: MemoryPlan;
  readonly expectedMs: number;
  /** what that rests on */
  readonly rates: Rates;
};

export async function planCosts(
  plan: SweepPlan,
  options: {
    readonly threads: number;
    readonly featureOrderFile?: string | undefined;
    readonly cache: CacheOptions | null;
    readonly rates?: Rates | undefined;
    readonly memoryLimit?: MemoryLimit | undefined;
    readonly onCacheProblem?: ((message: string) => void) | undefined;
  },
): Promise<PlanCosts> {
  const ages = [...new Set(plan.datasets.flatMap((dataset) => dataset.agesMinutes))];
  using source = await openStateRows(plan.baseline.dataRoot, plan.baseline.runId, ages, options);
  const { run, counts } = source;
  await source.keepCounts();
  const memory = planMemory(run, counts, plan.datasets, options.threads, options.memoryLimit);
  const datasets = plan.datasets.map(({ configurations }, i) => {
    const rows = memory.datasetRows[i]!;
    return {
      rows,
      configurations: configurations.length,
      batches: planBatches(configurations, rows, options.threads).length,
    };
  });
  const { rates = BENCH_RATES } = options;
  const rated = plan.datasets.map(({ configurations }, i) => {
    const huber = configurations.filter(({ configuration }) => configuration.regressor.kind === 'huber').length;
    return { rows: datasets[i]!.rows, configurations: { huber, ridge: configurations.length - huber } };
  });
  return { threads: options.threads, datasets, memory, expectedMs: expectedMs(rates, rated, options.threads), rates };
}

/** The plan as data, for programs. */
export function describePlan(plan: SweepPlan, costs: PlanCosts) {
  return {
    name: plan.name,
    baseline: plan.baseline,
    configurationCount: plan.configurations.length,
    datasets: plan.datasets.map(({ agesMinutes, maxRowsPerSplit }, i) => ({
      key: datasetKey(agesMinutes, maxRowsPerSplit),
      agesMinutes,
      maxRowsPerSplit,
      ...costs.datasets[i],
    })),
    axes: plan.axes,
    unusedAxes: plan.unusedAxes,
    threads: costs.threads,
    memoryBytes: costs.memory.totalBytes,
    addressBits: costs.memory.addressBits,
    expectedMs: Math.round(costs.expectedMs),
    estimatedFrom: costs.rates.basis,
    configurations: plan.configurations.map(({ id, configuration }) => ({
      id,
      ...Object(canonicalConfiguration(configuration)),
    })),
  };
}
