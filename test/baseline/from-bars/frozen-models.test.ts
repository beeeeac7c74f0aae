import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import onnxProto from 'onnx-proto';
import { assignSplits, SPLIT_NAMES } from '../../../src/baseline/from-bars/assign-splits.ts';
import { type BuildPlan, planBuild } from '../../../src/baseline/from-bars/build-plan.ts';
import { continueMetrics } from '../../../src/baseline/from-bars/continue-metrics.ts';
import { fitRidge } from '../../../src/baseline/from-bars/fit-ridge.ts';
import { fitSoftmax } from '../../../src/baseline/from-bars/fit-softmax.ts';
import {
  CLASSIFIER_L2,
  MAX_FIT_ROWS,
  RETURN_CLIP_BPS,
  RIDGE_ALPHA_PER_ROW,
  trainFrozenModels,
} from '../../../src/baseline/from-bars/frozen-models.ts';
import { directionOnnx, entryOnnx } from '../../../src/baseline/from-bars/frozen-onnx.ts';
import { MARKET_FEATURES } from '../../../src/baseline/from-bars/market-features/market-features.ts';
import { standardizedRows } from '../../../src/baseline/from-bars/standardized-rows.ts';
import { type SymbolFrame, toSymbolFrame, usableRows } from '../../../src/baseline/from-bars/symbol-frame.ts';
import { randomBars } from './random-bars.ts';

const PLAN = planBuild({
  dataRoot: '',
  runId: 'test',
  bars: [{ symbol: 'TEST', path: '' }],
  entryHorizonMinutes: 20,
  maxAgeMinutes: 10,
});
const FRAME = frameOf(PLAN);
const MODELS = trainFrozenModels([FRAME], PLAN);
const ROWS = usableRows([FRAME], 'fit_inner', (frame) => frame.entryOutcomes);
const N_FEATURES = MARKET_FEATURES.length;

