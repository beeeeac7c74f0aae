import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSharedMemory, MAX_MEMORY_BYTES, SharedArena } from '../../src/numerics/memory.ts';
import { Cancelled, Workspace } from '../../src/numerics/workspace.ts';

describe('the shared memory', () => {
  test('arrays do not overlap, stand on cache lines, and are zero even where others stood before', () => {
    const arena = new SharedArena(createSharedMemory(4096));
    const mark = arena.mark();
    arena.uint8(300).fill(255);
    arena.release(mark);
    const arrays = [arena.float32(3), arena.float64(5), arena.int32(1), arena.int8(65), arena.uint8(1)];
    let end = 1;
    for (const array of arrays) {
      assert.equal(array.byteOffset % 64, 0);
      assert.ok(array.byteOffset >= end, 'overlaps the one before');
      assert.ok(array.every((value) => value === 0));
      end = array.byteOffset + array.byteLength;
    }
  });

  test('an array that is to be written before it is read may be left as the bytes are', () => {
    const arena = new SharedArena(createSharedMemory(4096));
    const mark = arena.mark();
    arena.uint8(64).fill(7);
    arena.release(mark);
    const dirty = arena.float32(16, 'dirty');
    assert.ok(dirty.every((value) => value !== 0));
    arena.release(mark);
    assert.equal(arena.float32(16).byteOffset, dirty.byteOffset);
    assert.ok(
      dirty.every((value) => value === 0),
      'the next one is zeroed again',
    );
  });

  test('an arena ends where it was told to, whole bytes before the next thread’s', () => {
    const memory = createSharedMemory(4096);
    const arena = new SharedArena(memory, 1024, 1024 + 256);
    arena.float64(16);
    assert.equal(arena.freeBytes, 128);
    assert.throws(() => arena.float64(17), /136 more bytes wanted at 1152, the range ends at 1280/);
    arena.float64(16);
    assert.equal(arena.freeBytes, 0);
  });

  test('temporary arrays are free again after the work, also after work that failed', () => {
    const workspace = new Workspace(new SharedArena(createSharedMemory(4096)));
    const free = workspace.arena.freeBytes;
    assert.equal(
      workspace.temporary((arena) => arena.float64(10).length),
      10,
    );
    assert.equal(workspace.arena.freeBytes, free);
    assert.throws(() =>
      workspace.temporary((arena) => {
        arena.float64(10);
        throw new Error('the work failed');
      }),
    );
    assert.equal(workspace.arena.freeBytes, free);
  });

  test('work that is no longer wanted ends at its next check', () => {
    const arena = new SharedArena(createSharedMemory(4096));
    const flag = arena.int32(1);
    const workspace = new Workspace(arena, flag);
    workspace.throwIfCancelled();
    Atomics.store(flag, 0, 1);
    assert.throws(() => workspace.throwIfCancelled(), Cancelled);
  });

  test('more than an engine makes is refused before it is asked for', () => {
    assert.throws(() => createSharedMemory(MAX_MEMORY_BYTES), /the largest has 17179869184/);
  });
});
