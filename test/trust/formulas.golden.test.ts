import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { distinctRows, rowSums, skewnesses, unitRows } from '../../src/trust/block-rows.ts';
import {
  aucStatistic,
  blockScores,
  flipOf,
  interval,
  ratioStatistic,
  standardError,
} from '../../src/trust/block-statistics.ts';
import { blocksOfDays, cellsOfDays } from '../../src/trust/blocks.ts';
import { choiceAgainstNull, chooseOnHalves, halvesOf } from '../../src/trust/choice.ts';
import { decidingGate, gateOf, isDecided, verdictBounds } from '../../src/trust/gates.ts';
import { advantageOf, entropyNumber, jointWidth, luckOf, sharesReached } from '../../src/trust/joint.ts';
import { ladder, lookNumbers } from '../../src/trust/looks.ts';
import { effectiveNumber, expectedNormalMax, normalQuantile, normalTail } from '../../src/trust/normal.ts';
import { plateausOf } from '../../src/trust/plateau.ts';
import { signAt, signTable } from '../../src/trust/sign-table.ts';
import { studentQuantile, studentTail } from '../../src/trust/student-t.ts';
import { normalDraws, verdictChance } from '../../src/trust/verdict-chance.ts';
import { assertClose, goldens, negated, table } from './goldens.ts';

const { joint } = goldens;
const advantages = table(joint.U);
const eight = signTable(8);
const first = <T>([plateau]: readonly T[]): T => plateau!;

