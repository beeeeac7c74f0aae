import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { runTogether } from '../../../src/numerics/processes.ts';
import { targetsFor } from '../../../src/numerics/rows/targets.ts';
import { float32Reach, MoveDesk } from '../../../src/numerics/solvers/huber/lockstep.ts';
import { type Partition, PartitionStock } from '../../../src/numerics/solvers/huber/partition.ts';
import { assertClose } from '../../support/closeness.ts';
import { clipped, huberObjective, predict } from '../../support/plain-objectives.ts';
import { forEachSeed, type Random } from '../../support/random.ts';
import { randomProblem, randomShape } from '../../support/random-regression.ts';
import { type PlainData, Regressions } from '../../support/regression.ts';

type Table = {
  readonly plain: PlainData;
  readonly stock: PartitionStock;
  readonly desk: MoveDesk;
  readonly shift: number;
};

/** Partitions of random rows, some in groups, and a desk that moves them. */
function tableOf(plain: PlainData, nState: number, count = 2, reach = float32Reach): Table {
  const { workspace, model, gram } = new Regressions(plain, nState);
  const stock = new PartitionStock(workspace, workspace.arena, { model, gram }, count, () => false);
  return { plain, stock, desk: new MoveDesk(workspace, workspace.arena, stock, reach), shift: plain.y[0]! };
}

/** Rows that repeat, so that groups have several. */
function groupedProblem(random: Random): { plain: PlainData; nState: number } {
  const { rows, y } = randomProblem(random, randomShape(random));
  const nState = random.integer(0, rows[0]!.length);
  const market = rows[0]!.length - nState;
  const repeats = rows.map(() => random.integer(1, 3));
  return {
    nState,
    plain: {
      rows: rows.flatMap((row, i) =>
        Array.from({ length: repeats[i]! }, (_, k) =>
          row.map((value, j) => (j < market ? value : Math.fround(value + k * random.normal()))),
        ),
      ),
      y: y.flatMap((target, i) => new Array<number>(repeats[i]!).fill(target)),
    },
  };
}

function move({ desk }: Table, partition: Partition, coef: Float64Array, threshold: number): number {
  return runTogether([desk.move(partition, coef, threshold)], [desk])[0]!;
}

/** Sums by plain loops over the rows: gram of [1, x, t] over the inliers, signed sums and count of the outliers. */
function plainSums({ rows, y }: PlainData, coef: Float64Array, threshold: number) {
  const columns = rows.map((row, i) => [1, ...row, y[i]!]);
  const residuals = rows.map((row, i) => y[i]! - predict(row, coef));
  const inliers = columns.filter((_, i) => Math.abs(residuals[i]!) <= threshold);
  return {
    outliers: columns.length - inliers.length,
    gram: (a: number, b: number) => inliers.reduce((sum, row) => sum + row[a]! * row[b]!, 0),
    signed: (a: number) =>
      columns.reduce((sum, row, i) => {
        const r = residuals[i]!;
        return sum + (Math.abs(r) > threshold ? Math.sign(r) * row[a]! : 0);
      }, 0),
  };
}

