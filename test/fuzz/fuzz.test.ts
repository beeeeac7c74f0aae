import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fuzz } from './fuzz.ts';
import { READERS } from './readers.ts';

/** The short form of `npm run test:fuzz`: a hundredth of its inputs. */
const SEED = 20_261_122;
const SHARE = 1 / 100;

describe('a hostile input is refused in one line that names it, or read for what it is:', { concurrency: 2 }, () => {
  for (const reader of READERS) {
    test(reader.name, async (t) => {
      const { tried, wrong, outcomes, slowestMs } = await fuzz(reader, SEED, Math.ceil(reader.count * SHARE));
      t.diagnostic(`${tried} inputs, seed ${SEED}, slowest ${Math.round(slowestMs)} ms`);
      assert.deepEqual([...wrong], [], `seed ${SEED}: input, and what was wrong`);
      assert.equal(
        [...outcomes.values()].reduce((sum, count) => sum + count, 0),
        tried,
      );
    });
  }
});
