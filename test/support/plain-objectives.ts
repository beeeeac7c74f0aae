/** The objectives of the fits, their gradients and predictions, by plain loops over plain rows. Coefficients: intercept first. */

import type { PlainData } from './regression.ts';

export function predict(row: readonly number[], coef: ArrayLike<number>): number {
  return row.reduce((sum, value, j) => sum + value * coef[j + 1]!, coef[0]!);
}

export function clipTo(value: number, bound: number): number {
  return bound > 0 ? Math.max(-bound, Math.min(bound, value)) : value;
}

/** The same rows with targets clipped to ±clip; 0 means no clip. */
export function clipped({ rows, y }: PlainData, clip: number): PlainData {
  return { rows, y: y.map((target) => clipTo(target, clip)) };
}

function penalty(coef: ArrayLike<number>): number {
  let sum = 0;
  for (let j = 1; j < coef.length; j += 1) sum += coef[j]! ** 2;
  return sum;
}

/** ‖y − X·w − c‖² + alpha·‖w‖² */
export function ridgeObjective({ rows, y }: PlainData, coef: ArrayLike<number>, alpha: number): number {
  return rows.reduce((sum, row, i) => sum + (y[i]! - predict(row, coef)) ** 2, alpha * penalty(coef));
}

/** Its gradient: −2·Xᵀr + 2·alpha·w. */
export function ridgeGradient({ rows, y }: PlainData, coef: ArrayLike<number>, alpha: number): number[] {
  const gradient = Array.from(coef, (value, j) => (j === 0 ? 0 : 2 * alpha * value));
  rows.forEach((row, i) => {
    const residual = y[i]! - predict(row, coef);
    [1, ...row].forEach((value, j) => {
      gradient[j]! -= 2 * residual * value;
    });
  });
  return gradient;
}

/** n·σ + Σ_in r²/σ + Σ_out (2·ε·|r| − σ·ε²) + alpha·‖w‖², "in" being |r| ≤ ε·σ */
export function huberObjective(
  { rows, y }: PlainData,
  coef: ArrayLike<number>,
  scale: number,
  alpha: number,
  epsilon: number,
): number {
  return rows.reduce(
    (sum, row, i) => {
      const size = Math.abs(y[i]! - predict(row, coef));
      return sum + (size <= epsilon * scale ? size ** 2 / scale : 2 * epsilon * size - scale * epsilon ** 2);
    },
    rows.length * scale + alpha * penalty(coef),
  );
}

/** Its gradient with respect to the coefficients, and to σ: n − Σ_in r²/σ² − ε²·#out. */
export function huberGradient(
  { rows, y }: PlainData,
  coef: ArrayLike<number>,
  scale: number,
  alpha: number,
  epsilon: number,
): { coef: number[]; scale: number } {
  const gradient = Array.from(coef, (value, j) => (j === 0 ? 0 : 2 * alpha * value));
  let byScale = rows.length;
  rows.forEach((row, i) => {
    const residual = y[i]! - predict(row, coef);
    const pull = Math.max(-epsilon, Math.min(epsilon, residual / scale));
    byScale -= pull ** 2;
    [1, ...row].forEach((value, j) => {
      gradient[j]! -= 2 * pull * value;
    });
  });
  return { coef: gradient, scale: byScale };
}

/** Σ log(1 + exp(z)) − y·z + ½·‖w‖² */
export function logisticLoss(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  coef: ArrayLike<number>,
): number {
  return rows.reduce((sum, row, i) => {
    const z = predict(row, coef);
    return sum + Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - labels[i]! * z;
  }, penalty(coef) / 2);
}

export function logisticGradient(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  coef: ArrayLike<number>,
): number[] {
  const gradient = Array.from(coef, (value, j) => (j === 0 ? 0 : value));
  rows.forEach((row, i) => {
    const excess = 1 / (1 + Math.exp(-predict(row, coef))) - labels[i]!;
    [1, ...row].forEach((value, j) => {
      gradient[j]! += excess * value;
    });
  });
  return gradient;
}
