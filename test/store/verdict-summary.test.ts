import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GATES, gatesOf } from '../../src/experiment/gates.ts';
import type { ExperimentResult } from '../../src/experiment/results.ts';
import { verdictOf } from '../../src/experiment/verdict.ts';
import { summaryOf } from '../../src/store/verdict-summary.ts';
import { randomFrom } from '../support/random.ts';
import { configurationWith, syntheticResult } from './synthetic.ts';

describe('the summary of a verdict', () => {
  test('names the gates in the order of the experiment', () => {
    assert.deepEqual(
      GATES.map((gate) => gate.name),
      gatesOf(sample()).map((gate) => gate.name),
    );
  });

  test('has the means over both sides of market_plus_state on tune', () => {
    const result = sample();
    result.long_market_plus_state.tune!.edge_mae_vs_constant_ratio = 0.9;
    result.short_market_plus_state.tune!.edge_mae_vs_constant_ratio = 0.8;
    result.long_market_plus_state.tune!.continue_auc = 0.7;
    result.short_market_plus_state.tune!.continue_auc = 0.5;
    const { tuneEdgeMaeRatio, tuneAuc } = summaryOf(result, verdictOf(result));
    assert.deepEqual([tuneEdgeMaeRatio, tuneAuc], [(0.9 + 0.8) / 2, (0.7 + 0.5) / 2]);
  });

  test('has no mean where a side has no value', () => {
    const result = sample();
    result.long_market_plus_state.tune!.edge_mae_vs_constant_ratio = null;
    delete result.short_market_plus_state.tune!.continue_auc;
    const { tuneEdgeMaeRatio, tuneAuc } = summaryOf(result, verdictOf(result));
    assert.deepEqual([tuneEdgeMaeRatio, tuneAuc], [null, null]);
  });

  test('counts the gates that passed and finds the smallest margin', () => {
    const result = sample();
    const stress = result.short_market_plus_state.latest_stress!;
    stress.continue_auc = 0.55;
    const summary = summaryOf(result, verdictOf(result));
    const gates = gatesOf(result);
    assert.equal(summary.gatesPassed, gates.filter((gate) => gate.passed).length);
    assert.equal(GATES[summary.weakestGate]?.name, 'short latest_stress continue_auc');
    assert.equal(summary.smallestMargin, Math.min(...gates.map((gate) => gate.margin!)));
  });

  test('has no smallest margin where a metric is missing, and names that gate', () => {
    const result = sample();
    delete result.long_market_plus_state.latest_stress!.continue_auc;
    result.short_market_plus_state.latest_stress!.continue_auc = 0.1;
    const summary = summaryOf(result, verdictOf(result));
    assert.equal(summary.smallestMargin, null);
    assert.equal(GATES[summary.weakestGate]?.name, 'long latest_stress continue_auc');
  });

  test('passed only where the verdict says so: all eight gates are not enough when a fit did not converge', () => {
    const result = sample();
    for (const model of [result.long_market_plus_state, result.short_market_plus_state]) {
      for (const split of [model.validation_locked!, model.latest_stress!]) {
        split.continue_auc = 0.8;
        split.edge_mae_vs_constant_ratio = 0.5;
      }
    }
    assert.deepEqual(
      [summaryOf(result, verdictOf(result)).passed, summaryOf(result, verdictOf(result)).gatesPassed],
      [true, 8],
    );
    result.short_market_plus_state.regressor_converged = false;
    assert.deepEqual(
      [summaryOf(result, verdictOf(result)).passed, summaryOf(result, verdictOf(result)).gatesPassed],
      [false, 8],
    );
  });
});

function sample(): ExperimentResult {
  return syntheticResult(configurationWith(), randomFrom(5).uniform);
}