describe('the partition into inliers and outliers', () => {
  test('after any moves and clips its sums are those of the rows where they stand now', () => {
    let crossings = 0;
    forEachSeed(25, (random) => {
      const { plain, nState } = groupedProblem(random);
      const table = tableOf(plain, nState);
      const { model } = table.stock.data;
      const { nCoef } = model;
      const partition = table.stock.take();
      let clip = random.pick([Infinity, 4]);
      partition.reset(targetsFor(model, clip, table.shift));
      const coef = new Float64Array(nCoef);
      for (let step = 0; step < 12; step += 1) {
        if (step % 4 === 3) {
          clip = random.pick([Infinity, 4, 1, 20]);
          partition.changeClip(targetsFor(model, clip, table.shift));
        }
        // Partitions work on targets less the shift.
        const y = clipped(plain, clip === Infinity ? 0 : clip).y.map((target) => target - table.shift);
        const seen = { rows: plain.rows, y };
        const length = random.pick([0, 0.001, 0.1, 1]);
        for (let j = 0; j < nCoef; j += 1) coef[j]! += length * random.normal();
        const threshold = random.pick([0.5, 2, 4, 30]);
        crossings += move(table, partition, coef, threshold);
        const expected = plainSums(seen, coef, threshold);
        assert.equal(partition.outliers, expected.outliers);
        for (let a = 0; a <= nCoef; a += 1) {
          // Sums of some hundred products, the largest of outliers that came and went.
          assertClose(partition.signed[a]!, expected.signed(a), 1e-10, `signed ${a}`, 1e3);
          for (let b = 0; b <= a; b += 1) {
            assertClose(partition.gram[a * partition.size + b]!, expected.gram(a, b), 1e-10, `gram ${a}, ${b}`, 1e5);
          }
        }
        const scale = threshold / 1.35;
        const objective = huberObjective(seen, coef, scale, 0.5, 1.35);
        assertClose(partition.objective(coef, scale, 0.5, 1.35), objective, 1e-9, 'objective', 0);
      }
    });
    assert.ok(crossings > 5000, `only ${crossings} entries changed their sign`);
  });

  test('sums many changes a list at a time, to the same sums', () => {
    const plain = {
      rows: Array.from({ length: 5000 }, (_, i) => [Math.fround(Math.cos(i)), Math.fround((i % 7) - 3)]),
      y: Array.from({ length: 5000 }, (_, i) => Math.fround(40 * ((i * 0.618) % 1) - 20)),
    };
    const table = tableOf(plain, 1);
    const partition = table.stock.take();
    partition.reset(targetsFor(table.stock.data.model, Infinity, 0));
    const coef = Float64Array.of(0.3, -1, 2);
    assert.ok(move(table, partition, coef, 5) > 3 * 1024);
    const expected = plainSums(plain, coef, 5);
    assert.equal(partition.outliers, expected.outliers);
    for (let a = 0; a < 4; a += 1) {
      assertClose(partition.signed[a]!, expected.signed(a), 1e-11, `signed ${a}`, 1e4);
      for (let b = 0; b <= a; b += 1) {
        assertClose(partition.gram[a * partition.size + b]!, expected.gram(a, b), 1e-11, `gram ${a}, ${b}`, 1e5);
      }
    }
  });

  test('a copy moves on its own', () => {
    forEachSeed(5, (random) => {
      const { plain, nState } = groupedProblem(random);
      const table = tableOf(plain, nState);
      const original = table.stock.take();
      const copy = table.stock.take();
      original.reset(targetsFor(table.stock.data.model, Infinity, 0));
      const coef = new Float64Array(table.stock.data.model.nCoef);
      move(table, original, coef, 1e9);
      const before = { outliers: original.outliers, gram: original.gram.slice(), signed: original.signed.slice() };
      copy.copyFrom(original);
      coef[0] = 1e6;
      assert.ok(move(table, copy, coef, 1) > 0);
      assert.deepEqual(
        { outliers: original.outliers, gram: original.gram.slice(), signed: original.signed.slice() },
        before,
      );
      assert.notDeepEqual(copy.gram, original.gram);
    });
  });

  test('sixteen that move in one pass get, each, the bits that it gets alone', () => {
    forEachSeed(8, (random) => {
      const { plain, nState } = groupedProblem(random);
      const table = tableOf(plain, nState, 32);
      const { model } = table.stock.data;
      const points = Array.from({ length: 16 }, () => ({
        coef: Float64Array.from({ length: model.nCoef }, () => random.normal()),
        threshold: random.pick([0.5, 2, 6]),
        clip: random.pick([Infinity, 5]),
      }));
      const fresh = () =>
        points.map(({ clip }) => {
          const partition = table.stock.take();
          partition.reset(targetsFor(model, clip, table.shift));
          return partition;
        });
      const together = fresh();
      const steps = points.map(({ coef, threshold }, i) => table.desk.move(together[i]!, coef, threshold));
      const changed = runTogether(steps, [table.desk]);
      const alone = fresh();
      points.forEach(({ coef, threshold }, i) => {
        assert.equal(move(table, alone[i]!, coef, threshold), changed[i]);
        assert.deepEqual(alone[i]!.gram, together[i]!.gram);
        assert.deepEqual(alone[i]!.signed, together[i]!.signed);
      });
    });
  });
});

