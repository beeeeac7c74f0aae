import type { Configuration, RegressorSettings } from '../../src/experiment/configuration.ts';
import type { FailedConfiguration, JudgedConfiguration, OutcomeSet } from '../../src/store/records.ts';
import { configurationWith, SYNTHETIC_DATA, SYNTHETIC_RUN, syntheticDataset } from '../store/synthetic.ts';

/** A verdict with these figures, the rest being what is most usual. The id is the name, padded to look like one. */
export function judged(name: string, figures: Partial<JudgedConfiguration> = {}): JudgedConfiguration {
  const configuration = figures.configuration ?? configurationWith();
  return {
    verdictId: `${idOf(name)}@0123abcd`,
    configurationId: idOf(name),
    configuration,
    dataset: syntheticDataset(configuration.agesMinutes),
    code: SYNTHETIC_RUN.code,
    runId: '01234567-89ab-4cde-8f01-23456789abcd',
    durationMs: 25,
    isSealed: false,
    passed: false,
    gatesPassed: 6,
    smallestMargin: -0.0031,
    weakestGate: 7,
    tuneEdgeMaeRatio: 0.96,
    tuneAuc: 0.62,
    unconverged: [],
    tags: [],
    metrics: [],
    ...figures,
  };
}

export function failed(name: string, message: string, configuration = configurationWith()): FailedConfiguration {
  return {
    configurationId: idOf(name),
    configuration,
    dataset: syntheticDataset(configuration.agesMinutes),
    code: SYNTHETIC_RUN.code,
    durationMs: 3,
    error: { name: 'UserError', message },
    attempts: 2,
  };
}

export function outcomesOf(
  judgedList: readonly JudgedConfiguration[],
  failedList: readonly FailedConfiguration[] = [],
  pendingCount = 0,
): OutcomeSet {
  return {
    judged: judgedList,
    failed: failedList,
    shards: [],
    pendingCount,
    earlier: [],
    looks: [
      { baselineRunId: 'btc-2m', dataHash: SYNTHETIC_DATA.hash, configurationCount: 1200 + judgedList.length },
      { baselineRunId: 'another', dataHash: SYNTHETIC_DATA.hash, configurationCount: 5 },
    ],
    conflicts: [],
  };
}

export function idOf(name: string): string {
  return name.padEnd(24, '0');
}

export function huber(alpha: number, epsilon = 1.35): RegressorSettings {
  return { kind: 'huber', alpha, epsilon, maxIter: 1000 };
}

export function ridge(alpha: number): RegressorSettings {
  return { kind: 'ridge', alpha, maxIter: 1000 };
}

/** A small grid in which every axis but two varies. */
export function sampleGrid(): OutcomeSet {
  const at = (agesMinutes: readonly number[], regressor: RegressorSettings, clip: number): Configuration =>
    configurationWith({ agesMinutes, regressor, regressionTargetClipBps: clip });
  const long = [3, 5, 10, 15, 30];
  return outcomesOf(
    [
      judged('a1', { configuration: at(long, huber(0.0001), 0), tuneEdgeMaeRatio: 0.95312, tuneAuc: 0.6279 }),
      judged('b2', {
        configuration: at(long, huber(0.0031622776602, 1.1), 60),
        tuneEdgeMaeRatio: 0.94873,
        tuneAuc: 0.6279,
        passed: true,
        gatesPassed: 8,
        smallestMargin: 0.00124,
        weakestGate: 1,
      }),
      judged('c3', {
        configuration: at([5, 15], huber(0.0031622776602), 60),
        tuneEdgeMaeRatio: 0.95104,
        tuneAuc: 0.63412,
        passed: true,
        gatesPassed: 8,
        smallestMargin: 0.00001,
        weakestGate: 3,
      }),
      judged('d4', { configuration: at([5, 15], ridge(10), 0), tuneEdgeMaeRatio: 0.97251, tuneAuc: 0.63412 }),
      judged('e5', {
        configuration: at([5, 15], ridge(100), 0),
        tuneEdgeMaeRatio: null,
        tuneAuc: null,
        gatesPassed: 0,
        smallestMargin: null,
        weakestGate: 0,
      }),
    ],
    [
      failed('f6', 'fit_inner has labels of one class only', at([30], ridge(10), 0)),
      failed('f7', 'fit_inner has labels of one class only', at([30], huber(0.0001), 0)),
    ],
    3,
  );
}
