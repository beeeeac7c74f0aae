import type { Random } from './random.ts';
import type { PlainData } from './regression.ts';

export const FEATURE_KINDS = ['independent', 'correlated', 'heavy-tailed', 'binary'] as const;
export const NOISE_KINDS = ['normal', 'heavy-tailed', 'one-sided', 'clustered outliers'] as const;

export type ProblemShape = {
  readonly nSamples: number;
  readonly nFeatures: number;
  readonly features: (typeof FEATURE_KINDS)[number];
  readonly noise: (typeof NOISE_KINDS)[number];
};

export function randomShape(random: Random): ProblemShape {
  const nFeatures = random.integer(1, 12);
  return {
    nSamples: 4 * nFeatures + random.integer(20, 200),
    nFeatures,
    features: random.pick(FEATURE_KINDS),
    noise: random.pick(NOISE_KINDS),
  };
}

/** Rows of features of about unit size and targets of a few units, float32 values. */
export function randomProblem(random: Random, shape: ProblemShape): PlainData {
  const weights = Array.from({ length: shape.nFeatures }, () => random.normal());
  const rows = Array.from({ length: shape.nSamples }, () => randomRow(random, shape).map(Math.fround));
  const y = rows.map((row) => {
    const signal = row.reduce((sum, value, j) => sum + value * weights[j]!, 0);
    return Math.fround(signal + 3 * noise(random, shape.noise, row[0]!));
  });
  return { rows, y };
}

function randomRow(random: Random, { nFeatures, features }: ProblemShape): number[] {
  const common = random.normal();
  const draw = {
    independent: () => random.normal(),
    correlated: () => 0.9 * common + 0.4 * random.normal(),
    'heavy-tailed': () => random.normal() / Math.sqrt(0.05 + random.uniform()),
    binary: () => random.integer(0, 1),
  }[features];
  return Array.from({ length: nFeatures }, draw);
}

function noise(random: Random, kind: ProblemShape['noise'], firstFeature: number): number {
  switch (kind) {
    case 'normal':
      return random.normal();
    case 'heavy-tailed':
      return random.normal() / (0.05 + random.uniform());
    case 'one-sided':
      return Math.exp(random.normal());
    case 'clustered outliers':
      // Outliers of one sign that share a feature pull the coefficients and the scale together.
      return (firstFeature > 0.9 ? -20 : 0) + random.normal();
  }
}
