import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verdictOf } from '../../src/experiment/verdict.ts';
import { documentOf, parseDocument } from '../../src/store/verdict-document.ts';
import { randomFrom } from '../support/random.ts';
import { configurationWith, syntheticResult } from './synthetic.ts';

function sample(seed: number) {
  return syntheticResult(configurationWith(), randomFrom(seed).uniform);
}

describe("a verdict's document", () => {
  test('comes back as result and verdict, also where splits, an AUC or ratios are missing', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const result = sample(seed);
      if (seed % 2 === 0) delete result.long_market_only.latest_stress;
      if (seed % 3 === 0) delete result.short_market_plus_state.tune!.continue_auc;
      if (seed % 4 === 0) result.short_market_only.tune!.edge_mae_vs_constant_ratio = null;
      if (seed % 5 === 0) result.short_market_only.regressor_converged = false;
      const verdict = verdictOf(result);
      assert.deepEqual(parseDocument(JSON.parse(documentOf(result, verdict))), { result, verdict }, `seed ${seed}`);
    }
  });

  test('keeps what the lists of metrics do not know', () => {
    const result = sample(1);
    const later = {
      ...result.long_market_only,
      tune: { ...result.long_market_only.tune!, new_metric: 7 },
      new_fact: 'x',
    };
    const grown = { ...result, long_market_only: later };
    assert.deepEqual(parseDocument(JSON.parse(documentOf(grown, verdictOf(grown))))?.result, grown);
  });

  test('of equal verdicts is equal text, in whatever order their keys were made', () => {
    const result = sample(2);
    const reversed = Object.fromEntries(Object.entries(result).reverse()) as typeof result;
    assert.equal(documentOf(reversed, verdictOf(result)), documentOf(result, verdictOf(result)));
  });

  test('that is none of ours is none', () => {
    const json = JSON.parse(documentOf(sample(3), verdictOf(sample(3))));
    for (const other of [
      null,
      7,
      {},
      { ...json, metrics: json.metrics.slice(1) },
      { ...json, facts: {} },
      { ...json, verdict: {} },
    ]) {
      assert.equal(parseDocument(other), null);
    }
  });
});
