import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type RegressionRequest, Regressions } from '../../src/numerics/regressions.ts';
import { buildGram } from '../../src/numerics/rows/gram.ts';
import { modelRows } from '../../src/numerics/rows/model-rows.ts';
import { Partition, PartitionStock } from '../../src/numerics/solvers/huber/partition.ts';
import { fitLogistic } from '../../src/numerics/solvers/logistic.ts';
import type { Workspace } from '../../src/numerics/workspace.ts';
import { CheckedWorkspace, POISONS, withEmptiedPartitions } from '../support/checked-memory.ts';
import { groupedRows, type PlainGroup } from '../support/grouped-rows.ts';
import { forEachSeed, type Random, randomFrom } from '../support/random.ts';
import { randomProblem, randomShape } from '../support/random-regression.ts';
import { groupsOf } from '../support/regression.ts';
import { testWorkspace } from '../support/shared-matrix.ts';

const MEGABYTES = 2;

/** Rows of a market that mostly stands still: half of the targets are one number, and some lie beyond every clip. */
function stillGroups(random: Random): PlainGroup[] {
  const shape = { ...randomShape(random), nSamples: random.integer(40, 70), nFeatures: random.integer(2, 4) };
  const data = randomProblem(random, shape);
  const y = data.y.map((target) => (random.chance(0.5) ? -8 : random.chance(0.1) ? 20 * target : target));
  // Some state features or none: with none each group is one entry.
  return groupsOf({ rows: data.rows, y }, random.integer(0, 2)).map((group, g) => ({
    ...group,
    label: g % 2,
    day: g % 3,
  }));
}

function requestsOf(random: Random): RegressionRequest[] {
  const huber = Array.from({ length: 6 }, (): RegressionRequest => {
    const [alpha, epsilon] = [random.pick([0, 0.001, 0.1, 10]), random.pick([1.01, 1.1, 1.35])];
    return { regressor: { kind: 'huber', alpha, epsilon, maxIter: 1000 }, clipBps: random.pick([0, 4]) };
  });
  return [...huber, { regressor: { kind: 'ridge', alpha: random.pick([0, 1]) }, clipBps: random.pick([0, 4]) }];
}

/** Everything that the fits of some rows come to, in batches of so many requests, on one side's memory. */
function outcomesOn(workspace: Workspace, groups: readonly PlainGroup[], requests: readonly RegressionRequest[]) {
  const { arena } = workspace;
  const rows = groupedRows(workspace, groups);
  return [false, true].map((withState) => {
    const model = modelRows(rows, withState);
    const gram = buildGram(workspace, arena, model);
    const fit = { model, nDays: 3 };
    const regressions = new Regressions(workspace, arena, { fit, gram, evaluation: [fit] });
    const batches = [requests.slice(0, 4), requests.slice(4), requests.slice(0, 2)];
    return [fitLogistic(workspace, model, gram), ...batches.flatMap((batch) => regressions.fit(batch))];
  });
}

describe('what fits compute', () => {
  test('is the same bit for bit whatever stands in memory that they have not written, and nothing is written beside their arrays', () => {
    const statuses = new Set<string>();
    forEachSeed(3, (random) => {
      const groups = stillGroups(random);
      const requests = requestsOf(random);
      const expected = outcomesOn(testWorkspace(MEGABYTES), groups, requests);
      for (const outcome of expected.flat()) statuses.add(outcome.status);
      for (const poison of POISONS) {
        const checked = new CheckedWorkspace(MEGABYTES, poison);
        const outcomes = withEmptiedPartitions(poison, () => outcomesOn(checked, groups, requests));
        assert.deepStrictEqual(outcomes, expected);
        checked.arena.requireGuards();
      }
    });
    assert.ok(statuses.has('converged'));
  });

  test('is the same where more fits start from stops, and more stops are wanted, than there is memory for at a time', () => {
    const random = randomFrom(5);
    const groups = stillGroups(random);
    // More fits than partitions that all start from a few stops: these may not be given up while one waits to.
    const requests = random.permutation(96).map((i): RegressionRequest => {
      const [epsilon, alpha] = [random.pick([1.2, 1.2, 1.2, 1.1 + i / 50]), (i + 1) / 20];
      return { regressor: { kind: 'huber', alpha, epsilon, maxIter: 1000 }, clipBps: random.pick([0, 4]) };
    });
    const fitOn = (workspace: Workspace): unknown => {
      const model = modelRows(groupedRows(workspace, groups), true);
      const data = { fit: { model, nDays: 3 }, gram: buildGram(workspace, workspace.arena, model), evaluation: [] };
      return new Regressions(workspace, workspace.arena, data).fit(requests);
    };
    const expected = fitOn(testWorkspace(MEGABYTES));
    for (const poison of POISONS) {
      const checked = new CheckedWorkspace(MEGABYTES, poison);
      assert.deepStrictEqual(
        withEmptiedPartitions(poison, () => fitOn(checked)),
        expected,
      );
    }
  });

  test('is an error, and no answer, where a stop that others start from has been given other targets', () => {
    const groups = stillGroups(randomFrom(3));
    const workspace = testWorkspace(MEGABYTES);
    const model = modelRows(groupedRows(workspace, groups), true);
    const data = { fit: { model, nDays: 3 }, gram: buildGram(workspace, workspace.arena, model), evaluation: [] };
    const regressions = new Regressions(workspace, workspace.arena, data);
    const fitWith = (clipBps: number, alpha: number) =>
      regressions.fit([{ regressor: { kind: 'huber', alpha, epsilon: 1.2, maxIter: 1000 }, clipBps }]);
    fitWith(0, 0.1);
    const { prototype } = Partition;
    const { copyFrom } = prototype;
    prototype.copyFrom = function (other) {
      other.changeClip({ ...other.targets, clip: 4 });
      copyFrom.call(this, other);
    };
    try {
      assert.throws(() => fitWith(0, 1), /a stop under clip Infinity has targets under 4/);
    } finally {
      prototype.copyFrom = copyFrom;
    }
  });
});

