/**
 * Prints, as JSON, a hash of each kind of number that the program makes, down to the last bit. Run as a program by the Node
 * that is to be looked at.
 */
import { createHash } from 'node:crypto';
import { fitSoftmax } from '../../src/baseline/from-bars/fit-softmax.ts';
import {
  LONGEST_LOOKBACK_MINUTES,
  marketFeatureColumns,
} from '../../src/baseline/from-bars/market-features/market-features.ts';
import { toMinuteSeries } from '../../src/baseline/from-bars/market-features/minute-series.ts';
import { toMinuteGrid } from '../../src/baseline/from-bars/minute-grid.ts';
import { exp } from '../../src/numerics/elementary/exp.ts';
import { log, log1p } from '../../src/numerics/elementary/log.ts';
import { powerOfTen } from '../../src/numerics/elementary/power-of-ten.ts';
import { cos, sin } from '../../src/numerics/elementary/sine.ts';
import { axisValues } from '../../src/sweep/axis-values.ts';
import { randomBars } from '../baseline/from-bars/random-bars.ts';
import { randomFrom } from './random.ts';
import { tinyJudgements } from './tiny-judgements.ts';

/** JSON has the shortest text that reads back as the same number; what it has no text for is told apart by a name. */
function exactly(_key: string, value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  return typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)) ? `number ${value}` : value;
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value, exactly)).digest('hex').slice(0, 16);
}

/** Numbers of all sizes and both signs, by products and quotients alone. */
function numbers(count: number, size: number): number[] {
  const random = randomFrom(count);
  return Array.from({ length: count }, (_, i) => ((random.uniform() - 0.5) * size) / (1 + (i % 97)));
}

function elementary(): unknown {
  const wide = numbers(5000, 1400);
  const angles = numbers(5000, 25);
  return [
    wide.map(exp),
    wide.map((x) => [log(Math.abs(x)), log1p(Math.abs(x))]),
    angles.map((x) => [sin(x), cos(x)]),
    numbers(300, 600).map(powerOfTen),
    [7, 13, 60].map((count) => axisValues({ logspace: [-5, 2, count] })),
  ];
}

function baselineFromBars(): unknown {
  const grid = toMinuteGrid(randomBars({ count: 700, seed: 3, gapChance: 0.001 }), LONGEST_LOOKBACK_MINUTES);
  const { logReturnBps, logVolume, logTrades, logTradeSize } = toMinuteSeries(grid);
  const random = randomFrom(5);
  const [nRows, nColumns] = [300, 4];
  const x = Float64Array.from({ length: nRows * nColumns }, (_, i) =>
    i % nColumns === 3 ? 1 : random.uniform() - 0.5,
  );
  const classes = Uint8Array.from({ length: nRows }, () => random.integer(0, 2));
  const moments = { mean: new Float64Array(3), scale: new Float64Array(3).fill(1) };
  const softmax = fitSoftmax({ nRows, nColumns, x, moments }, classes, 3, 0.01);
  return [marketFeatureColumns(grid), logReturnBps, logVolume, logTrades, logTradeSize, softmax];
}

const { judgements } = await tinyJudgements();
console.log(
  JSON.stringify({
    elementary: hashOf(elementary()),
    baselineFromBars: hashOf(baselineFromBars()),
    results: hashOf(judgements.map(({ result, dailyLosses }) => [result, dailyLosses])),
    coefficients: hashOf(judgements.map(({ regressors }) => Object.values(regressors).map(({ coef }) => coef))),
  }),
);
