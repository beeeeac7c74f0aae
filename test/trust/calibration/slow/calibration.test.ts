import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  exactIntervals,
  FORMULAS,
  type Formulas,
  flips,
  type Line,
  luckLine,
  nullRejections,
  plateauLine,
} from '../parts.ts';

// The short form of `npm run calibrate`: seeds are fixed, so that nothing here fails by chance. How bounds were chosen: the
// claim ± five standard errors of a rate over the draws made, and, where the claim is approximate by itself, the range of
// the long form's tables (docs/trust.md). Each planted error has to fall outside of them.

const ratesOf = (lines: readonly Line[], column: string): number[] => lines.map((line) => Number(line[column]));

function within(values: readonly number[], low: number, high: number): boolean {
  return values.every((value) => value >= low && value <= high);
}

const EXACT_DRAWS = 30_000;
/** five standard errors of a rate of 0.95 over the draws */
const EXACT_SLACK = 5 * Math.sqrt((0.95 * 0.05) / EXACT_DRAWS);
const isExact = (formulas: Formulas): boolean =>
  within(ratesOf(exactIntervals(EXACT_DRAWS, formulas), 'covered'), 0.95 - EXACT_SLACK, 0.95 + EXACT_SLACK);

test('the 95 % interval of a mean of independent normal blocks covers 95 %', () => {
  assert.ok(isExact(FORMULAS));
});

test('planted: a block that is dropped from the standard error is caught', () => {
  const standardError = (u: Float64Array): number => {
    const q = u.length;
    const mean = u.reduce((sum, value) => sum + value, 0) / q;
    const squares = u.subarray(1).reduce((sum, value) => sum + (value - mean) ** 2, 0);
    return Math.sqrt(squares / (q * (q - 1)));
  };
  assert.ok(!isExact({ ...FORMULAS, standardError }));
});

test('planted: n in place of n − 1 is caught', () => {
  const standardError = (u: Float64Array): number => FORMULAS.standardError(u) * Math.sqrt((u.length - 1) / u.length);
  assert.ok(!isExact({ ...FORMULAS, standardError }));
});

const WORLD = { days: 7, tails: 'normal', phi: 0 } as const;
const NULL_DRAWS = 2_500;
/** The claim is 5 %; 4 to 6 were measured on seven days, whose 128 sign vectors are coarse. */
const NULL_LIMIT = 0.065;
const rejects = (scores: Formulas['scores']): number => nullRejections(NULL_DRAWS, 40, WORLD, scores);

test('best of N rejects in about 5 % of sweeps in which none beats the constant', () => {
  const rate = rejects(FORMULAS.scores);
  assert.ok(rate > 0.03 && rate < NULL_LIMIT, `${rate}`);
});

test('planted: signs of pseudo-values flipped in place of block scores are caught', () => {
  const rate = rejects((sums, constant) => FORMULAS.ratioStatistic(sums, constant).pseudo);
  assert.ok(rate >= NULL_LIMIT, `${rate}`);
});

test('StepM errs on a family in few sweeps, and finds what is truly better', () => {
  const line = luckLine(120, 60, { ...WORLD, days: 20 }, FORMULAS.scores);
  assert.ok(Number(line['StepM family errors']) <= 0.1, `${line['StepM family errors']}`);
  assert.ok(Number(line.found) >= 0.9, `${line.found}`);
});

test('the plateau holds the best', () => {
  const line = plateauLine(150, 'all equal', new Float64Array(60).fill(0.95), 20, { ...WORLD, days: 10 });
  assert.ok(Number(line['holds the best']) >= 0.93, `${line['holds the best']}`);
  assert.ok(Number(line['naive paired t']) < 0.93, 'the naive comparison loses it, so that the test can fail');
});

test('a stated flip is the share of gates whose truth has the other sign', () => {
  for (const line of flips(1_500).filter(({ tails }) => tails === 'normal')) {
    for (const bin of ['0.01 to 0.05', '0.05 to 0.2', '0.2 to 0.35']) {
      const [stated, wrong] = String(line[bin]).split('/').map(Number);
      assert.ok(Math.abs(stated! - wrong!) <= 0.08, `${line.days} days, ${bin}: ${line[bin]}`);
    }
  }
});