describe('checked memory', () => {
  const checked = (poison: number = POISONS[0]): CheckedWorkspace => new CheckedWorkspace(1, poison);

  test('tells of a write behind a temporary array, and of one before it', () => {
    for (const beside of [-1, 10]) {
      const workspace = checked();
      const bytes = new Uint8Array(workspace.arena.memory.buffer);
      const write = () =>
        workspace.temporary((arena) => {
          bytes[arena.int8(10).byteOffset + beside] = 1;
        });
      assert.throws(write, /10 bytes at \d+: something was written beside them/);
    }
  });

  test('tells of a write beside an array that stays', () => {
    const { arena } = checked();
    const array = arena.float64(3);
    arena.requireGuards();
    new Float64Array(arena.memory.buffer, array.byteOffset, 4)[3] = 1;
    assert.throws(() => arena.requireGuards(), /24 bytes at \d+/);
  });

  test('holds another value for each poison where nothing was written, and where it was freed', () => {
    const values = POISONS.map((poison) => {
      const { arena } = checked(poison);
      const mark = arena.mark();
      const [fresh, zeroed] = [arena.float64(1, 'dirty'), arena.float64(1)];
      assert.equal(zeroed[0], 0);
      const before = fresh[0]!;
      arena.release(mark);
      assert.ok(Object.is(zeroed[0], before), 'freed');
      return before;
    });
    assert.ok(Number.isNaN(values[0]) && Number.isFinite(values[1]), `${values}`);
  });

  test('tells of arrays that are freed out of turn', () => {
    const { arena } = checked();
    const mark = arena.mark();
    arena.float64(8);
    assert.throws(() => arena.release(mark + 64), /freed down to/);
    const top = arena.mark();
    arena.release(mark);
    assert.throws(() => arena.release(top), /freed down to/);
  });

  test('tells of work that goes on after its temporary arrays are freed', () => {
    const workspace = checked();
    const process = (): Generator<number> =>
      workspace.temporary(function* (arena) {
        yield arena.float64(1).length;
      });
    assert.throws(process, /not over when it returns/);
    assert.throws(() => workspace.temporary((arena) => arena.float64(1)), /outlives it/);
    assert.throws(() => workspace.temporary((arena) => ({ coef: arena.float64(1) })), /outlives it/);
  });

  test('empties partitions that are given back, and tells of one that is given back twice', () => {
    const [workspace, random] = [checked(), randomFrom(2)];
    const model = modelRows(groupedRows(workspace, stillGroups(random)), false);
    const gram = buildGram(workspace, workspace.arena, model);
    withEmptiedPartitions(POISONS[0], () => {
      const stock = new PartitionStock(workspace, workspace.arena, { model, gram }, 2, () => false);
      const partition = stock.take();
      partition.reset({ clip: 4, shift: 0, mean: 0, squares: 7, size: 1 });
      assert.ok(partition.gram.every(Number.isFinite));
      stock.giveBack(partition);
      assert.ok(partition.gram.every(Number.isNaN));
      assert.throws(() => stock.giveBack(partition), /partition 1 is given back twice/);
      assert.equal(stock.take(), partition);
      stock.giveBack(partition);
    });
  });

  test('random rows mostly stand still, and some lie beyond a clip', () => {
    const targets = stillGroups(randomFrom(1)).flatMap(({ target, states }) => states.map(() => target));
    const still = targets.filter((target) => target === -8).length / targets.length;
    assert.ok(still > 0.3 && still < 0.7, `${still}`);
    assert.ok(targets.some((target) => Math.abs(target) > 30));
  });
});
