import type { FrozenModels } from '../baseline/baseline-run.ts';
import type { FrozenHead } from '../baseline/frozen-weights.ts';

/** What the frozen models say at an entry, float32 values. */
export type EntryScores = { readonly predictedEdgeBps: number; readonly directionProb: number };

/**
 * Scores of the frozen linear models for one feature row: the expected net edge of the entry's side and the direction
 * model's probability of that side (softmax over long, short, neutral). The models see 0 for a feature that is not
 * finite. Products are summed in float64 and rounded to float32 once, which is what a float32 library approximates.
 *
 * @param features market features in model order from `at` on
 */
export function scoreEntry(models: FrozenModels, features: Float32Array, at: number, isLong: boolean): EntryScores {
  const edge = isLong ? models.longExpectedNetEdgeBps : models.shortExpectedNetEdgeBps;
  const logits = [0, 1, 2].map((output) => headValue(models.direction, features, at, output));
  const largest = Math.max(...logits);
  const exponentials = logits.map((logit) => Math.fround(Math.exp(Math.fround(logit - largest))));
  const total = exponentials.reduce((a, b) => Math.fround(a + b), 0);
  return {
    predictedEdgeBps: headValue(edge, features, at, 0),
    directionProb: Math.fround(exponentials[isLong ? 0 : 1]! / total),
  };
}

function headValue(head: FrozenHead, features: Float32Array, at: number, output: number): number {
  const { weights, bias, nOutputs } = head;
  const nFeatures = weights.length / nOutputs;
  let sum = 0;
  for (let j = 0; j < nFeatures; j += 1) {
    const value = features[at + j]!;
    if (Number.isFinite(value)) sum += value * weights[j * nOutputs + output]!;
  }
  return Math.fround(Math.fround(sum) + bias[output]!);
}