/** A float32 dot product as the kernel makes it: market part, then state part, each summed in the order of columns. */
function float32Residual(row: readonly number[], nMarket: number, coef: Float64Array, target: number): number {
  const part = (from: number, to: number): number => {
    let sum = 0;
    for (let j = from; j < to; j += 1) {
      const value = j === 0 ? 1 : row[j - 1]!;
      sum = Math.fround(sum + Math.fround(Math.fround(value) * Math.fround(coef[j]!)));
    }
    return sum;
  };
  const market = part(0, nMarket + 1);
  return Math.fround(Math.fround(target - market) - part(nMarket + 1, row.length + 1));
}

/** Rows that are hard on float32: huge ones among small ones, columns that cancel, targets that stand on the threshold. */
function adversarialRows(random: Random, coef: Float64Array, threshold: number, kind: string): PlainData {
  const nFeatures = coef.length - 1;
  const rows = Array.from({ length: 300 }, () => {
    const size = kind === 'huge' ? 10 ** random.integer(0, 12) : 1;
    const row = Array.from({ length: nFeatures }, () => Math.fround(size * random.normal()));
    // Neighbours that cancel each other but for their last bits, in front of coefficients that are nearly the same.
    if (kind === 'cancelling') for (let j = 1; j < nFeatures; j += 2) row[j] = Math.fround(-row[j - 1]! * (1 + 1e-7));
    return row;
  });
  const y = rows.map((row) => {
    const prediction = predict(row, coef);
    const sign = random.pick([1, -1]);
    const off = random.pick([0, 1e-9, -1e-9, 1e-7, -1e-7, 1e-5, -1e-5, 1, -1]);
    return Math.fround(prediction + sign * threshold * (1 + off));
  });
  return { rows, y };
}

function adversarialCase(random: Random, kind: string) {
  const nFeatures = random.integer(2, 40);
  const size = random.pick([1e-3, 1, 1e3]);
  const coef = Float64Array.from({ length: nFeatures + 1 }, () => size * random.normal());
  if (kind === 'cancelling')
    for (let j = 2; j <= nFeatures; j += 2) coef[j] = coef[j - 1]! * (1 + 1e-9 * random.normal());
  const threshold = random.pick([1e-3, 1, 20, 1e6]);
  return {
    coef,
    threshold,
    plain: adversarialRows(random, coef, threshold, kind),
    nState: random.integer(0, nFeatures),
  };
}

/** Rows of an adversarial case whose sign differs from that of their float64 residual, and rows near the threshold. */
function misplacedRows(random: Random, kind: string, reach = float32Reach): { misplaced: number; near: number } {
  const { coef, threshold, plain, nState } = adversarialCase(random, kind);
  const table = tableOf(plain, nState, 1, reach);
  const { model } = table.stock.data;
  const partition = table.stock.take();
  partition.reset(targetsFor(model, Infinity, 0));
  move(table, partition, coef, threshold);
  const { signs, signsLength } = table.stock;
  const stands = signs.subarray(partition.number * signsLength, partition.number * signsLength + model.nEntries);
  const byRow = model.readsState
    ? [...stands]
    : [...stands].flatMap((sign, g) => new Array<number>(model.rows.first[g + 1]! - model.rows.first[g]!).fill(sign));
  let misplaced = 0;
  let near = 0;
  plain.rows.forEach((row, i) => {
    if (byRow[i] !== exactSign(table, row, plain.y[i]!, coef, threshold)) misplaced += 1;
    if (Math.abs(Math.abs(plain.y[i]! - predict(row, coef)) - threshold) < 1e-5 * threshold) near += 1;
  });
  return { misplaced, near };
}

