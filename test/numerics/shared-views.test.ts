import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSharedMemory, SharedArena } from '../../src/numerics/memory.ts';
import { fromAddresses, toAddresses } from '../../src/numerics/shared-views.ts';

function arena(): SharedArena {
  return new SharedArena(createSharedMemory(65_536));
}

describe('structures of shared views as messages', () => {
  test('a structure comes back over the same memory with the same values, through a structured clone', () => {
    const from = arena();
    const value = {
      name: 'part',
      missing: null,
      none: undefined,
      empty: from.float32(0),
      list: [from.float64(3), [from.int32(2)]],
      counts: new Map([['a', from.int8(5)]]),
      bytes: from.uint8(7),
      own: Float64Array.of(1, 2),
    };
    value.list.flat().forEach((view, i) => {
      view.fill(i + 1);
    });
    const message = structuredClone(toAddresses(value, from.memory));
    const back = fromAddresses<typeof value>(message, from.memory);
    assert.deepEqual(back, value);
    const views = [back.empty, ...back.list.flat(), back.counts.get('a'), back.bytes];
    for (const view of views) assert.equal(view?.buffer, from.memory.buffer);
    back.bytes[6] = 200;
    assert.equal(value.bytes[6], 200, 'both look at the same bytes');
    assert.notEqual(back.own.buffer, from.memory.buffer, 'an array of its own is copied');
  });

  test('a subarray keeps its place and length', () => {
    const from = arena();
    const whole = from.float32(10);
    whole.set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const part = fromAddresses<Float32Array>(toAddresses(whole.subarray(3, 7), from.memory), from.memory);
    assert.deepEqual([...part], [3, 4, 5, 6]);
    assert.equal(part.byteOffset, whole.byteOffset + 12);
  });

  test('a view of a kind that has no address is refused, not sent as a copy', () => {
    const { memory } = arena();
    const view = new BigInt64Array(memory.buffer, 0, 1);
    assert.throws(() => toAddresses({ view }, memory), /shared view of an unexpected kind: BigInt64Array/);
  });
});
