import type { FrozenHead, FrozenModels } from '../baseline/frozen-weights.ts';
import { expFloat32, multiplyAdd } from './float32-exp.ts';

const { fround } = Math;

/** What the frozen models say at an entry, float32 values. */
export type EntryScores = { readonly predictedEdgeBps: number; readonly directionProb: number };

/**
 * Scores of the frozen linear models for one feature row: the expected net edge of the entry's side and the direction
 * model's probability of that side (softmax over long, short, neutral). The models see 0 for a feature that is not
 * finite.
 *
 * Everything is float32, as in the experiment's original program, and summed in the order in which its libraries do
 * (NumPy 1.24 with OpenBLAS 0.3 on a CPU with AVX-512): the scores are features of the fits, and on real data a last bit
 * of them moves a minimum by 1e-8 of its value. All rows agree to the bit but a few at the end of each BLAS thread's
 * share, some in 100,000, which are one or two ulps off.
 *
 * @param features market features in model order from `at` on
 */
export function scoreEntry(models: FrozenModels, features: Float32Array, at: number, isLong: boolean): EntryScores {
  const logits = [0, 1, 2].map((output) => headValue(models.direction, features, at, output));
  const probabilities = softmax(logits);
  const edge = isLong ? models.longExpectedNetEdgeBps : models.shortExpectedNetEdgeBps;
  return { predictedEdgeBps: headValue(edge, features, at, 0), directionProb: probabilities[isLong ? 0 : 1]! };
}

function headValue(head: FrozenHead, features: Float32Array, at: number, output: number): number {
  const count = head.weights.length / head.nOutputs;
  // A matrix-matrix product runs along the features; a matrix-vector product does so in blocks, but for few features.
  const isBlocked = head.nOutputs === 1 && (count > 48 || count === 4);
  const sum = isBlocked ? blockedDot(head, features, at, count) : sequentialDot(head, features, at, 0, count, output);
  return fround(sum + head.bias[output]!);
}

/** Runs of 8 features, the rest in runs of 4, 2 and 1, and the runs added up in order. */
function blockedDot(head: FrozenHead, features: Float32Array, at: number, count: number): number {
  let total = 0;
  for (let from = 0; from < count; ) {
    const left = count - from;
    const run = left >= 8 ? 8 : left >= 4 ? 4 : left >= 2 ? 2 : 1;
    total = fround(total + sequentialDot(head, features, at, from, from + run, 0));
    from += run;
  }
  return total;
}

/** One running sum over the features from..end-1, each product fused with its addition. */
function sequentialDot(
  head: FrozenHead,
  features: Float32Array,
  at: number,
  from: number,
  end: number,
  output: number,
): number {
  let sum = 0;
  for (let j = from; j < end; j += 1) {
    const value = features[at + j]!;
    if (Number.isFinite(value)) sum = multiplyAdd(sum, value, head.weights[j * head.nOutputs + output]!);
  }
  return sum;
}

function softmax(logits: readonly number[]): number[] {
  const largest = Math.max(...logits);
  const powers = logits.map((logit) => expFloat32(fround(logit - largest)));
  const total = powers.reduce((a, b) => fround(a + b));
  return powers.map((power) => fround(power / total));
}