describe('frozen models', () => {
  test('ONNX read back gives the direction probabilities of the model that was trained', () => {
    const x = standardizedRows(ROWS);
    const classes = ROWS.map(({ bar }) => (label(bar, 'LONG') ? 0 : label(bar, 'SHORT') ? 1 : 2));
    const { coef } = fitSoftmax(x, Uint8Array.from(classes), 3, CLASSIFIER_L2);
    const { direction } = runOnnx(directionOnnx(MODELS));
    const predictions = new Set<string>();
    for (const i of [0, 100, 500, 1000]) {
      const scores = [0, 1, 2].map((c) => dot(coef, c * x.nColumns, x.x, i * x.nColumns, x.nColumns));
      const total = scores.reduce((sum, s) => sum + Math.exp(s), 0);
      for (const c of [0, 1, 2]) assertClose(direction!(rawFeatures(i))[c]!, Math.exp(scores[c]!) / total, 2e-6);
      predictions.add(direction!(rawFeatures(i)).join());
    }
    assert.equal(predictions.size, 4);
  });

  test('ONNX read back gives the entry probabilities and expected edges that were trained, by side', () => {
    const x = standardizedRows(ROWS);
    const heads = runOnnx(entryOnnx(MODELS));
    for (const side of ['LONG', 'SHORT'] as const) {
      const { coef } = fitSoftmax(
        x,
        Uint8Array.from(ROWS, ({ bar }) => label(bar, side)),
        2,
        CLASSIFIER_L2,
      );
      const edges = Float64Array.from(ROWS, ({ bar }) => {
        const returnBps = FRAME.entryOutcomes.bySide[side].returnBps[bar]!;
        return Math.max(-RETURN_CLIP_BPS, Math.min(RETURN_CLIP_BPS, returnBps)) - PLAN.costBps;
      });
      const edgeCoef = fitRidge(x, edges, RIDGE_ALPHA_PER_ROW * ROWS.length);
      const name = side === 'LONG' ? 'long' : 'short';
      for (const i of [0, 100, 500, 1000]) {
        const score = (c: number) => dot(coef, c * x.nColumns, x.x, i * x.nColumns, x.nColumns);
        const [probability] = heads[`${name}_entry_prob`]!(rawFeatures(i));
        assertClose(probability!, 1 / (1 + Math.exp(score(0) - score(1))), 2e-6);
        const [edge] = heads[`${name}_expected_net_edge_bps`]!(rawFeatures(i));
        assertClose(edge!, dot(edgeCoef, 0, x.x, i * x.nColumns, x.nColumns), 1e-3);
      }
    }
  });

  test('learn from fit_inner alone, and the continue metrics from fit_inner and tune', () => {
    const changedBeyond = (splits: readonly string[]): SymbolFrame => ({
      ...FRAME,
      features: FRAME.features.map((column) =>
        column.map((value, bar) => (splits.includes(SPLIT_NAMES[FRAME.split[bar]!]!) ? value : 1e6 - value)),
      ),
    });
    assert.deepEqual(trainFrozenModels([changedBeyond(['fit_inner'])], PLAN), MODELS);
    const metrics = continueMetrics([FRAME], PLAN);
    assert.deepEqual(continueMetrics([changedBeyond(['fit_inner', 'tune'])], PLAN), metrics);
    assert.notDeepEqual(continueMetrics([changedBeyond(['fit_inner'])], PLAN), metrics);
  });

  test('rows are scaled to mean 0 and population deviation 1, later ones by the moments of the fit', () => {
    const { x, nColumns, moments } = standardizedRows(ROWS);
    for (let j = 0; j < N_FEATURES; j += 1) {
      const column = ROWS.map((_, i) => x[i * nColumns + j]!);
      const mean = column.reduce((sum, v) => sum + v, 0) / ROWS.length;
      const variance = column.reduce((sum, v) => sum + v * v, 0) / ROWS.length;
      assertClose(mean, 0, 1e-9);
      assertClose(variance, 1, 1e-9);
    }
    const tune = usableRows([FRAME], 'tune', (frame) => frame.continueOutcomes);
    const { bar } = tune[3]!;
    const value = (FRAME.features[0]![bar]! - moments.mean[0]!) / moments.scale[0]!;
    assert.equal(standardizedRows(tune, moments).x[3 * nColumns], value);
  });

  test('the continue metrics see a shift of the tune features, since their moments is that of fit_inner', () => {
    const shifted = FRAME.features.map((column) =>
      column.map((value, bar) => (SPLIT_NAMES[FRAME.split[bar]!] === 'tune' ? value + 100 : value)),
    );
    const ratioOf = (features: readonly Float32Array[]) =>
      continueMetrics([{ ...FRAME, features }], PLAN).long_expected_continue_edge_bps.mae_vs_constant_ratio!;
    assert.ok(Math.abs(ratioOf(shifted) - ratioOf(FRAME.features)) > 0.1);
  });

  test('leave out rows without history and rows whose label spans a gap', () => {
    for (const { bar } of ROWS) {
      assert.ok(FRAME.features.every((column) => Number.isFinite(column[bar])));
      assert.equal(FRAME.bars.openTimeMs[bar + 20]! - FRAME.bars.openTimeMs[bar]!, 20 * 60_000);
    }
    const inFit = FRAME.split.filter((code) => SPLIT_NAMES[code] === 'fit_inner').length;
    assert.ok(ROWS.length > 1000 && ROWS.length < inFit);
    assert.equal(MODELS.training.rowCount, ROWS.length);
  });

  test('of more rows than the limit every k-th is taken, evenly', () => {
    const atMost = (limit: number) => usableRows([FRAME], 'fit_inner', (frame) => frame.entryOutcomes, limit);
    assert.equal(atMost(MAX_FIT_ROWS).length, ROWS.length);
    const third = atMost(Math.ceil(ROWS.length / 3));
    assert.deepEqual(
      third,
      ROWS.filter((_, i) => i % 3 === 0),
    );
  });

  test('a prediction the market cannot tell has an AUC near a half, one it can tell does not', () => {
    const blind = continueMetrics([FRAME], PLAN);
    assert.ok(Math.abs(blind.long_continue_prob.auc! - 0.5) < 0.2);
    // The last minute's return, made to foretell the next quarter of an hour.
    const returns = FRAME.continueOutcomes.bySide.LONG.returnBps;
    const column = MARKET_FEATURES.findIndex(({ name }) => name === 'ret_1m_bps');
    const features = FRAME.features.map((c, j) => (j === column ? c.map((v, bar) => returns[bar] ?? v) : c));
    const seeing = continueMetrics([{ ...FRAME, features }], PLAN);
    assert.ok(seeing.long_continue_prob.auc! > 0.9);
    assert.ok(seeing.short_continue_prob.auc! > 0.9);
    assert.ok(seeing.long_expected_continue_edge_bps.mae_vs_constant_ratio! < 0.3);
  });
});