describe('formulas agree with two other implementations', () => {
  for (const { name, rows, block, days } of goldens.blocks) {
    test(`blocks of days: ${name}`, () => {
      const blocks = blocksOfDays(rows);
      assert.deepEqual([...blocks.ofDay], block);
      assert.equal(blocks.days, days);
      assert.equal(blocks.q, Math.max(...block) + 1);
    });
  }

  test('cells are days up to 64 days, else parts of a block', () => {
    for (const { block, cell } of goldens.cells) assert.deepEqual([...cellsOfDays(Int32Array.from(block))], cell);
  });

  test('signs are all of them up to twelve blocks, and a table from SHA-256 beyond', () => {
    const row = (q: number, r: number) => Array.from({ length: q }, (_, b) => signAt(signTable(q), r, b));
    assert.deepEqual(
      goldens.signs.q3.map((_, r) => row(3, r)),
      goldens.signs.q3,
    );
    const { q13 } = goldens.signs;
    assert.equal(signTable(13).rows, q13.rows);
    assert.deepEqual(row(13, 1), q13.row1);
    assert.deepEqual(row(13, 4095), q13.row4095);
    const all = Array.from({ length: q13.rows }, (_, r) => row(13, r));
    assert.deepEqual(
      q13.columnSums.map((_, b) => all.reduce((sum, signs) => sum + signs[b]!, 0)),
      q13.columnSums,
    );
    assert.equal(
      all
        .slice(0, 1000)
        .flat()
        .reduce((sum, sign) => sum + sign, 0),
      q13.sumOfFirst1000,
    );
  });

  test('a ratio with pseudo-values, interval, flip and block scores', () => {
    const { A, C, ...expected } = goldens.ratio;
    const sums = Float64Array.from(A);
    const constant = Float64Array.from(C);
    const ratio = ratioStatistic(sums, constant);
    const se = standardError(ratio.pseudo);
    assertClose(
      {
        ...ratio,
        se,
        interval95: interval(ratio),
        flipAgainst097: flipOf(0.97 - ratio.value, se, 6),
        blockScores: blockScores(sums, constant),
      },
      expected,
    );
  });

  test("Student's t with five to eighteen degrees of freedom", () => {
    for (const { df, ...expected } of goldens.tQuantiles) {
      const values = {
        p975: studentQuantile(0.975, df),
        p95: studentQuantile(0.95, df),
        cdfAt1: 1 - studentTail(1, df),
        cdfAt3: 1 - studentTail(3, df),
      };
      assertClose(values, expected, `df ${df}`);
    }
  });

  test('AUC without a block is the pair matrix without its row and column', () => {
    const { pair2, positives, negatives, value, pseudo, se } = goldens.auc;
    const auc = aucStatistic(table(pair2), Float64Array.from(positives), Float64Array.from(negatives));
    assertClose({ ...auc, se: standardError(auc.pseudo) }, { value, pseudo, se });
  });

  test('best of N, StepM, shares, skewness, plateau, luck, effective number', () => {
    const luck = luckOf(advantages, eight);
    const plateau = first(plateausOf(negated(advantages), eight));
    assertClose(
      {
        pEach: sharesReached(advantages, eight),
        skewness: skewnesses(advantages),
        S: rowSums(unitRows(advantages)),
        pLuck: advantageOf(advantages, eight).p,
        stepdown: advantageOf(advantages, eight).beats,
        plateau: plateau.stays,
        plateauCritical: plateau.critical,
        luckExpected: luck.expected,
        luck95: luck.q95,
        nEff: luck.nEff,
        entropyNumber: entropyNumber(advantages),
      },
      { ...joint, U: undefined },
    );
  });

  test('a plateau is held against the leader too, where few representatives lie far from it', () => {
    const { losses, rivals, controls, margin, critical, plateau } = goldens.plateauLeaderControl;
    const found = first(plateausOf(table(losses), eight, [margin], { rivals, controls }));
    assertClose({ critical: found.critical, plateau: found.stays }, { critical, plateau });
  });

  test('half widths hold jointly; where the blocks cannot say there is none', () => {
    const { critical, t, plainT, halfWidths, null: none } = goldens.jointGain;
    const width = jointWidth(advantages, eight);
    assertClose(width, { critical, t });
    assertClose(studentQuantile(0.975, 7), plainT);
    assertClose(
      joint.U.map((row) => t * standardError(Float64Array.from(row))),
      halfWidths,
    );
    assertClose(jointWidth(table(none.U), signTable(6)), { critical: none.critical, t: none.t });
  });

  test('a row that repeats another changes nothing but its own label', () => {
    const repeated = table([...joint.U, joint.U[0]!, joint.U[0]!.map((value) => value + 1e-13)]);
    assert.deepEqual([...distinctRows(repeated)], [0, 1, 2, 3, 4, 5]);
    assert.equal(advantageOf(repeated, eight).p, joint.pLuck);
    assert.deepEqual(first(plateausOf(negated(repeated), eight)).stays, [...joint.plateau, true, true]);
    assert.deepEqual(jointWidth(repeated, eight), jointWidth(advantages, eight));
  });

  test('zeros, one row, and too few days to drop anyone', () => {
    const { allZero, oneConfiguration, tooFewDaysToDrop } = goldens.degenerate;
    const zeros = table([new Array(8).fill(0), new Array(8).fill(0)]);
    assert.equal(advantageOf(zeros, eight).p, allZero.pLuck);
    assert.deepEqual(first(plateausOf(zeros, eight)).stays, allZero.plateau);
    const one = table([joint.U[0]!]);
    assert.deepEqual(first(plateausOf(negated(one), eight)).stays, oneConfiguration.plateau);
    assertClose(luckOf(one, eight).nEff, oneConfiguration.nEff);
    const few = first(plateausOf(table(tooFewDaysToDrop.losses), signTable(6)));
    assertClose({ critical: few.critical, plateau: few.stays }, { ...tooFewDaysToDrop, losses: undefined });
  });

  test('the expected maximum of n normals, and its inverse', () => {
    for (const { n, expected } of goldens.normalMax) assertClose(expectedNormalMax(n), expected, `n ${n}`);
    for (const { expectedMax, n } of goldens.effectiveNumber) assertClose(effectiveNumber(expectedMax), n);
  });

  test('the normal quantile is the inverse of the tail, far out too', () => {
    for (const x of [0, 0.1, 1, 1.7, 2.9, 3.1, 5, 7.5]) assertClose(-normalQuantile(normalTail(x)), x, `x ${x}`);
  });

  test('choosing on halves, each row once and each twice', () => {
    const blocks = Array.from({ length: 8 }, (_, n) =>
      Array.from({ length: 8 }, (_, block) => {
        let sum = 0;
        for (let t = 8 * block; t < 8 * block + 8; t += 1) sum += Math.sin((t + 1) * (n + 1)) + 0.05 * (n - 3.5);
        return -sum / 8;
      }),
    );
    const { pbo, gain, meanLogit, eachTwice } = goldens.cscv;
    assertClose(chooseOnHalves(table(blocks), halvesOf(8)), { pbo, gain, meanLogit });
    const { pbo: pbo2, gain: gain2, meanLogit: logit2 } = eachTwice;
    assertClose(chooseOnHalves(table([...blocks, ...blocks]), halvesOf(8)), {
      pbo: pbo2,
      gain: gain2,
      meanLogit: logit2,
    });
  });

  test('what choosing gained, beside what equal rows show', () => {
    const { nullDraws, losses: _, ...expected } = goldens.overfit;
    assertClose(choiceAgainstNull(negated(advantages), eight, nullDraws), expected);
  });

  test('the chance of a verdict is drawn the same everywhere', () => {
    const { margins, pseudo, splits, firstNormals, chance } = goldens.verdictChance;
    assertClose(normalDraws(11).subarray(0, 11), firstNormals);
    const statistics = margins.map((value, i) => ({ value, pseudo: Float64Array.from(pseudo[i]!), split: splits[i]! }));
    const bySplit = [...new Set(splits)].map((split) => statistics.filter((statistic) => statistic.split === split));
    assertClose(verdictChance(bySplit), chance);
  });

  test('which condition speaks for a gate, bounds, and what is decided', () => {
    const { q, conditions, gates, boundsOfPass, boundsOfMiss, decided } = goldens.gates;
    for (const { margin, se, flip } of conditions.flat()) assertClose(flipOf(margin, se, q), flip);
    const found = conditions.map((pair) => gateOf(pair));
    assertClose(found, gates);
    const flipsOf = (numbers: readonly number[]) => numbers.flatMap((i) => conditions[i]!.map(({ flip }) => flip));
    for (const { gates: numbers, bounds } of [boundsOfPass, boundsOfMiss]) {
      assertClose(
        verdictBounds(
          numbers.map((i) => found[i]!),
          flipsOf(numbers),
        ),
        bounds,
      );
    }
    assert.equal(isDecided([found[5]!]), decided.passClearOnly);
    assert.equal(isDecided(boundsOfPass.gates.map((i) => found[i]!)), decided.passWeak);
    assert.equal(isDecided([found[2]!]), decided.missAt[1]);
    assert.equal(isDecided([{ ...found[2]!, flip: decided.missStrong[0] }]), decided.missStrong[1]);
    const passing = boundsOfPass.gates.map((i) => found[i]!);
    assert.equal(passing[decidingGate(passing)!]!.say, 'leaning');
    assert.equal(decidingGate(found), 4);
    const unsaid = gateOf([
      { against: 'limit', margin: Number.NaN, se: 1, flip: flipOf(Number.NaN, 1, 8) },
      { against: 'market_only', margin: 0.1, se: 0.1, flip: 0.2 },
    ]);
    assert.equal(unsaid.passed, null);
    assert.equal(verdictBounds([unsaid], [null]), null);
  });

  test('looks agree to 1e-6 with a counted one, in stored order', () => {
    assert.deepEqual(lookNumbers(goldens.looks.sums), goldens.looks.look);
  });

  test('a ladder tells a new best only beyond one paired standard error', () => {
    assertClose(ladder(goldens.ladder.losses), goldens.ladder.told);
  });
});
