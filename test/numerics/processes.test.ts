import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type Desk,
  type Errand,
  outcomeOf,
  type Process,
  runTogether,
  type Stock,
  Task,
  untilFree,
} from '../../src/numerics/processes.ts';

type Sum = Errand & { readonly value: number; doubled: number };

/** A desk that doubles numbers, and remembers how many came at a time. */
function doublingDesk(perPass: number): Desk & { readonly passes: number[] } {
  const passes: number[] = [];
  return {
    perPass,
    passes,
    serve: (errands) => {
      passes.push(errands.length);
      for (const errand of errands as Sum[]) errand.doubled = 2 * errand.value;
    },
  };
}

function* doubled(desk: Desk, value: number): Process<number> {
  const errand: Sum = { desk, value, doubled: Number.NaN };
  yield errand;
  return errand.doubled;
}

function* twiceDoubled(desk: Desk, value: number): Process<number> {
  return yield* doubled(desk, yield* doubled(desk, value));
}

describe('processes that run together', () => {
  test('share passes, a full one where there are enough, and end in the order in which they were given', () => {
    const desk = doublingDesk(4);
    const outcomes = runTogether(
      Array.from({ length: 10 }, (_, i) => twiceDoubled(desk, i)),
      [desk],
    );
    assert.deepEqual(
      outcomes,
      Array.from({ length: 10 }, (_, i) => 4 * i),
    );
    assert.equal(
      desk.passes.reduce((a, b) => a + b),
      20,
    );
    assert.equal(desk.passes.length, 5);
  });

  test('a full desk is served before one that is preferred', () => {
    const [first, second] = [doublingDesk(4), doublingDesk(2)];
    const order: string[] = [];
    const told = (desk: Desk, name: string): Desk => ({
      perPass: desk.perPass,
      serve: (errands) => {
        order.push(name);
        desk.serve(errands);
      },
    });
    const [a, b] = [told(first, 'a'), told(second, 'b')];
    runTogether([doubled(a, 1), doubled(b, 2), doubled(b, 3), doubled(b, 4)], [a, b]);
    assert.deepEqual(order, ['b', 'a', 'b']);
  });

  test('a task runs once, whoever waits for it', () => {
    const desk = doublingDesk(8);
    let runs = 0;
    const task = new Task(
      (function* (): Process<number> {
        runs += 1;
        return yield* doubled(desk, 21);
      })(),
    );
    assert.deepEqual(runTogether([outcomeOf(task), outcomeOf(task), outcomeOf(task)], [desk]), [42, 42, 42]);
    assert.equal(runs, 1);
    assert.deepEqual(runTogether([outcomeOf(task)], [desk]), [42], 'later, too');
  });

  test('who finds nothing free waits until something is given back, or given up', () => {
    const desk = doublingDesk(8);
    let free = 1;
    let idle = 1;
    const stock: Stock = {
      get hasFree() {
        return free > 0;
      },
      relieve: () => {
        if (idle === 0) return false;
        idle -= 1;
        free += 1;
        return true;
      },
    };
    let most = 0;
    let held = 0;
    function* holding(value: number): Process<number> {
      yield* untilFree(stock);
      free -= 1;
      held += 1;
      most = Math.max(most, held);
      const outcome = yield* doubled(desk, value);
      held -= 1;
      free += 1;
      return outcome;
    }
    assert.deepEqual(runTogether([1, 2, 3, 4, 5].map(holding), [desk]), [2, 4, 6, 8, 10]);
    assert.equal(most, 2);
    assert.deepEqual(desk.passes, [2, 2, 1]);
  });

  test('that wait for one another are an error and no endless wait', () => {
    const stock: Stock = { hasFree: false, relieve: () => false };
    assert.throws(() => runTogether([untilFree(stock)], []), /wait for one another/);
  });

  test('an error of one ends all', () => {
    const desk = doublingDesk(4);
    function* failing(): Process<number> {
      const outcome = yield* doubled(desk, 1);
      throw new RangeError(`no number: ${outcome}`);
    }
    assert.throws(() => runTogether([doubled(desk, 1), failing()], [desk]), /no number/);
  });
});