function frameOf(plan: BuildPlan): SymbolFrame {
  const bars = randomBars({ count: 3000, seed: 4, gapChance: 0.002, longestGap: 5 });
  const { splitOfBar, foldOfBar } = assignSplits([bars.openTimeMs], plan.splitFractions, plan.purgeBars);
  return toSymbolFrame(bars, splitOfBar[0]!, foldOfBar[0]!, plan);
}

function label(bar: number, side: 'LONG' | 'SHORT'): number {
  const { bar: bars, side: sides, target } = FRAME.entryLabels;
  return target[bars.findIndex((b, i) => b === bar && sides[i] === (side === 'LONG' ? 0 : 1))]!;
}

function rawFeatures(row: number): number[] {
  const { bar } = ROWS[row]!;
  return FRAME.features.map((column) => column[bar]!);
}

function dot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i += 1) sum += a[aAt + i]! * b[bAt + i]!;
  return sum;
}

function assertClose(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);
}

type Head = (features: readonly number[]) => number[];

/** Runs a model's graph node by node, for one row: enough of ONNX for Gemm, Softmax and Sigmoid. */
function runOnnx(bytes: Uint8Array): { [output: string]: Head } {
  const { onnx } = onnxProto;
  const { graph } = onnx.ModelProto.decode(bytes);
  const tensors = new Map(
    (graph?.initializer ?? []).map((tensor) => {
      assert.equal(tensor.dataType, onnx.TensorProto.DataType.FLOAT);
      const raw = Uint8Array.from(tensor.rawData ?? []);
      return [tensor.name ?? '', { dims: (tensor.dims ?? []).map(Number), data: new Float32Array(raw.buffer) }];
    }),
  );
  const run = (features: readonly number[]): Map<string, number[]> => {
    const values = new Map([[graph?.input?.[0]?.name ?? '', [...features]]]);
    for (const { opType, input, output } of graph?.node ?? []) {
      const x = values.get(input?.[0] ?? '')!;
      values.set(
        output?.[0] ?? '',
        nodeValue(opType ?? '', x, tensors.get(input?.[1] ?? ''), tensors.get(input?.[2] ?? '')),
      );
    }
    return values;
  };
  return Object.fromEntries(
    (graph?.output ?? []).map(({ name }) => [name, (features) => run(features).get(name ?? '')!]),
  );
}

type Tensor = { dims: number[]; data: Float32Array };

function nodeValue(opType: string, x: readonly number[], weights?: Tensor, bias?: Tensor): number[] {
  if (opType === 'Softmax') {
    const total = x.reduce((sum, v) => sum + Math.exp(v), 0);
    return x.map((v) => Math.exp(v) / total);
  }
  if (opType === 'Sigmoid') return x.map((v) => 1 / (1 + Math.exp(-v)));
  assert.equal(opType, 'Gemm');
  assert.equal(weights!.dims[0], N_FEATURES);
  const outputs = weights!.dims[1]!;
  return Array.from(bias!.data, (b, output) =>
    x.reduce((sum, v, j) => sum + v * weights!.data[j * outputs + output]!, b),
  );
}
