import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fitRidge } from '../../../src/baseline/from-bars/fit-ridge.ts';
import { fitSoftmax } from '../../../src/baseline/from-bars/fit-softmax.ts';
import type { StandardizedRows } from '../../../src/baseline/from-bars/standardized-rows.ts';
import { randomFrom } from './random-bars.ts';

const SEED = 77;
const N_ROWS = 400;
const N_FEATURES = 5;
const N_COLUMNS = N_FEATURES + 1;

describe('softmax fit', () => {
  const rows = randomRows(SEED);
  const classes = drawnClasses(rows, 3, SEED + 1);
  const l2 = 0.01;
  const fit = fitSoftmax(rows, classes, 3, l2);

  test(`no small change of any coefficient lowers the penalised loss (seed ${SEED})`, () => {
    const best = slowLoss(rows, classes, 3, l2, fit.coef);
    for (let k = 0; k < fit.coef.length; k += 1) {
      for (const change of [-1e-4, 1e-4]) {
        const moved = fit.coef.map((c, i) => (i === k ? c + change : c));
        assert.ok(slowLoss(rows, classes, 3, l2, moved) > best - 1e-15, `coefficient ${k}`);
      }
    }
  });

  test('reports the gradient it stopped at, which central differences confirm', () => {
    assert.ok(fit.gradMaxAbs <= 1e-8);
    for (let k = 0; k < fit.coef.length; k += 1) {
      const at = (change: number) => {
        const moved = fit.coef.map((c, i) => (i === k ? c + change : c));
        return slowLoss(rows, classes, 3, l2, moved);
      };
      // Differences of a loss near 1 over 2e-5 are exact to about 1e-11.
      assert.ok(Math.abs((at(1e-5) - at(-1e-5)) / 2e-5) < 1e-9, `coefficient ${k}`);
    }
  });

  test('finds the classes that made the data', () => {
    let right = 0;
    for (let i = 0; i < N_ROWS; i += 1) {
      const scores = [0, 1, 2].map((c) => scoreOf(rows, i, fit.coef.subarray(c * N_COLUMNS, (c + 1) * N_COLUMNS)));
      if (scores.indexOf(Math.max(...scores)) === classes[i]) right += 1;
    }
    assert.ok(right > 0.6 * N_ROWS, `${right} of ${N_ROWS}`);
  });

  test('classes that no weight can tell apart get their shares as probabilities', () => {
    const blank: StandardizedRows = { ...rows, x: rows.x.map((v, k) => (k % N_COLUMNS === N_FEATURES ? v : 0)) };
    const { coef } = fitSoftmax(blank, classes, 3, l2);
    const intercepts = [0, 1, 2].map((c) => coef[c * N_COLUMNS + N_FEATURES]!);
    const total = intercepts.reduce((sum, b) => sum + Math.exp(b), 0);
    for (const c of [0, 1, 2]) {
      const share = classes.filter((code) => code === c).length / N_ROWS;
      assert.ok(Math.abs(Math.exp(intercepts[c]!) / total - share) < 1e-7);
    }
  });

  test('perfectly separated classes end in a finite answer', () => {
    const separated = classes.map((_, i) => (rows.x[i * N_COLUMNS]! > 0 ? 1 : 0));
    const { coef, gradMaxAbs } = fitSoftmax(rows, separated, 2, 0.002);
    assert.ok(gradMaxAbs <= 1e-8);
    assert.ok(coef.every(Number.isFinite));
  });
});

describe('ridge fit', () => {
  const rows = randomRows(SEED + 2);
  const y = Float64Array.from({ length: N_ROWS }, (_, i) => 3 - 2 * rows.x[i * N_COLUMNS]! + Math.sin(i));

  test('leaves no gradient: X′(y − Xw − c) = alpha · w, and residuals that add up to 0', () => {
    const alpha = 25;
    const coef = fitRidge(rows, y, alpha);
    for (let j = 0; j < N_COLUMNS; j += 1) {
      let moment = 0;
      for (let i = 0; i < N_ROWS; i += 1) moment += rows.x[i * N_COLUMNS + j]! * (y[i]! - scoreOf(rows, i, coef));
      assert.ok(Math.abs(moment - (j === N_FEATURES ? 0 : alpha * coef[j]!)) < 1e-9, `column ${j}`);
    }
  });

  test('a huge alpha leaves the mean alone', () => {
    const coef = fitRidge(rows, y, 1e15);
    assert.ok(Math.abs(coef[N_FEATURES]! - y.reduce((a, b) => a + b) / N_ROWS) < 1e-9);
    assert.ok(coef.subarray(0, N_FEATURES).every((w) => Math.abs(w) < 1e-9));
  });
});

function randomRows(seed: number): StandardizedRows {
  const random = randomFrom(seed);
  const x = Float64Array.from({ length: N_ROWS * N_COLUMNS }, (_, k) =>
    k % N_COLUMNS === N_FEATURES ? 1 : 2 * (random() + random() + random()) - 3,
  );
  const moments = { mean: new Float64Array(N_FEATURES), scale: new Float64Array(N_FEATURES).fill(1) };
  return { nRows: N_ROWS, nColumns: N_COLUMNS, x, moments };
}

/** Classes drawn by a random linear model's scores, with noise. */
function drawnClasses(rows: StandardizedRows, nClasses: number, seed: number): Uint8Array {
  const random = randomFrom(seed);
  const truth = Array.from({ length: nClasses }, () =>
    Float64Array.from({ length: N_COLUMNS }, () => 3 * random() - 1.5),
  );
  return Uint8Array.from({ length: N_ROWS }, (_, i) => {
    const scores = truth.map((coef) => scoreOf(rows, i, coef) - Math.log(-Math.log(random())));
    return scores.indexOf(Math.max(...scores));
  });
}

function scoreOf({ x }: StandardizedRows, row: number, coef: Float64Array): number {
  return coef.reduce((sum, c, j) => sum + c * x[row * N_COLUMNS + j]!, 0);
}

function slowLoss(
  rows: StandardizedRows,
  classes: Uint8Array,
  nClasses: number,
  l2: number,
  coef: Float64Array,
): number {
  let loss = 0;
  for (let i = 0; i < N_ROWS; i += 1) {
    const scores = Array.from({ length: nClasses }, (_, c) => {
      return scoreOf(rows, i, coef.subarray(c * N_COLUMNS, (c + 1) * N_COLUMNS));
    });
    loss += Math.log(scores.reduce((sum, s) => sum + Math.exp(s), 0)) - scores[classes[i]!]!;
  }
  const weights = coef.filter((_, k) => k % N_COLUMNS !== N_FEATURES);
  return loss / N_ROWS + (l2 / 2) * weights.reduce((sum, w) => sum + w * w, 0);
}