describe('the float32 screen', () => {
  for (const kind of ['on the threshold', 'huge', 'cancelling']) {
    test(`leaves every row where its float64 residual is, rows ${kind}`, () => {
      let near = 0;
      forEachSeed(30, (random) => {
        const found = misplacedRows(random, kind);
        assert.equal(found.misplaced, 0);
        near += found.near;
      });
      assert.ok(near > (kind === 'huge' ? 100 : 1000), `only ${near} rows lie at the threshold`);
    });

    // Huge rows give their block a bound that is far too large for the others.
    const times = kind === 'huge' ? 10_000 : 100;
    test(`would misplace rows ${kind} by a bound that is ${times} times too small`, () => {
      const tooSmall: typeof float32Reach = (...given) => {
        const { perLength, beside } = float32Reach(...given);
        return { perLength: perLength / times, beside: beside / times };
      };
      let misplaced = 0;
      forEachSeed(30, (random) => {
        misplaced += misplacedRows(random, kind, tooSmall).misplaced;
      });
      assert.ok(misplaced > 5, `only ${misplaced} rows were misplaced`);
    });
  }

  test('has a bound that float32 keeps, and that a hundredth of it would break', () => {
    let worst = 0;
    let broken = 0;
    for (const kind of ['on the threshold', 'huge', 'cancelling']) {
      forEachSeed(30, (random) => {
        const { coef, threshold, plain } = adversarialCase(random, kind);
        const nMarket = Math.ceil((coef.length - 1) / 2);
        plain.rows.forEach((row, i) => {
          const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 1));
          const { perLength, beside } = float32Reach(coef, norm, 0, threshold);
          const reach = norm * perLength + beside;
          const error = Math.abs(float32Residual(row, nMarket, coef, plain.y[i]!) - (plain.y[i]! - predict(row, coef)));
          const share = Math.max(0, error - 4.1 * 2 ** -24 * Math.abs(plain.y[i]! - predict(row, coef))) / reach;
          worst = Math.max(worst, share);
          if (share > 0.01) broken += 1;
        });
      });
    }
    assert.ok(worst <= 1, `float32 is off by ${worst} of what the bound allows`);
    assert.ok(broken > 100, `a bound a hundred times smaller would be broken by ${broken} rows only`);
  });

  test('gives up where float32 would overflow', () => {
    assert.equal(float32Reach(Float64Array.of(1e30, 0), 1e10, 0, 1).perLength, Infinity);
    assert.equal(float32Reach(Float64Array.of(1, 0), 2, 1e38, 1).beside, Infinity);
    assert.equal(float32Reach(Float64Array.of(1, 0), 2, 0, 2e38).beside, Infinity);
    assert.equal(float32Reach(Float64Array.of(Number.NaN, 0), 2, 0, 1).perLength, Infinity);
    // No float32 residual reaches a threshold beyond float32: every row is within, for sure.
    assert.ok(float32Reach(Float64Array.of(1, 0), 2, 0, 1e300).beside < 1);
  });
});

/** The sign by the kernel's own float64 residual: a row exactly at the threshold may stand either way by rounding alone. */
function exactSign(
  { stock }: Table,
  row: readonly number[],
  target: number,
  coef: Float64Array,
  threshold: number,
): number {
  const { rows } = stock.data.model;
  const lanes = (values: readonly number[], w: readonly number[]): number => {
    const sums = [0, 0, 0, 0];
    values.forEach((value, j) => {
      sums[j % 4]! += value * w[j]!;
    });
    return sums[0]! + sums[2]! + (sums[1]! + sums[3]!);
  };
  const all = [...coef];
  const market = lanes([1, ...row.slice(0, rows.nMarket)], all.slice(0, rows.nMarket + 1));
  const own = row.length > rows.nMarket ? lanes(row.slice(rows.nMarket), all.slice(rows.nMarket + 1)) : null;
  const r = target - 0 - (own === null ? market : market + own);
  return r > threshold ? 1 : r < -threshold ? -1 : 0;
}
