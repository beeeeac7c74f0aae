import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REQUIRED_MARKET_FEATURES } from '../../src/baseline/run-json.ts';
import { ALL_SPLITS, SIDES } from '../../src/baseline/splits.ts';
import { runExperiment } from '../../src/experiment/run-experiment.ts';
import type { PlainHead, PlainRun } from '../support/plain-run.ts';
import { randomFrom } from '../support/random.ts';
import { writeRunFolder } from '../support/run-folder.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const N_FEATURES = 600;
const N_BARS = 240;

/** One symbol, minute after minute, every feature noise. */
function wideRun(): PlainRun {
  const random = randomFrom(1);
  const featureOrder = [
    ...REQUIRED_MARKET_FEATURES,
    ...Array.from({ length: N_FEATURES - REQUIRED_MARKET_FEATURES.length }, (_, j) => `feature_${j}`),
  ];
  let price = 100;
  const bars = Array.from({ length: N_BARS }, (_, i) => {
    price *= 1 + 0.002 * random.normal();
    const openTimeMs = Date.UTC(2024, 0, 1) + 60_000 * i;
    return { symbol: 'AAA', openTimeMs, high: 1.001 * price, low: 0.999 * price, close: price };
  });
  const features = bars.map(({ symbol, openTimeMs }, i) => ({
    sampleId: `sample-${i}`,
    symbol,
    openTimeMs,
    eventTimeNs: BigInt(openTimeMs) * 1_000_000n,
    split: ALL_SPLITS[Math.floor((i * ALL_SPLITS.length) / N_BARS)]!,
    fold: 0,
    values: featureOrder.map(() => Math.fround(random.normal())),
  }));
  const head = (nOutputs: number): PlainHead => ({
    weights: featureOrder.map(() => Array.from({ length: nOutputs }, () => Math.fround(0.01 * random.normal()))),
    bias: new Array<number>(nOutputs).fill(0),
  });
  return {
    featureOrder,
    features,
    entries: features.flatMap(({ sampleId, symbol, openTimeMs }) =>
      SIDES.map((side) => ({ sampleId, symbol, side, openTimeMs })),
    ),
    bars,
    pricePlan: { stopBps: 60, targetBps: 90, costBps: 8 },
    continueLabel: { horizonMinutes: 5, minExpectedContinueEdgeBps: 0 },
    models: { direction: head(3), longEdge: head(1), shortEdge: head(1) },
  };
}

test('a baseline run of six hundred features and few rows is run like one of fifty', async (context) => {
  const dataRoot = await temporaryFolder(context);
  await writeRunFolder(dataRoot, 'wide', wideRun());
  const { judgement, manifest } = await runExperiment(
    {
      dataRoot,
      baselineRunId: 'wide',
      runId: 'out',
      barGaps: 'keep',
      force: false,
      configuration: {
        agesMinutes: [3],
        regressor: { kind: 'ridge', alpha: 10, maxIter: 1000 },
        regressionTargetClipBps: 0,
        maxRowsPerSplit: 0,
      },
    },
    () => {},
  );
  assert.equal(manifest.feature_inputs.market_feature_count, N_FEATURES);
  for (const model of Object.values(judgement.result)) {
    assert.equal(model.regressor_status, 'converged');
    assert.equal(model.classifier_status, 'converged');
  }
});
