import type { Configuration } from '../../../src/experiment/configuration.ts';
import { modelKey } from '../../../src/experiment/results.ts';
import { verdictOf } from '../../../src/experiment/verdict.ts';
import { REPORT_METRICS, type ReportSource } from '../../../src/report/facts/report-source.ts';
import type { FailedConfiguration, JudgedConfiguration, StoredOutcome } from '../../../src/store/records.ts';
import { summaryOf } from '../../../src/store/verdict-summary.ts';
import { recordOf, SYNTHETIC_DATA, SYNTHETIC_END, SYNTHETIC_RUN, syntheticOutcome } from '../../store/synthetic.ts';
import { judged, outcomesOf } from '../sample-outcomes.ts';

/** A verdict of a made-up result, whose tune MAE ratio is what is given. */
export function judgedAt(configuration: Configuration, tune?: number): JudgedConfiguration {
  const record = recordOf(configuration);
  const { result, verdict } = syntheticOutcome(record);
  if (tune !== undefined) {
    for (const side of ['LONG', 'SHORT'] as const)
      result[modelKey(side, 'market_plus_state')].tune!.edge_mae_vs_constant_ratio = tune;
  }
  return {
    ...judged(record.id, { configuration }),
    configurationId: record.id,
    ...summaryOf(result, verdictOf(result)),
    passed: verdict.status === 'PASS_TO_FORMAL_CHAIN',
    metrics: REPORT_METRICS.map(({ column }) => column.valueOf(result)),
  };
}

/** As a store would give it. The days of its datasets are not known. */
export function sourceOf(
  judgedList: readonly JudgedConfiguration[],
  failed: readonly FailedConfiguration[] = [],
  pending: readonly Configuration[] = [],
): ReportSource {
  const configurationCount = judgedList.length + failed.length + pending.length;
  const run = {
    ...SYNTHETIC_RUN,
    ...SYNTHETIC_END,
    runId: '01234567-89ab-4cde-8f01-23456789abcd',
    configurationCount,
    judgedCount: judgedList.length,
    errorCount: failed.length,
  };
  return {
    sweep: {
      name: 'made up',
      createdAt: SYNTHETIC_RUN.startedAt,
      definition: { name: 'made up', baseline: { dataRoot: '/home/somebody/data', runId: 'btc-2m' } },
      configurationCount,
      data: SYNTHETIC_DATA,
      code: SYNTHETIC_RUN.code,
    },
    outcomes: outcomesOf(judgedList, failed, pending.length),
    pending,
    runs: [run],
    losses: null,
    looks: null,
    find: async (id): Promise<StoredOutcome> => {
      const found = judgedList.find(({ configurationId }) => configurationId === id)!;
      const record = recordOf(found.configuration);
      const { result, verdict, dailyLosses } = syntheticOutcome(record);
      return {
        ...found,
        isSealed: false,
        kind: 'completed',
        canonical: record.canonical,
        run,
        sweeps: ['made up'],
        others: [],
        summary: found,
        digest: '0'.repeat(64),
        notes: [],
        conflicts: [],
        result,
        verdict,
        dailyLosses,
      };
    },
    shortIdLength: async () => 7,
  };
}
