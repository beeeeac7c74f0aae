import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { TaskRanges } from '../../src/execution/task-ranges.ts';

const RANGES = [0, 1].map((number) => ({ number, range: { start: 64 * number, end: 64 * (number + 1) } }));

describe('task ranges', () => {
  test('are given to one task at a time; whoever finds none waits, first come first served', async () => {
    const ranges = new TaskRanges(RANGES);
    const taken = [await ranges.take(), await ranges.take()];
    assert.deepEqual(new Set(taken), new Set(RANGES));
    const order: string[] = [];
    const waiting = ['a', 'b', 'c'].map(async (name) => {
      const range = await ranges.take();
      order.push(`${name} ${range.number}`);
    });
    ranges.giveBack(RANGES[1]!);
    ranges.giveBack(RANGES[0]!);
    ranges.giveBack(RANGES[0]!);
    await Promise.all(waiting);
    assert.deepEqual(order, ['a 1', 'b 0', 'c 0']);
  });

  test('come back in the order that lets a thread go on where it was: the last one first', async () => {
    const ranges = new TaskRanges(RANGES);
    await Promise.all([ranges.take(), ranges.take()]);
    ranges.giveBack(RANGES[1]!);
    ranges.giveBack(RANGES[0]!);
    assert.equal((await ranges.take()).number, 0);
    assert.equal((await ranges.take()).number, 1);
  });
});
