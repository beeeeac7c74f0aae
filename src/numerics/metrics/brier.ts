/** Brier score: mean of (pᵢ − yᵢ)², labels 0 or 1. */
export function brierScore(labels: Uint8Array, probabilities: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const distance = probabilities[i]! - labels[i]!;
    sum += distance * distance;
  }
  return sum / labels.length;
}

/** The Brier score of one probability for every row. */
export function constantBrierScore(labels: Uint8Array, probability: number): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i += 1) {
    const distance = probability - labels[i]!;
    sum += distance * distance;
  }
  return sum / labels.length;
}
