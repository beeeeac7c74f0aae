/** Judges the tiny baseline run at the end of the largest memory there is, 16 GiB, and compares every number with a small one's. */
import assert from 'node:assert/strict';
import { MAX_MEMORY_BYTES } from '../src/numerics/memory.ts';
import { tinyJudgements } from '../test/support/tiny-judgements.ts';

const { judgements, firstByte } = await tinyJudgements(MAX_MEMORY_BYTES);
assert.deepStrictEqual(judgements, (await tinyJudgements()).judgements);
process.stdout.write(`${judgements.length} judgements, from byte ${firstByte} of ${MAX_MEMORY_BYTES}: the same bits\n`);
