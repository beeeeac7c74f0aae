import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSharedMemory, hasWideAddresses, MAX_MEMORY32_BYTES } from '../../../src/numerics/memory.ts';
import { tinyJudgements } from '../../support/tiny-judgements.ts';

describe('a memory of more than 4 GiB', () => {
  // Pages that nobody writes to cost nothing: most of such a memory is address space only.
  const LARGE = MAX_MEMORY32_BYTES + 2 ** 25;

  test('is one of 64-bit addresses, and one of 4 GiB is not', () => {
    assert.ok(hasWideAddresses(createSharedMemory(LARGE)));
    assert.ok(!hasWideAddresses(createSharedMemory(MAX_MEMORY32_BYTES - 2 ** 16)));
  });

  test('gives every verdict, metric, coefficient and certificate the same bits beyond the first 4 GiB', async () => {
    const [narrow, wide] = [await tinyJudgements(), await tinyJudgements(LARGE)];
    assert.ok(narrow.firstByte < 2 ** 20);
    assert.ok(wide.firstByte >= MAX_MEMORY32_BYTES, `${wide.firstByte}`);
    assert.ok(narrow.judgements.every(({ regressors }) => regressors.long_market_only.status === 'converged'));
    assert.deepStrictEqual(wide.judgements, narrow.judgements);
  });

  test('gives them across the boundary, too', async () => {
    const across = await tinyJudgements(MAX_MEMORY32_BYTES + 2 ** 22);
    assert.ok(across.firstByte < MAX_MEMORY32_BYTES, `${across.firstByte}`);
    assert.deepStrictEqual(across.judgements, (await tinyJudgements()).judgements);
  });
});
