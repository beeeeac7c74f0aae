import { predict } from './plain-objectives.ts';
import type { PlainData } from './regression.ts';

const MAX_ROUNDS = 200_000;

/**
 * A slow, obvious solver of the Huber objective with jointly fitted scale, to judge the fast one by: in turn,
 * coefficients by reweighted least squares for a fixed σ (weights min(1, ε·σ/|r|)), and σ for fixed coefficients by
 * bisection of the objective's derivative, which grows with σ. Both steps can only lower the convex objective.
 */
export function referenceHuber(
  data: PlainData,
  alpha: number,
  epsilon: number,
): { coef: number[]; scale: number; rounds: number } {
  let coef = weightedRidge(
    data,
    data.y.map(() => 1),
    alpha,
  );
  let scale = bestScale(residuals(data, coef), epsilon);
  for (let rounds = 1; rounds <= MAX_ROUNDS; rounds += 1) {
    const weights = residuals(data, coef).map((r) => Math.min(1, (epsilon * scale) / Math.abs(r)));
    const next = weightedRidge(data, weights, alpha * scale);
    const nextScale = bestScale(residuals(data, next), epsilon);
    const change = Math.max(
      Math.abs(nextScale - scale) / scale,
      ...next.map((value, j) => Math.abs(value - coef[j]!) / scale),
    );
    coef = next;
    scale = nextScale;
    if (change < 1e-14) return { coef, scale, rounds };
  }
  throw new Error('the reference solver did not settle');
}

function residuals({ rows, y }: PlainData, coef: readonly number[]): number[] {
  return rows.map((row, i) => y[i]! - predict(row, coef));
}

/** The root of n − Σ_in r²/σ² − ε²·#out in σ. */
function bestScale(r: readonly number[], epsilon: number): number {
  const derivative = (scale: number) =>
    r.length - r.reduce((sum, x) => sum + Math.min(Math.abs(x / scale), epsilon) ** 2, 0);
  let low = 1e-12;
  let high = 1e12;
  while (high / low > 1 + 1e-15) {
    const middle = Math.sqrt(low * high);
    if (middle === low || middle === high) break;
    if (derivative(middle) < 0) low = middle;
    else high = middle;
  }
  return high;
}

/** min Σ weightᵢ·(yᵢ − xᵢ·w − c)² + penalty·‖w‖², by Gaussian elimination of the normal equations. */
export function weightedRidge({ rows, y }: PlainData, weights: readonly number[], penalty: number): number[] {
  const n = rows[0]!.length + 1;
  const system = Array.from({ length: n }, () => new Array<number>(n + 1).fill(0));
  rows.forEach((row, i) => {
    const a = [1, ...row];
    for (let r = 0; r < n; r += 1) {
      for (let c = 0; c < n; c += 1) system[r]![c]! += weights[i]! * a[r]! * a[c]!;
      system[r]![n]! += weights[i]! * a[r]! * y[i]!;
    }
  });
  for (let j = 1; j < n; j += 1) system[j]![j]! += penalty;
  return eliminate(system);
}

/** Solves n equations, each [coefficients…, right side], with row pivoting. */
function eliminate(system: number[][]): number[] {
  const n = system.length;
  for (let c = 0; c < n; c += 1) {
    let pivot = c;
    for (let r = c + 1; r < n; r += 1) if (Math.abs(system[r]![c]!) > Math.abs(system[pivot]![c]!)) pivot = r;
    [system[c], system[pivot]] = [system[pivot]!, system[c]!];
    for (let r = c + 1; r < n; r += 1) {
      const factor = system[r]![c]! / system[c]![c]!;
      for (let k = c; k <= n; k += 1) system[r]![k]! -= factor * system[c]![k]!;
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r -= 1) {
    let sum = system[r]![n]!;
    for (let c = r + 1; c < n; c += 1) sum -= system[r]![c]! * x[c]!;
    x[r] = sum / system[r]![r]!;
  }
  return x;
}
